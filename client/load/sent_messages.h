// The messages of one stream that are not answered in full, and what was in
// them. Items are numbered from 0 over all messages, as the server numbers
// them in its replies. Pure; memory is kept and used again.
#ifndef RECUR_CLIENT_LOAD_SENT_MESSAGES_H_
#define RECUR_CLIENT_LOAD_SENT_MESSAGES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "client/load/load_clock.h"

namespace recur::load {

class SentMessages {
 public:
  struct Item {
    uint32_t session = 0;
    uint32_t last_step = 0;  // from 1; 0 once it is answered
  };
  struct Message {
    TimePoint intended;  // when it should have left
    uint64_t first_item = 0;
    size_t unanswered = 0;
    std::vector<Item> items;
  };
  struct Answered {
    Item item;
    // Holds until the next Begin; null if there is no such item, or it was
    // answered before.
    const Message* message = nullptr;
  };

  // A message to put items into, until End; one left empty is forgotten.
  Message* Begin(TimePoint intended);
  void End();

  // Finds the item and marks it answered.
  Answered Answer(uint64_t item);

  // Messages that are not answered in full, and their unanswered items.
  size_t open() const { return open_; }
  uint64_t open_items() const { return open_items_; }

 private:
  Message& At(uint64_t number) { return ring_[number & (ring_.size() - 1)]; }
  Message* Find(uint64_t item);
  void Grow();

  std::vector<Message> ring_;  // its size is a power of two
  // Messages are numbered; these are kept, those before are answered.
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
  uint64_t last_found_ = 0;
  uint64_t next_item_ = 0;
  size_t open_ = 0;
  uint64_t open_items_ = 0;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_SENT_MESSAGES_H_
