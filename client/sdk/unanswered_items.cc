#include "client/sdk/unanswered_items.h"

#include <cstddef>

namespace recur::client {

uint64_t UnansweredItems::Add(uint32_t handle, uint64_t last_step) {
  entries_.push_back({.handle = handle, .last_step = last_step});
  return next_number() - 1;
}

bool UnansweredItems::Answer(uint64_t number) {
  if (number < first_ || number >= next_number()) return false;
  Entry& entry = entries_[number - first_];
  if (entry.answered) return false;
  entry.answered = true;
  while (!entries_.empty() && entries_.front().answered) {
    entries_.pop_front();
    ++first_;
  }
  return true;
}

std::vector<UnansweredItems::Item> UnansweredItems::TakeAll() {
  std::vector<Item> items;
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.answered) continue;
    items.push_back({first_ + i, entry.handle, entry.last_step});
  }
  first_ += entries_.size();
  entries_.clear();
  return items;
}

}  // namespace recur::client
