// Finds sessions that have been idle too long, without touching those that
// have not. Pure: `now` is an argument.
//
// Use does not move a session in the queue: it comes up at the deadline that
// it had when it was queued, and goes back if its present one is later. So the
// cost is O(log n) per session and time to live, not per step. A session knows
// its place (Session::expiry_place), so that it leaves the queue when it ends,
// and must leave it before it is destroyed.
#ifndef RECUR_SERVER_SESSION_EXPIRY_QUEUE_H_
#define RECUR_SERVER_SESSION_EXPIRY_QUEUE_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "server/session/session.h"

namespace recur {

class ExpiryQueue {
 public:
  // The session is not in the queue; it comes up at its deadline.
  void Add(Session* session) { Add(session, session->deadline()); }
  void Add(Session* session, TimePoint deadline);

  // Nothing if it is not in the queue.
  void Remove(Session* session);

  // Removes and returns a session that is due at `now`, or null. Those that
  // were used since they were queued, and go back, are added to `prolonged`, if
  // there is one: each comes up once in its time to live.
  Session* TakeDue(TimePoint now, std::vector<Session*>* prolonged = nullptr);

  // When TakeDue can next return something: no session is due before.
  std::optional<TimePoint> NextDeadline() const;

  size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    TimePoint deadline;
    Session* session;
  };

  void Put(size_t place, Entry entry);
  void SiftUp(size_t place, Entry entry);
  void SiftDown(size_t place, Entry entry);

  std::vector<Entry> heap_;  // binary, earliest first
};

}  // namespace recur

#endif  // RECUR_SERVER_SESSION_EXPIRY_QUEUE_H_
