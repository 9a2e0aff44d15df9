#include "client/load/sent_messages.h"

#include <algorithm>
#include <utility>

namespace recur::load {
namespace {

bool Holds(const SentMessages::Message& message, uint64_t item) {
  return item - message.first_item < message.items.size();
}

}  // namespace

void SentMessages::Grow() {
  std::vector<Message> grown(std::max<size_t>(4, ring_.size() * 2));
  for (uint64_t i = begin_; i < end_; ++i) {
    grown[i & (grown.size() - 1)] = std::move(At(i));
  }
  ring_ = std::move(grown);
}

SentMessages::Message* SentMessages::Begin(TimePoint intended) {
  if (end_ - begin_ == ring_.size()) Grow();
  Message& message = At(end_);
  message.intended = intended;
  message.first_item = next_item_;
  message.items.clear();
  return &message;
}

void SentMessages::End() {
  Message& message = At(end_);
  message.unanswered = message.items.size();
  if (message.unanswered == 0) return;
  next_item_ += message.unanswered;
  open_items_ += message.unanswered;
  ++open_;
  ++end_;
}

// Replies come nearly in order: mostly it is the message of the reply before,
// or the one after that.
SentMessages::Message* SentMessages::Find(uint64_t item) {
  last_found_ = std::clamp(last_found_, begin_, end_);
  for (int i = 0; i < 2 && last_found_ + i < end_; ++i) {
    if (!Holds(At(last_found_ + i), item)) continue;
    last_found_ += i;
    return &At(last_found_);
  }
  uint64_t low = begin_;
  uint64_t high = end_;
  while (low < high) {  // the first message that begins beyond the item
    const uint64_t middle = low + (high - low) / 2;
    if (At(middle).first_item <= item) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == begin_ || !Holds(At(low - 1), item)) return nullptr;
  last_found_ = low - 1;
  return &At(last_found_);
}

SentMessages::Answered SentMessages::Answer(uint64_t item) {
  Message* message = Find(item);
  if (message == nullptr) return {};
  Item& found = message->items[item - message->first_item];
  if (found.last_step == 0) return {};
  const Answered answered{found, message};
  found.last_step = 0;
  --open_items_;
  if (--message->unanswered == 0) --open_;
  while (begin_ < end_ && At(begin_).unanswered == 0) ++begin_;
  return answered;
}

}  // namespace recur::load
