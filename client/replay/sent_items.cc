#include "client/replay/sent_items.h"

namespace recur::client {

uint64_t SentItems::Add(const Sent& sent) {
  entries_.push_back({.sent = sent});
  ++waiting_;
  return first_ + entries_.size() - 1;
}

std::optional<SentItems::Sent> SentItems::Answer(uint64_t number) {
  if (number < first_ || number >= first_ + entries_.size()) {
    return std::nullopt;
  }
  Entry& entry = entries_[number - first_];
  if (entry.answered) return std::nullopt;
  entry.answered = true;
  --waiting_;
  const Sent sent = entry.sent;
  while (!entries_.empty() && entries_.front().answered) {
    entries_.pop_front();
    ++first_;
  }
  return sent;
}

}  // namespace recur::client
