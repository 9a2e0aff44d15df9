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

Histogram* ItemStats::SeriesOf(const Servable* model, absl::StatusCode code) {
  const std::string name = model == nullptr ? "" : model->name;
  Histogram*& series = series_[{name, code}];
  if (series == nullptr) {
    series =
        service_->request_stats().Series({.method = "Stream",
                                          .model = service_->ModelLabel(name),
                                          .code = code});
  }
  return series;
}

void ItemStats::Count(const SessionPtr& session, absl::StatusCode code,
                      TimePoint arrived) {
  const Servable* model = session ? session->model.get() : nullptr;
  if (!alike_.empty()) {
    Alike& last = alike_.back();
    if (last.model.get() == model && last.code == code &&
        last.arrived == arrived) {
      ++last.items;
      return;
    }
  }
  alike_.push_back(
      {session ? session->model : nullptr, code, arrived, /*items=*/1});
}

void ItemStats::Flush(TimePoint now) {
  for (const Alike& alike : alike_) {
    const std::chrono::duration<double> took = now - alike.arrived;
    SeriesOf(alike.model.get(), alike.code)->Observe(took.count(), alike.items);
  }
  alike_.clear();
}

void StreamReplies::AddItems(std::shared_ptr<StreamBatch> batch,
                             absl::Span<const uint32_t> places) {
  Items& items = new_items_;
  items.places.insert(items.places.end(), places.begin(), places.end());
  if (!items.groups.empty() && items.groups.back().batch == batch) {
    items.groups.back().end = items.places.size();
  } else {
    items.groups.push_back({std::move(batch), items.places.size()});
  }
}

bool StreamReplies::empty() const {
  return new_attached_.empty() && new_items_.groups.empty() &&
         new_go_away_.empty() && attached_.empty() && !items_left() &&
         go_away_.empty();
}

void StreamReplies::Clear() {
  new_attached_.clear();
  new_items_.Clear();
  new_go_away_.clear();
  attached_.clear();
  items_.Clear();
  next_group_ = next_place_ = 0;
  go_away_.clear();
}

void StreamReplies::TakeOver() {
  std::move(new_attached_.begin(), new_attached_.end(),
            std::back_inserter(attached_));
  new_attached_.clear();
  // What is left of a message that was too long goes first, and the new ones
  // wait for the next time.
  if (!items_left()) {
    items_.Clear();
    next_group_ = next_place_ = 0;
    std::swap(items_, new_items_);
  }
  if (!new_go_away_.empty()) go_away_ = std::exchange(new_go_away_, "");
}

void StreamReplies::TakeGroup(v1::ItemReplies* replies, size_t* bytes,
                              Amount* amount) {
  Group& group = items_.groups[next_group_];
  StreamBatch& batch = *group.batch;
  for (; next_place_ < group.end && *bytes < kMessageBytes; ++next_place_) {
    const uint32_t place = items_.places[next_place_];
    const int errors = replies->errors_size();
    const int answers = replies->answers_size();
    AppendReply(batch, place, replies);
    *bytes += BytesOf(*replies, errors, answers);
    stats_.Count(batch.SessionOf(place), batch.ResultOf(place).status.code(),
                 batch.arrived);
    ++amount->items;
    if (--batch.unwritten == 0) amount->bytes += batch.bytes();
  }
  if (next_place_ < group.end) return;
  if (batch.unwritten == 0) batch.Clear();
  group.batch.reset();
  ++next_group_;
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
    amount.items += kItemsPerAttach;
  }
  // A handle's answer to its attach comes before the replies to its items.
  while (attached_.empty() && items_left() && bytes < kMessageBytes) {
    TakeGroup(response->mutable_replies(), &bytes, &amount);
  }
  stats_.Flush(std::chrono::steady_clock::now());
  return amount;
}

}  // namespace recur
