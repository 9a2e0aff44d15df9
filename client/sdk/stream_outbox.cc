#include "client/sdk/stream_outbox.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/sdk/message_conversion.h"
#include "model/spec/error_reason.h"

namespace recur::client {
namespace {

// What a server takes of each in one message.
constexpr int kMaxAttaches = 4'096;
constexpr int kMaxItems = 65'536;
// Of one as a varint, at most.
constexpr size_t kTimeBytes = 10;

// Columns that say the same for every item are left out or reduced to one.
void Compress(v1::Items* items) {
  const auto& steps = items->steps();
  if (std::all_of(steps.begin(), steps.end(),
                  [](uint32_t n) { return n == 1; })) {
    items->clear_steps();
  }
  const auto& want = items->want();
  if (want.empty()) return;
  const int first = want.Get(0);
  if (!std::all_of(want.begin(), want.end(),
                   [first](int w) { return w == first; })) {
    return;
  }
  items->clear_want();
  if (first != v1::WANT_ACK) items->add_want(static_cast<v1::Want>(first));
}

bool SameKnown(const v1::ForecastOptions& options,
               absl::Span<const double> known) {
  return std::equal(options.known().begin(), options.known().end(),
                    known.begin(), known.end());
}

}  // namespace

StreamOutbox::StreamOutbox(const Stream::Options& options)
    : options_(options) {}

absl::Status StreamOutbox::CheckSize(const StreamItem& item) const {
  const size_t known =
      item.known.empty() ? options_.forecast.known.size() : item.known.size();
  const size_t value_bytes = options_.float32 ? sizeof(float) : sizeof(double);
  const size_t bytes = item.values.size() * value_bytes +
                       item.times_us.size() * kTimeBytes +
                       known * sizeof(double);
  if (bytes <= options_.max_item_bytes) return absl::OkStatus();
  return ErrorWithReason(
      absl::StatusCode::kInvalidArgument, "item_too_large",
      absl::StrCat("item has ", bytes, " bytes; the limit is ",
                   options_.max_item_bytes, ": send fewer steps in one"));
}

v1::StreamRequest& StreamOutbox::Fresh() {
  v1::StreamRequest& message = messages_.emplace_back();
  ToMessage(options_.forecast, message.mutable_forecast());
  message.set_top_k(options_.top_k);
  message.set_wait_durable(options_.wait_durable);
  return message;
}

void StreamOutbox::Attach(uint32_t handle, const std::string& session_id,
                          std::optional<uint64_t> acknowledged_step) {
  // A message's attaches are served before its items: a new handle may join
  // a message that has items already.
  const bool joins =
      !messages_.empty() && messages_.back().attach_size() < kMaxAttaches;
  v1::StreamRequest& message = joins ? messages_.back() : Fresh();
  v1::Attach* attach = message.add_attach();
  attach->set_handle(handle);
  attach->set_session_id(session_id);
  if (acknowledged_step.has_value()) {
    attach->set_acknowledged_step(*acknowledged_step);
  }
}

void StreamOutbox::Detach(uint32_t handle) {
  // Detaches come before the items of their message: these must not overtake
  // items, or the attach, of the same handle.
  const bool joins = !messages_.empty() && !messages_.back().has_items() &&
                     messages_.back().attach().empty();
  (joins ? messages_.back() : Fresh()).add_detach(handle);
}

bool StreamOutbox::Fits(const v1::StreamRequest& message,
                        const StreamItem& item) const {
  if (!message.has_items()) return true;
  const v1::Items& items = message.items();
  if (items.handle_size() >= kMaxItems) return false;
  const size_t values = items.values_size() + items.values_f64_size();
  if (values + item.values.size() > options_.max_message_values) return false;
  if (items.time_us().empty() != item.times_us.empty()) return false;
  return SameKnown(message.forecast(),
                   item.known.empty() ? options_.forecast.known : item.known);
}

v1::StreamRequest& StreamOutbox::MessageFor(const StreamItem& item) {
  const bool joins = !messages_.empty() && Fits(messages_.back(), item);
  v1::StreamRequest& message = joins ? messages_.back() : Fresh();
  if (!message.has_items() && !item.known.empty()) {
    message.mutable_forecast()->mutable_known()->Assign(item.known.begin(),
                                                        item.known.end());
  }
  return message;
}

void StreamOutbox::Add(const StreamItem& item) {
  v1::Items* items = MessageFor(item).mutable_items();
  items->add_handle(item.handle);
  items->add_first_step(item.first_step);
  items->add_steps(item.steps);
  items->add_want(ToMessage(item.want));
  if (options_.float32) {
    for (double value : item.values) {
      items->add_values(static_cast<float>(value));
    }
  } else {
    items->mutable_values_f64()->Add(item.values.begin(), item.values.end());
  }
  items->mutable_time_us()->Add(item.times_us.begin(), item.times_us.end());
}

void StreamOutbox::Add(const Replay::Outgoing& outgoing) {
  switch (outgoing.kind) {
    case Replay::Outgoing::Kind::kAttach:
      Attach(outgoing.handle, *outgoing.session_id, outgoing.acknowledged_step);
      break;
    case Replay::Outgoing::Kind::kDetach:
      Detach(outgoing.handle);
      break;
    case Replay::Outgoing::Kind::kItem:
      Add(StreamItem{.handle = outgoing.handle,
                     .first_step = outgoing.item->first_step,
                     .steps = outgoing.item->steps,
                     .values = outgoing.item->values,
                     .times_us = outgoing.item->times_us,
                     .want = outgoing.want,
                     .known = outgoing.item->known});
      break;
  }
}

std::optional<v1::StreamRequest> StreamOutbox::Take() {
  if (messages_.empty()) return std::nullopt;
  v1::StreamRequest message = std::move(messages_.front());
  messages_.pop_front();
  if (message.has_items()) Compress(message.mutable_items());
  return message;
}

}  // namespace recur::client
