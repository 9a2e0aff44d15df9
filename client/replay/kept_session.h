// What is kept of one session, and what of it goes out on a connection. Pure;
// not thread safe; amortized O(1) per item.
//
// An item is kept until it is answered and acknowledged. An error is answered
// and leaves nothing to acknowledge. An OK is acknowledged
// - on a durable store: once a durable step of the server covers it;
// - with durability none, or if items wait until they are durable: with the
//   answer itself.
//
// On a new connection Resume takes the step that the server goes on from; what
// it has not got, and what is not answered yet, goes out again, in order. The
// answer to an item is given to the caller once, whatever is sent how often.
#ifndef RECUR_CLIENT_REPLAY_KEPT_SESSION_H_
#define RECUR_CLIENT_REPLAY_KEPT_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/replay/item.h"

namespace recur::client {

// Over all sessions that share it.
struct KeptTotals {
  size_t items = 0;
  size_t bytes = 0;
  size_t unanswered = 0;  // of the items
};

class KeptSession {
 public:
  struct Outgoing {
    uint64_t place = 0;          // names the item in the calls below
    const Item* item = nullptr;  // until the next call
    Want want = Want::kAck;      // kAck if the answer is not needed again
  };
  struct Unanswered {
    uint64_t number = 0;
    uint64_t last_step = 0;

    friend bool operator==(const Unanswered&, const Unanswered&) = default;
  };

  // `totals` must outlive the object. `acknowledged_step`: what the caller
  // knows to be safe.
  KeptSession(std::string session_id, std::optional<uint64_t> acknowledged_step,
              bool wait_durable, KeptTotals* totals);
  ~KeptSession();
  KeptSession(const KeptSession&) = delete;
  KeptSession& operator=(const KeptSession&) = delete;

  void Add(Item item);

  // The server goes on from `resume_step`. FAILED_PRECONDITION session_behind
  // if it has applied less than was acknowledged: what it lacks is not kept.
  absl::Status Resume(bool durable, uint64_t resume_step,
                      uint64_t durable_step);

  // What goes out next; nullopt: nothing until Add or Resume.
  std::optional<Outgoing> Next();
  const Item* Peek();  // the item of that, or null

  // The item was answered OK: its number, or nullopt if the caller has its
  // answer already.
  std::optional<uint64_t> Answer(uint64_t place);
  // The same with an error, which ends the item. nullopt: it was answered
  // before. If it is still kept, the error contradicts what was told then.
  std::optional<uint64_t> Refuse(uint64_t place);
  bool Keeps(uint64_t place) const;
  // All up to the step is safe. False if that is no news.
  bool Acknowledge(uint64_t durable_step);

  // Gives everything up: the items without an answer, in order.
  std::vector<Unanswered> TakeUnanswered();

  bool durable() const { return durable_; }
  bool empty() const { return entries_.empty(); }
  const std::string& session_id() const { return session_id_; }
  // The highest step known to be safe, if any is.
  std::optional<uint64_t> acknowledged_step() const { return acknowledged_; }

 private:
  struct Entry {
    Item item;
    bool answered = false;
    bool refused = false;  // answered with an error
  };

  Entry& At(uint64_t place) { return entries_[place - first_]; }
  bool IsSafe(const Entry& entry) const;
  void Release(Entry& entry);
  void Settle();

  const std::string session_id_;
  const bool wait_durable_;
  KeptTotals* totals_;
  std::optional<uint64_t> acknowledged_;
  bool durable_ = false;
  uint64_t resume_step_ = 1;
  uint64_t first_ = 0;   // place of entries_.front()
  uint64_t cursor_ = 0;  // place of what goes out next
  std::deque<Entry> entries_;
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_REPLAY_KEPT_SESSION_H_
