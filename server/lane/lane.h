// A lane owns its sessions: it alone reads and writes their states, forms the
// batches and runs the engines, so a step takes no lock.
//
// A Lane is the policy: it has no thread, clock or socket. Someone calls it
// with `now` - the loop in lane_thread.h, or a test. All calls come from one
// thread, and the same one that created the workspaces.
//
//   lane.Submit(batch, indices, now);
//   while (lane.Tick(now)) {}      // one batch each
#ifndef RECUR_SERVER_LANE_LANE_H_
#define RECUR_SERVER_LANE_LANE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/network/engine.h"
#include "model/servable/servable.h"
#include "server/lane/item_batch.h"
#include "server/lane/lane_stats.h"
#include "server/lane/session_table.h"
#include "server/lane/step_batcher.h"
#include "server/lane/whole_sequence.h"

namespace recur {

class Lane {
 public:
  struct Options {
    SessionTable::Options sessions;
    int max_batch_rows = 64;
    size_t max_queued_items = 100'000;
  };

  explicit Lane(const Options& options);
  ~Lane();

  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  // Makes a workspace for the model, if there is none. Takes milliseconds; a
  // model is ready when every lane has been prepared.
  absl::Status Prepare(const std::shared_ptr<const Servable>& model);

  absl::StatusOr<SessionInfo> Open(const OpenRequest& request, TimePoint now);
  absl::StatusOr<SessionInfo> Get(absl::string_view id, TimePoint now) const;
  absl::StatusOr<uint64_t> Close(absl::string_view id, TimePoint now);
  std::vector<SessionInfo> List(absl::string_view after,
                                absl::string_view model, size_t limit,
                                TimePoint now) const;

  // Takes these items of a sealed batch. Each is answered through the batch's
  // sink, now or in a later Tick. RESOURCE_EXHAUSTED queue_full for items
  // beyond the limit.
  void Submit(const std::shared_ptr<ItemBatch>& batch,
              absl::Span<const uint32_t> indices, TimePoint now);

  void Submit(WholeSequence sequence, TimePoint now);

  // Steps one batch and answers what it finished. False if nothing was left
  // to do.
  bool Tick(TimePoint now);

  bool idle() const { return batcher_.waiting() == 0; }

  // Ends sessions whose time is over; frees workspaces of models that nobody
  // else holds.
  void Housekeep(TimePoint now);

  const LaneStats& stats() const { return stats_; }

 private:
  struct Run;         // one sequence with steps to take
  struct EngineSlot;  // a model's workspace on this lane

  ModelId SlotOf(const std::shared_ptr<const Servable>& model);
  void StartItem(TableEntry* entry, std::shared_ptr<ItemBatch> batch,
                 uint32_t index, TimePoint now);

  Options options_;
  SessionTable table_;
  StepBatcher batcher_;
  LaneStats stats_;
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_LANE_H_
