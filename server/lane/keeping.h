// What a lane has beside when a store keeps its sessions. Internal to
// server/lane.
#ifndef RECUR_SERVER_LANE_KEEPING_H_
#define RECUR_SERVER_LANE_KEEPING_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/lane/commit_queue.h"
#include "server/lane/commit_sink.h"
#include "server/lane/held_results.h"
#include "server/lane/lane.h"
#include "server/lane/parked_calls.h"
#include "server/lane/watermarks.h"

namespace recur {

struct Lane::Keeping {
  // A session that is being made in the store.
  struct Opening {
    SessionPtr session;
    std::string numerics_changed_from;
    TimePoint asked_at;
    Completion<SessionInfo> done;
  };
  // A session that has ended, as long as the store does not know.
  struct Ending {
    SessionPtr session;
    std::vector<Completion<uint64_t>> closers;
  };

  Keeping(CommitSink* its_sink, bool is_shared, size_t max_parked)
      : sink(its_sink), shared(is_shared), parked(max_parked) {}

  // Nothing more is said of a session that leaves the table.
  void Forget(const SessionRecord* session) {
    watermarks.Forget(session);
    numerics_changed_from.erase(session);
  }

  void UpdateGauges(LaneStats* stats) const {
    stats->sessions_dirty.Set(static_cast<int64_t>(commits.sessions()));
    stats->items_parked.Set(static_cast<int64_t>(parked.size()));
    stats->items_held.Set(static_cast<int64_t>(held.size()));
  }

  CommitSink* const sink;
  const bool shared;
  CommitQueue commits;
  bool asked = false;  // for a cut, and that at once
  bool asked_urgently = false;
  size_t cut_bytes = 0;  // of the last cut; the next one is about as large
  HeldResults held;
  ParkedCalls parked;
  Watermarks watermarks;
  absl::flat_hash_map<std::string, Opening> openings;
  absl::flat_hash_map<std::string, Ending> endings;
  size_t closers = 0;  // of all of these
  absl::flat_hash_map<const SessionRecord*, std::string> numerics_changed_from;
  std::string spill_hand;  // the session looked at last
};

// RESOURCE_EXHAUSTED queue_full.
absl::Status QueueFull(size_t queued);

}  // namespace recur

#endif  // RECUR_SERVER_LANE_KEEPING_H_
