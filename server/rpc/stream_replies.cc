#include "server/rpc/stream_replies.h"

#include <chrono>
#include <utility>

#include "model/spec/error_reason.h"

namespace recur {
namespace {

// What an item's columns take, without errors and answers.
constexpr size_t kColumnBytes = 24;

size_t BytesOf(const v1::ItemReplies& replies, int errors, int answers) {
  size_t bytes = kColumnBytes;
  if (replies.errors_size() > errors) {
    bytes += replies.errors(errors).ByteSizeLong();
  }
  if (replies.answers_size() > answers) {
    bytes += replies.answers(answers).ByteSizeLong();
  }
  return bytes;
}

}  // namespace

void ItemStats::Count(const ItemResult& result, TimePoint arrived,
                      TimePoint now) {
  Histogram*& series = series_[Key{result.model, result.status.code()}];
  if (series == nullptr) {
    const std::string name = result.model == nullptr ? "" : result.model->name;
    series =
        service_->request_stats().Series({.method = "Stream",
                                          .model = service_->ModelLabel(name),
                                          .code = result.status.code()});
  }
  series->Observe(std::chrono::duration<double>(now - arrived).count());
}

bool StreamReplies::empty() const {
  return new_attached_.empty() && new_items_.empty() && new_go_away_.empty() &&
         attached_.empty() && items_.empty() && go_away_.empty();
}

void StreamReplies::Clear() {
  new_attached_.clear();
  new_items_.clear();
  new_go_away_.clear();
  attached_.clear();
  items_.clear();
  go_away_.clear();
}

void StreamReplies::TakeOver() {
  std::move(new_attached_.begin(), new_attached_.end(),
            std::back_inserter(attached_));
  std::move(new_items_.begin(), new_items_.end(), std::back_inserter(items_));
  new_attached_.clear();
  new_items_.clear();
  if (!new_go_away_.empty()) go_away_ = std::exchange(new_go_away_, "");
}

StreamReplies::Amount StreamReplies::Take(v1::StreamResponse* response) {
  response->Clear();
  Amount amount;
  size_t bytes = 0;
  if (!go_away_.empty()) {
    response->mutable_go_away()->set_reason(std::exchange(go_away_, ""));
  }
  while (!attached_.empty() && bytes < kMessageBytes) {
    bytes += attached_.front().ByteSizeLong();
    *response->add_attached() = std::move(attached_.front());
    attached_.pop_front();
    ++amount.items;
  }
  // A handle's answer to its attach comes before the replies to its items.
  const TimePoint now = std::chrono::steady_clock::now();
  while (attached_.empty() && !items_.empty() && bytes < kMessageBytes) {
    const Ready ready = std::move(items_.front());
    items_.pop_front();
    v1::ItemReplies* replies = response->mutable_replies();
    const int errors = replies->errors_size();
    const int answers = replies->answers_size();
    AppendReply(*ready.batch, ready.place, replies);
    bytes += BytesOf(*replies, errors, answers);
    stats_.Count(ready.batch->ResultOf(ready.place), ready.batch->arrived, now);
    ++amount.items;
    if (--ready.batch->unwritten == 0) amount.bytes += ready.batch->bytes();
  }
  return amount;
}

}  // namespace recur
