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

#include <chrono>
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
#include "server/lane/answerer.h"
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
    // While there is more to step, results wait this long at most for the
    // others of their message, so that they go back together: each message on
    // the wire costs as much as many steps.
    std::chrono::microseconds max_result_hold{500};
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
  // The session's applied step, 0 if it was closed before. Items that wait are
  // refused; the one in progress is finished.
  absl::StatusOr<uint64_t> Close(absl::string_view id);
  std::vector<SessionInfo> List(absl::string_view after,
                                absl::string_view model, size_t limit,
                                TimePoint now) const;

  // Takes these items of a sealed batch. Each is answered through the batch's
  // sink, now or in a later Tick. RESOURCE_EXHAUSTED queue_full for items
  // beyond the limit. INTERNAL session_lost when the engine fails in a step:
  // the session is lost, for it must not go on from half a step.
  void Submit(const std::shared_ptr<ItemBatch>& batch,
              absl::Span<const uint32_t> indices, TimePoint now);

  // Takes a checked whole sequence (CheckWholeSequence).
  // RESOURCE_EXHAUSTED queue_full; DEADLINE_EXCEEDED deadline_exceeded.
  void Submit(WholeSequence sequence, TimePoint now);

  // Steps one batch and answers what it finished. False if nothing was left
  // to do.
  bool Tick(TimePoint now);

  // Whether Tick has nothing to do.
  bool idle() const;

  // Whether whole sequences wait, which may be there for long: a thread that
  // works them off lets others on its core have their turn between batches.
  bool has_bulk() const {
    return batcher_.bulk_waiting() > 0 || !bidirectional_.empty();
  }

  // Ends sessions whose time is over; frees the workspaces of models that
  // nobody holds any more. Call about once a second.
  void Housekeep(TimePoint now);

  LaneStats& stats() { return stats_; }
  const LaneStats& stats() const { return stats_; }

 private:
  struct Run;         // one sequence with steps to take
  struct Work;        // what it steps with
  struct Whole;       // what a whole sequence has beside
  struct EngineSlot;  // a model and its workspace on this lane
  struct Delivery;    // a batch of which items are here
  struct Receiver;    // a sink and the results it has not been told
  using DeliveryId = uint32_t;

  absl::StatusOr<ModelId> SlotOf(const std::shared_ptr<const Servable>& model);

  // An item's way: into the line of its session's runs; to the batcher when it
  // is the first; checked and planned when its turn has come; popped when it
  // has its result.
  void SubmitItem(DeliveryId delivery, uint32_t index);
  absl::Status FindSession(ItemBatch* batch, uint32_t index) const;
  void QueueFirst(SessionRecord* record);
  bool Start(RunId id, TimePoint now);
  bool AnswerAgain(RunId id);
  void PopFirst(SessionRecord* record);
  void RefuseWaiting(SessionRecord* record, const absl::Status& status);

  RunId AddRun(Run run);
  void ReleaseRun(RunId id);
  Work* TakeWork();

  // Results; the sinks are told at the end of the call.
  DeliveryId TakeDelivery(const std::shared_ptr<ItemBatch>& batch,
                          size_t items);
  void Refuse(DeliveryId delivery, uint32_t index, absl::Status status);
  void SetItemResult(const Run& run, std::shared_ptr<const Answer> answer);
  void Done(DeliveryId delivery, uint32_t index);
  // Tells all results, or those that need not wait any longer.
  void TellSinks(bool all, TimePoint now);
  void Tell(Receiver* receiver, size_t results);
  void ReleaseDelivery(DeliveryId id);
  std::unique_ptr<Receiver> TakeReceiver();
  void UpdateGauges();

  // Parts of Tick.
  void StepBatch(TimePoint now);
  void PrefetchBatch() const;
  void FillRows(TimePoint now);
  bool DropIfLate(RunId id, TimePoint now);
  void ObserveWaits(TimePoint arrived, TimePoint now, uint64_t runs);
  void AfterRow(RunId id);
  void AfterObservation(Run* run);
  void RunBidirectional(TimePoint now);
  void AnswerReady(TimePoint now);
  void AnswerRuns(ModelId slot, absl::Span<const RunId> runs);
  void Finish(RunId id, std::shared_ptr<const Answer> answer);
  void Fail(RunId id, const absl::Status& status);

  Options options_;
  SessionTable table_;
  StepBatcher batcher_;
  Answerer answerer_;
  LaneStats stats_;

  std::vector<std::unique_ptr<EngineSlot>> slots_;  // by ModelId
  absl::flat_hash_map<const Servable*, ModelId> slot_of_;
  std::vector<Run> runs_;  // by RunId
  std::vector<RunId> free_runs_;
  std::vector<std::unique_ptr<Work>> works_;  // of items that have begun
  std::vector<Work*> free_works_;
  std::deque<RunId> bidirectional_;  // whole sequences that wait
  std::vector<RunId> ready_;         // have all their steps: to be answered
  size_t queued_items_ = 0;

  std::vector<std::unique_ptr<Delivery>> deliveries_;  // by DeliveryId
  std::vector<DeliveryId> free_deliveries_;
  absl::flat_hash_map<const ItemSink*, std::unique_ptr<Receiver>> receivers_;
  std::vector<std::unique_ptr<Receiver>> free_receivers_;
  std::vector<Receiver*> untold_;     // that have results
  std::vector<uint32_t> telling_;     // scratch of one Tell
  std::vector<DeliveryId> finished_;  // likewise

  // Scratch of one Tick.
  std::vector<RunId> batch_;
  std::vector<RunId> answering_;
  std::vector<StepRow> rows_;
  std::vector<AnswerRequest> requests_;
  std::vector<std::shared_ptr<const Answer>> answers_;
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_LANE_H_
