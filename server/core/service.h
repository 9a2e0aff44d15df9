// The whole service as plain calls with completions: no gRPC, no threads of
// its own. It routes sessions to lanes, spreads whole sequences over them, and
// guards the limits. server/rpc is a thin face on it, and a unit test drives
// it through a LaneHost of its own with a fake clock.
//
// Calls may come from any thread. Completions run once each, on a lane's
// thread or on the caller's before the call returns, who so holds no lock that
// they want; they must be quick.
// Those of calls that come when the lanes have stopped are destroyed unrun.
// Statuses carry a reason (model/spec/error_reason.h).
#ifndef RECUR_SERVER_CORE_SERVICE_H_
#define RECUR_SERVER_CORE_SERVICE_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "model/servable/servable.h"
#include "model/spec/answer.h"
#include "server/core/request_stats.h"
#include "server/core/session_names.h"
#include "server/core/store_driver.h"
#include "server/lane/item_batch.h"
#include "server/lane/lane_thread.h"
#include "server/lane/session_table.h"
#include "server/repository/repository.h"

namespace recur {

template <typename T>
using Done = Completion<T>;

// A sequence as it comes in: values [steps, columns], times empty, one per
// step, or start_us alone.
struct RawSequence {
  std::vector<double> values;
  std::vector<int64_t> times_us;
  std::optional<int64_t> start_us;
};

struct ClassifyCall {
  std::string model;
  std::optional<int64_t> version;
  std::vector<std::string> texts;  // one of the two
  std::vector<RawSequence> sequences;
  std::optional<TimePoint> deadline;
};

struct ClassifyResult {
  std::shared_ptr<const Servable> model;
  std::vector<Classification> answers;  // in the call's order
};

struct ForecastCall {
  std::string model;
  std::optional<int64_t> version;
  RawSequence context;
  std::vector<double> known;  // [horizon, known inputs], or empty
  int horizon = 0;            // 0: the model's; beyond it: extrapolated
  std::optional<TimePoint> deadline;
};

struct SessionForecastCall {
  std::string session_id;
  uint64_t min_step = 0;
  std::vector<double> known;
  int horizon = 0;  // as above
  std::optional<TimePoint> deadline;
};

struct ForecastResult {
  std::shared_ptr<const Servable> model;
  Forecast forecast;
  uint64_t applied_step = 0;  // with a session
  uint64_t durable_step = 0;
};

struct OpenCall {
  std::string model;
  std::optional<int64_t> version;
  std::string session_id;  // empty: made here
  std::string request_id;
  std::chrono::seconds idle_ttl{0};  // 0: the default
  std::optional<int64_t> start_us;
};

struct ForkCall {
  std::string session_id;
  std::string new_session_id;  // empty: made here
  std::string request_id;
  uint64_t min_step = 0;
};

struct ImportCall {
  std::string session_id;  // empty: made here
  std::string request_id;
  std::string snapshot;
};

struct SessionPage {
  std::vector<SessionInfo> sessions;
  std::string next;  // `after` of the next page; empty: the last
};

class Service {
 public:
  struct Options {
    std::chrono::seconds default_idle_ttl = std::chrono::hours(24);
    std::chrono::seconds max_idle_ttl = std::chrono::hours(24 * 365);
    // Of one text or sequence, with the intervals its times leave out.
    int max_sequence_steps = 100'000;
    int max_sequences_per_call = 1024;
    int max_steps_per_item = 10'000;
    bool strict_numerics = false;  // refuse imports with others
    uint32_t boot_tag = 0;  // names this run, or its store, in session ids
    SessionNames::Key names_key = SessionNames::RandomKey();
  };

  // All must outlive the service. Without `store` sessions live in the lanes'
  // memory alone.
  Service(const Options& options, const Repository* repository, LaneHost* lanes,
          StoreDriver* store = nullptr);

  void Classify(ClassifyCall call, Done<ClassifyResult> done);
  void ForecastContext(ForecastCall call, Done<ForecastResult> done);
  void ForecastSession(SessionForecastCall call, Done<ForecastResult> done);

  void OpenSession(OpenCall call, Done<SessionInfo> done);
  void GetSession(std::string id, Done<SessionInfo> done);
  // For whoever goes on from there: see Lane::Attach.
  void AttachSession(std::string id, Done<SessionInfo> done);
  // For whoever is told what it says: see Lane::Look.
  void LookAtSession(std::string id, Done<SessionInfo> done);
  void CloseSession(std::string id, Done<uint64_t> done);
  // A session's copy under another id, a session as bytes, and back.
  // FAILED_PRECONDITION session_behind, numerics_changed; DATA_LOSS
  // bad_snapshot; UNAVAILABLE model_missing unless the very model is served;
  // what OpenSession says.
  void ForkSession(ForkCall call, Done<SessionInfo> done);
  void ExportSession(std::string id, Done<SessionExport> done);
  void ImportSession(ImportCall call, Done<SessionInfo> done);
  // Sessions by id after `after`, of one model or (empty) all; limit is brought
  // into 1 to 10,000. Costs the sessions it passes, those of other models too,
  // of which there is a limit (SessionTable::List): a page may be short, or
  // empty, and not the last. With a store it reads the rows of those that are
  // not in memory, and is completed on a thread of the store's.
  // RESOURCE_EXHAUSTED queue_full if too many wait for that.
  void ListSessions(std::string model, std::string after, size_t limit,
                    Done<SessionPage> done);

  // Tells the watcher how far the session is durable, as that moves on from
  // the step that it knows; does nothing without a store.
  void Watch(const SessionPtr& session,
             const std::shared_ptr<DurableWatcher>& watcher, uint32_t handle,
             uint64_t known_step);
  void Unwatch(const SessionPtr& session,
               const std::shared_ptr<DurableWatcher>& watcher, uint32_t handle);

  // Sends the items of a sealed batch to their lanes. Every item is answered
  // through the batch's sink, also those refused here.
  void Submit(const std::shared_ptr<ItemBatch>& batch);

  // Refuses all that waits for the store, with UNAVAILABLE draining: the server
  // is about to end, and the store does not answer.
  void AbandonWaiting();

  // From now on new sessions and whole sequences are refused with UNAVAILABLE
  // draining; steps of open sessions go on.
  void BeginDrain() { draining_.store(true); }
  bool draining() const { return draining_.load(); }

  // Makes every lane ready for a model; blocks until they are. Not from a
  // lane's task or a completion. UNAVAILABLE draining if the lanes have
  // stopped.
  absl::Status Warm(const std::shared_ptr<const Servable>& model);

  // What sessions survive.
  Durability durability() const {
    return store_ == nullptr ? Durability::kNone : store_->durability();
  }
  // null without a store.
  const StoreDriver* store() const { return store_; }

  int max_steps_per_item() const { return options_.max_steps_per_item; }

  const Repository& repository() const { return *repository_; }
  const LaneHost& lanes() const { return *lanes_; }
  RequestStats& request_stats() { return request_stats_; }
  // The model's name as a label of metrics: "unknown" if it is not known.
  std::string ModelLabel(const std::string& model) const;

 private:
  int LaneOf(absl::string_view session_id) const;
  int NextLane();
  absl::StatusOr<std::shared_ptr<const Servable>> FindModel(
      const std::string& name, std::optional<int64_t> version) const;
  absl::StatusOr<OpenRequest> CheckOpen(const OpenCall& call) const;
  absl::StatusOr<WholeSequence> ToWhole(
      const std::shared_ptr<const Servable>& model, RawSequence sequence) const;
  absl::StatusOr<std::vector<WholeSequence>> ToWholes(
      const std::shared_ptr<const Servable>& model, ClassifyCall call) const;
  absl::StatusOr<WholeSequence> ToWhole(
      const std::shared_ptr<const Servable>& model,
      const std::string& text) const;
  absl::Status CheckClassify(const Servable& model,
                             const ClassifyCall& call) const;
  // On a copy of the session's state.
  void ExtrapolateSession(SessionForecastCall call, Done<ForecastResult> done);
  void Extrapolate(const ItemBatch& read, SessionForecastCall call,
                   Done<ForecastResult> done);
  absl::Status CheckItem(const Item& item) const;
  // model: the session's, or null to look for it.
  absl::StatusOr<OpenRequest> ToOpen(absl::string_view snapshot,
                                     std::shared_ptr<const Servable> model,
                                     std::string session_id,
                                     std::string request_id) const;
  static absl::Status Draining();
  absl::Status CheckRequestId(const std::string& request_id) const;
  void Open(OpenRequest request, Done<SessionInfo> done);
  void SubmitWhole(WholeSequence whole);
  void SubmitByLane(const std::shared_ptr<ItemBatch>& batch);
  void SubmitTo(int lane, size_t items, LaneTask task);
  static void RefuseAll(const std::shared_ptr<ItemBatch>& batch,
                        const absl::Status& status);

  Options options_;
  const Repository* repository_;
  LaneHost* lanes_;
  StoreDriver* store_;
  SessionNames names_;
  RequestStats request_stats_;
  std::atomic<bool> draining_{false};
  std::atomic<uint64_t> next_lane_{0};
};

}  // namespace recur

#endif  // RECUR_SERVER_CORE_SERVICE_H_
