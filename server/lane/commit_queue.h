// Which of a lane's sessions have something that the store has not, the oldest
// change first. At most one commit of a session is in flight; what changes
// meanwhile waits for its result. Pure. Marking costs a branch for a session
// that waits already, and allocates nothing in the long run.
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
    waiting_.push_back({session, now});
  }

  // Takes up to `limit` of those that have no commit in flight and that
  // `may_take` says yes to. They are in flight from then on.
  template <typename MayTake>
  std::vector<Entry> Take(size_t limit, TimePoint now, const MayTake& may_take);

  // The commit of a session that was taken then has its result. If it was not
  // stored, the session waits again.
  void Settle(const SessionPtr& session, bool stored, TimePoint taken_at,
              TimePoint now);

  // When the oldest change was that waits or is in flight; TimePoint::max() if
  // there is none. One that was not stored counts from its result on, so:
  TimePoint unsettled_since() const;
  // When something was not stored for the last time.
  TimePoint refused_at() const { return refused_at_; }

  size_t waiting() const { return waiting_.size(); }
  size_t in_flight() const { return in_flight_; }

 private:
  struct Flight {
    TimePoint taken_at;
    TimePoint since;  // the oldest change in it
    size_t left = 0;  // sessions without a result
  };

  std::vector<Entry> waiting_;
  std::vector<Flight> flights_;  // few
  size_t in_flight_ = 0;
  TimePoint refused_at_;
};

template <typename MayTake>
std::vector<CommitQueue::Entry> CommitQueue::Take(size_t limit, TimePoint now,
                                                  const MayTake& may_take) {
  std::vector<Entry> taken;
  size_t kept = 0;
  for (Entry& entry : waiting_) {
    SessionRecord& session = *entry.session;
    if (session.moved) {
      session.dirty = false;
    } else if (taken.size() < limit && !session.in_flight &&
               may_take(session)) {
      session.dirty = false;
      session.in_flight = true;
      taken.push_back(std::move(entry));
    } else {
      // A swap, for an entry may be where it is to go.
      std::swap(waiting_[kept++], entry);
    }
  }
  waiting_.resize(kept);
  in_flight_ += taken.size();
  if (!taken.empty()) {
    flights_.push_back({now, taken.front().since, taken.size()});
  }
  return taken;
}

inline void CommitQueue::Settle(const SessionPtr& session, bool stored,
                                TimePoint taken_at, TimePoint now) {
  session->in_flight = false;
  --in_flight_;
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
  if (!waiting_.empty()) since = waiting_.front().since;
  for (const Flight& flight : flights_) since = std::min(since, flight.since);
  return since;
}

}  // namespace recur

#endif  // RECUR_SERVER_LANE_COMMIT_QUEUE_H_
