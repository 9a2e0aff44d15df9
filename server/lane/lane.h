// A lane owns its sessions: it alone reads and writes their states, forms the
// batches and runs the engines, so a step takes no lock.
//
// A Lane is the policy: it has no thread, clock or socket. Someone calls it
// with `now` - a thread of lane_thread.h, or a test. Calls come from one thread
// at a time: who works the lane may change between two of them.
//
//   lane.Submit(batch, indices, now);
//   while (lane.Tick(now)) {}      // one batch each
#ifndef RECUR_SERVER_LANE_LANE_H_
#define RECUR_SERVER_LANE_LANE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/network/engine.h"
#include "model/servable/servable.h"
#include "server/lane/answerer.h"
#include "server/lane/commit_queue.h"
#include "server/lane/commit_sink.h"
#include "server/lane/held_results.h"
#include "server/lane/item_batch.h"
#include "server/lane/lane_limits.h"
#include "server/lane/lane_stats.h"
#include "server/lane/session_table.h"
#include "server/lane/step_batcher.h"
#include "server/lane/watermarks.h"
#include "server/lane/whole_sequence.h"

namespace recur {

// Run once, by whoever works the lane.
template <typename T>
using Completion = absl::AnyInvocable<void(absl::StatusOr<T>)>;

class Lane {
 public:
  using Options = LaneLimits;

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
  SessionList List(absl::string_view after, absl::string_view model,
                   size_t limit, TimePoint now) const;

  // A store keeps the sessions from now on; called before there are any.
  // `shared`: other servers may take them over. The calls above know only what
  // is in memory; those below wait for the store where they must.
  void KeepIn(CommitSink* sink, bool shared);

  // As above. What the store says: UNAVAILABLE store_unavailable, model_missing
  // or session_moved, DATA_LOSS bad_snapshot, FAILED_PRECONDITION
  // numerics_changed; RESOURCE_EXHAUSTED queue_full if too many wait already.
  // A session is durable before its opening is answered, and its end before
  // its closing.
  void Open(const OpenRequest& request, TimePoint now,
            Completion<SessionInfo> done);
  // What is in memory may be another server's by now.
  void Get(const std::string& id, TimePoint now, Completion<SessionInfo> done);
  // As Get, for whoever goes on from what he is told: a session that other
  // servers may take over, and even end and begin again, is known to be this
  // one's at `now` or later; one that is not is loaded again. UNAVAILABLE
  // store_unavailable if the store does not say.
  void Attach(const std::string& id, TimePoint now,
              Completion<SessionInfo> done);
  // As Get, for whoever only looks: see Options::max_read_lag. UNAVAILABLE
  // session_moved, or store_unavailable if the store does not say.
  void Look(const std::string& id, TimePoint now, Completion<SessionInfo> done);
  void Close(const std::string& id, TimePoint now, Completion<uint64_t> done);

  // The session as it stands, as a snapshot. ABORTED if it is in the middle of
  // an observation: ask again after the next Tick. Otherwise as Get.
  void Export(const std::string& id, TimePoint now,
              Completion<SessionExport> done);

  // Hands what is to be committed to the sink, a limited number of sessions at
  // a time, and wants another call if there are more.
  void Cut(TimePoint now);
  // What came of it.
  void Committed(absl::Span<const CommitResult> results, TimePoint now);
  // The session, nullopt if the store has none of that id, or why it cannot
  // be loaded.
  void Loaded(const std::string& id,
              absl::StatusOr<std::optional<LoadedSession>> loaded,
              TimePoint now);
  void Created(const std::string& id, absl::StatusOr<CreatedSession> created,
               TimePoint now);
  // Whether all that happened is durable; and what is not (or no store: null).
  bool clean() const;
  const CommitQueue* commits() const;
  // Answers everything that waits for the store with this error.
  void Abandon(const absl::Status& status, TimePoint now);

  // Tells the watcher how far the session is durable, whenever that moves on
  // from the step that it knows.
  void Watch(const SessionPtr& session,
             const std::shared_ptr<DurableWatcher>& watcher, uint32_t handle,
             uint64_t known_step);
  void Unwatch(const SessionPtr& session, const DurableWatcher* watcher,
               uint32_t handle);

  // Takes these items of a sealed batch. Each is answered through the batch's
  // sink, now or in a later Tick. RESOURCE_EXHAUSTED queue_full for items
  // beyond the limit. INTERNAL session_lost when the engine fails in a step:
  // the session is lost, for it must not go on from half a step.
  void Submit(const std::shared_ptr<ItemBatch>& batch,
              absl::Span<const uint32_t> indices, TimePoint now);

  // Takes a checked whole sequence (CheckWholeSequence). RESOURCE_EXHAUSTED
  // queue_full, by items or by bytes; DEADLINE_EXCEEDED deadline_exceeded.
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
  struct Keeping;     // what there is beside when a store keeps the sessions
  using DeliveryId = uint32_t;

  absl::Status CheckQueue(size_t bytes) const;
  absl::StatusOr<ModelId> SlotOf(const std::shared_ptr<const Servable>& model);

  // An item's way: into the line of its session's runs; to the batcher when it
  // is the first; checked and planned when its turn has come; popped when it
  // has its result.
  void SubmitItem(DeliveryId delivery, uint32_t index);
  void Enqueue(DeliveryId delivery, uint32_t index);
  absl::Status FindSession(ItemBatch* batch, uint32_t index) const;
  void QueueFirst(SessionRecord* record);
  bool Start(RunId id, TimePoint now);
  bool RefuseEnded(RunId id);
  bool AnswerAgain(RunId id, TimePoint now);
  void PopFirst(SessionRecord* record);
  void RefuseWaiting(SessionRecord* record, const absl::Status& status);

  RunId AddRun(Run run);
  void ReleaseRun(RunId id);
  Work* TakeWork();

  // Results; the sinks are told at the end of the call.
  DeliveryId TakeDelivery(const std::shared_ptr<ItemBatch>& batch,
                          size_t items);
  void Refuse(DeliveryId delivery, uint32_t index, absl::Status status);
  void SetItemResult(const Run& run, std::shared_ptr<const Answer> answer,
                     TimePoint now);
  void Done(DeliveryId delivery, uint32_t index);
  // Tells all results, or those that need not wait any longer.
  void TellSinks(bool all, TimePoint now);
  void Tell(Receiver* receiver, size_t results);
  void ReleaseDelivery(DeliveryId id);
  std::unique_ptr<Receiver> TakeReceiver();
  void UpdateGauges();

  // With a store (lane_keep.cc): sessions that come and go,
  SessionInfo Info(const SessionPtr& session, TimePoint now) const;
  void ParkItem(absl::string_view id, ItemPlace item);
  void ParkCall(const std::string& id,
                absl::AnyInvocable<void(const absl::Status&, TimePoint)> call,
                TimePoint now);
  void AskFor(absl::string_view id);
  bool Pending(absl::string_view id) const;
  void Resume(const std::string& id, const absl::Status& status, TimePoint now);
  void Supersede(const std::string& id);
  absl::Status Install(const std::string& id,
                       std::optional<LoadedSession> loaded, TimePoint now);
  absl::StatusOr<SessionPtr> Rebuild(const std::string& id,
                                     LoadedSession loaded, TimePoint now);
  absl::Status MakeRoom(size_t bytes, TimePoint now);
  void Spill(size_t bytes, std::chrono::seconds idle, int visits,
             TimePoint now);
  void End(const SessionPtr& session, SnapshotKind kind, TimePoint now);
  void TakeBack(const SessionPtr& session, uint64_t epoch, TimePoint now);
  void HousekeepKept(TimePoint now);
  // and commits (lane_commit.cc).
  void MarkDirty(const SessionPtr& session, TimePoint now);
  void WantCommit(bool urgent);
  bool InObservation(const SessionRecord& session) const;
  bool IsSure(const SessionRecord& session, TimePoint now) const;
  bool OwnedSince(const SessionRecord& session, TimePoint then) const;
  uint64_t DurableOf(const ItemBatch& batch, uint32_t index) const;
  bool Hold(const Run& run, TimePoint now);
  void Confirm(const SessionPtr& session, TimePoint now, HeldResult::Call call);
  void TellHeld(const HeldResult& held, const absl::Status& status);
  void Stored(const CommitResult& result);
  void LetGo(const CommitResult& result, const absl::Status& why);
  void FinishEnding(const SessionPtr& session, const absl::Status& status);
  void GiveUp(const SessionPtr& session, const absl::Status& why);
  void NoteNumerics(const SessionPtr& session, std::string changed_from);

  // Parts of Tick.
  void StepBatch(TimePoint now);
  void PrefetchBatch() const;
  void FillRows(TimePoint now);
  bool DropIfLate(RunId id, TimePoint now);
  void ObserveWaits(TimePoint arrived, TimePoint now, uint64_t runs);
  void AfterRow(RunId id, TimePoint now);
  void AfterObservation(Run* run, TimePoint now);
  void RunBidirectional(TimePoint now);
  void AnswerReady(TimePoint now);
  void AnswerRuns(ModelId slot, absl::Span<const RunId> runs, TimePoint now);
  void Finish(RunId id, std::shared_ptr<const Answer> answer, TimePoint now);
  void FinishWhole(RunId id, absl::StatusOr<Answer> answer);
  void Fail(RunId id, const absl::Status& status);

  Options options_;
  SessionTable table_;
  StepBatcher batcher_;
  Answerer answerer_;
  LaneStats stats_;
  std::unique_ptr<Keeping> keeping_;  // null: sessions live in memory alone

  std::vector<std::unique_ptr<EngineSlot>> slots_;  // by ModelId
  absl::flat_hash_map<const Servable*, ModelId> slot_of_;
  std::vector<Run> runs_;  // by RunId
  std::vector<RunId> free_runs_;
  std::vector<std::unique_ptr<Work>> works_;  // of items that have begun
  std::vector<Work*> free_works_;
  std::deque<RunId> bidirectional_;  // whole sequences that wait
  std::vector<RunId> ready_;         // have all their steps: to be answered
  size_t queued_items_ = 0;
  size_t queued_bytes_ = 0;  // of whole sequences

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
