// The items that went out on one connection and wait for an answer there: the
// server counts them from 0, and what is answered that was not sent, or twice,
// is noticed. Answers may come in any order. Pure; not thread safe; amortized
// O(1).
#ifndef RECUR_CLIENT_REPLAY_SENT_ITEMS_H_
#define RECUR_CLIENT_REPLAY_SENT_ITEMS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace recur::client {

class SentItems {
 public:
  struct Sent {
    uint32_t handle = 0;
    uint32_t attempt = 0;  // of its session on this connection
    uint32_t steps = 1;
    uint64_t place = 0;  // in its session's kept items

    friend bool operator==(const Sent&, const Sent&) = default;
  };

  // The item's number on the connection.
  uint64_t Add(const Sent& sent);

  // nullopt if the item was never added or is answered already.
  std::optional<Sent> Answer(uint64_t number);

  bool empty() const { return waiting_ == 0; }
  size_t waiting() const { return waiting_; }

 private:
  struct Entry {
    Sent sent;
    bool answered = false;
  };

  uint64_t first_ = 0;  // number of entries_.front()
  std::deque<Entry> entries_;
  size_t waiting_ = 0;
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_REPLAY_SENT_ITEMS_H_
