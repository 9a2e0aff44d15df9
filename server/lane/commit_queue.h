// Which of a lane's sessions have something that the store has not, the oldest
// change first. At most one commit of a session is in flight; what changes
// meanwhile waits for its result. Pure. Marking costs a branch for a session
// that waits already, and allocates nothing in the long run. Taking costs the
// sessions that are looked at, not all that wait.
#ifndef RECUR_SERVER_LANE_COMMIT_QUEUE_H_
#define RECUR_SERVER_LANE_COMMIT_QUEUE_H_

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "server/lane/session_record.h"

namespace recur {

class CommitQueue {
 public:
  struct Entry {
    SessionPtr session;
    TimePoint since;  // its oldest change that is not stored
  };

  // The session has changed. One that was given up is not stored any more.
  void Mark(const SessionPtr& session, TimePoint now) {
    if (session->dirty || session->moved) return;
    session->dirty = true;
    if (session->in_flight) ++waiting_in_flight_;
    waiting_.push_back({session, now});
  }

  enum class Choice { kTake, kLeave, kStop };

  // Takes up to `limit` of those that have no commit in flight and that
  // `choose`, called with a SessionRecord, says to take. They are in flight
  // from then on. From kStop on no more are looked at.
  template <typename Choose>
  std::vector<Entry> Take(size_t limit, TimePoint now, const Choose& choose);

  // The commit of a session that was taken then has its result. If it was not
  // stored, the session waits again.
  void Settle(const SessionPtr& session, bool stored, TimePoint taken_at,
              TimePoint now);

  // When the oldest change was that waits or is in flight; TimePoint::max() if
  // there is none. One that was not stored counts from its result on, so:
  TimePoint unsettled_since() const;
  // When something was not stored for the last time.
  TimePoint refused_at() const { return refused_at_; }

  size_t waiting() const { return waiting_.size() - first_; }
  size_t in_flight() const { return in_flight_; }
  // Those that wait or are in flight, or both, as one each.
  size_t sessions() const {
    return waiting() + in_flight_ - waiting_in_flight_;
  }

 private:
  struct Flight {
    TimePoint taken_at;
    TimePoint since;  // the oldest change in it
    size_t left = 0;  // sessions without a result
  };

  void DropFront(size_t count);

  std::vector<Entry> waiting_;   // from first_ on; empty before it
  size_t first_ = 0;             // before the middle
  std::vector<Flight> flights_;  // few
  size_t in_flight_ = 0;
  size_t waiting_in_flight_ = 0;  // sessions that are both
  TimePoint refused_at_;
};

template <typename Choose>
std::vector<CommitQueue::Entry> CommitQueue::Take(size_t limit, TimePoint now,
                                                  const Choose& choose) {
  std::vector<Entry> taken;
  size_t next = first_;
  size_t kept = first_;
  for (; next < waiting_.size() && taken.size() < limit; ++next) {
    Entry& entry = waiting_[next];
    SessionRecord& session = *entry.session;
    Choice choice = Choice::kLeave;
    if (!session.moved && !session.in_flight) choice = choose(session);
    if (choice == Choice::kStop) break;
    if (session.moved) {
      session.dirty = false;
      if (session.in_flight) --waiting_in_flight_;
      entry = Entry();
    } else if (choice == Choice::kTake) {
      session.dirty = false;
      session.in_flight = true;
      taken.push_back(std::move(entry));
    } else {
      // A swap, for an entry may be where it is to go.
      std::swap(waiting_[kept++], entry);
    }
  }
  // Those that were left, few, close up to those that were not looked at.
  if (kept < next) {
    std::move_backward(waiting_.begin() + first_, waiting_.begin() + kept,
                       waiting_.begin() + next);
    DropFront(next - kept);
  }
  in_flight_ += taken.size();
  if (!taken.empty()) {
    flights_.push_back({now, taken.front().since, taken.size()});
  }
  return taken;
}

inline void CommitQueue::DropFront(size_t count) {
  first_ += count;
  if (2 * first_ < waiting_.size()) return;
  waiting_.erase(waiting_.begin(), waiting_.begin() + first_);
  first_ = 0;
}

inline void CommitQueue::Settle(const SessionPtr& session, bool stored,
                                TimePoint taken_at, TimePoint now) {
  session->in_flight = false;
  --in_flight_;
  if (session->dirty) --waiting_in_flight_;
  const auto flight = std::find_if(
      flights_.begin(), flights_.end(),
      [&](const Flight& of) { return of.taken_at == taken_at && of.left > 0; });
  if (flight != flights_.end() && --flight->left == 0) flights_.erase(flight);
  if (stored) return;
  refused_at_ = now;
  Mark(session, now);
}

inline TimePoint CommitQueue::unsettled_since() const {
  TimePoint since = TimePoint::max();
  if (waiting() > 0) since = waiting_[first_].since;
  for (const Flight& flight : flights_) since = std::min(since, flight.since);
  return since;
}

}  // namespace recur

#endif  // RECUR_SERVER_LANE_COMMIT_QUEUE_H_
