// The items of a stream that wait for an answer: what makes "answered exactly
// once" checkable. Items are numbered from 0 in the order they are added;
// answers may come in any order. Pure; not thread safe; amortized O(1).
#ifndef RECUR_CLIENT_SDK_UNANSWERED_ITEMS_H_
#define RECUR_CLIENT_SDK_UNANSWERED_ITEMS_H_

#include <cstdint>
#include <deque>
#include <vector>

namespace recur::client {

class UnansweredItems {
 public:
  struct Item {
    uint64_t number = 0;
    uint32_t handle = 0;
    uint64_t last_step = 0;

    friend bool operator==(const Item&, const Item&) = default;
  };

  // Returns the item's number.
  uint64_t Add(uint32_t handle, uint64_t last_step);

  // False if the item was never added or is answered already.
  bool Answer(uint64_t number);

  // All that is left, by number; nothing is left afterwards.
  std::vector<Item> TakeAll();

  uint64_t next_number() const { return first_ + entries_.size(); }

 private:
  struct Entry {
    uint32_t handle = 0;
    bool answered = false;
    uint64_t last_step = 0;
  };

  uint64_t first_ = 0;  // number of entries_.front()
  std::deque<Entry> entries_;
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_UNANSWERED_ITEMS_H_
