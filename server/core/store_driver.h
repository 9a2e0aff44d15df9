// Between the lanes and a store: asks the lanes for what is to be committed,
// when it is time, commits it for all lanes at once, and loads and begins
// sessions. What is not known to be stored is read back before anybody is told.
// While the store fails it is left alone for growing pauses; the lanes keep on
// stepping, and what they keep is stored once it is back.
//
// It has no thread and no clock: StoreThreads drives it, or a test.
// CommitPass comes from one thread at a time, Serve from any number beside it.
#ifndef RECUR_SERVER_CORE_STORE_DRIVER_H_
#define RECUR_SERVER_CORE_STORE_DRIVER_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/types/span.h"
#include "server/core/breaker.h"
#include "server/core/commit_cadence.h"
#include "server/core/model_finder.h"
#include "server/core/session_maker.h"
#include "server/core/settle.h"
#include "server/core/store_stats.h"
#include "server/lane/commit_sink.h"
#include "server/lane/lane_thread.h"
#include "server/repository/repository.h"
#include "server/store/session_store.h"

namespace recur {

class StoreDriver {
 public:
  struct Options {
    std::chrono::milliseconds commit_interval{50};
    // Refuse sessions that were computed with other numerics.
    bool strict_numerics = false;
    Breaker::Options breaker;
    // Microseconds since the epoch at a moment; left out: the system's clock.
    std::function<int64_t(TimePoint)> wall_time_us;
    // 64 random bits, from any thread; left out: the system's.
    std::function<uint64_t()> random;
  };

  // All must outlive it. From now on the lanes keep their sessions in the
  // store, so there must be none yet.
  StoreDriver(const Options& options, SessionStore* store,
              Repository* repository, LaneHost* lanes);
  ~StoreDriver();

  // Does what is due, and says when to call again at the latest.
  TimePoint CommitPass(TimePoint now);

  // Loads or begins some of the sessions that are asked for; false if none is.
  bool Serve(TimePoint now);

  // Runs it in a Serve, one after the other, so that jobs that read many rows
  // leave the other threads to who asks for a session. RESOURCE_EXHAUSTED
  // queue_full, and destroys the job unrun, if too many wait.
  absl::Status Ask(absl::AnyInvocable<void(TimePoint now)> job);

  // For such a job: what the store has. UNAVAILABLE store_unavailable also, at
  // once, while it is left alone and once the driver stops.
  absl::StatusOr<std::vector<std::string>> ScanRows(absl::string_view after,
                                                    size_t limit,
                                                    TimePoint now);
  absl::StatusOr<std::optional<StoredSession>> ReadRow(absl::string_view id,
                                                       TimePoint now);

  // For the threads: until there may be something to do, at the latest `until`.
  // Serving has no time of its own.
  void AwaitCommit(TimePoint until);
  void AwaitServe();
  // Wakes both for good.
  void Stop();

  // Everything that has happened is to be committed at once.
  void WantAll();

  Durability durability() const { return store_->durability(); }
  const StoreStats& stats() const { return stats_; }
  int64_t WallTimeUs(TimePoint now) const { return options_.wall_time_us(now); }

 private:
  class LaneSink;
  class CutPart;
  // A commit that has no outcome.
  struct Unsettled {
    int lane = 0;
    SessionCommit commit;
    WrittenRow written;
    TimePoint read_at{};  // not to be read back before
  };
  struct Handed {
    int lane = 0;
    CommitBatch batch;
  };
  struct LoadJob {
    int lane = 0;
    std::string id;
  };
  struct CreateJob {
    int lane = 0;
    SessionCreate create;
  };
  using Results = std::vector<std::vector<CommitResult>>;  // by lane

  void WantCommit(int lane, bool urgent);
  void CutLanes(TimePoint now);
  void CommitHanded(TimePoint now);
  std::vector<CommitOutcome> CommitRows(absl::Span<const CommitRow> rows,
                                        TimePoint now);
  void CountOutcome(CommitOutcome outcome);
  void SettleSome(TimePoint now);
  void Conclude(Unsettled commit, CommitVerdict verdict, Results* results,
                TimePoint now);
  void Report(Results results);
  void Load(const LoadJob& job, TimePoint now);
  void Create(std::vector<CreateJob> jobs, TimePoint now);
  absl::StatusOr<std::optional<LoadedSession>> LoadSession(
      const std::string& id, TimePoint now);
  absl::StatusOr<std::optional<LoadedSession>> LoadRow(
      const std::string& id, SessionStore::Access access, TimePoint now);
  template <typename Read>
  auto ReadWith(const Read& read, TimePoint now) -> decltype(read());
  void CountLoad(const absl::Status& status, bool found);
  bool Allows(const Breaker& breaker, TimePoint now);
  void Note(bool ok, Breaker* breaker, TimePoint now);

  const Options options_;
  SessionStore* const store_;
  LaneHost* const lanes_;
  ModelFinder models_;
  SessionMaker maker_;
  StoreStats stats_;
  std::vector<std::unique_ptr<LaneSink>> sinks_;
  // The commit loop's:
  std::deque<Unsettled> unsettled_;
  TimePoint pass_began_;  // on the system's clock, to measure by

  std::mutex mutex_;
  // Under mutex_:
  std::condition_variable commit_wanted_;
  std::condition_variable serve_wanted_;
  bool poked_ = false;  // the commit loop has something to look at
  bool stopped_ = false;
  CommitCadence cadence_;
  // Apart, for a store that is full can still be read, and take what it has.
  Breaker commits_breaker_;
  Breaker creates_breaker_;
  Breaker loads_breaker_;
  std::vector<bool> wants_;  // lanes that have something
  int cutting_ = 0;          // lanes that are asked and have not answered
  std::vector<Handed> handed_;
  std::deque<LoadJob> loads_;
  std::deque<CreateJob> creates_;
  std::deque<absl::AnyInvocable<void(TimePoint)>> jobs_;
  bool in_job_ = false;
};

}  // namespace recur

#endif  // RECUR_SERVER_CORE_STORE_DRIVER_H_
