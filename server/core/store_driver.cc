#include "server/core/store_driver.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "server/core/stopwatch.h"
#include "server/store/wall_clock.h"

namespace recur {
namespace {

constexpr std::chrono::seconds kLongest{1};  // between two passes
constexpr size_t kMaxSilent = 2;             // rows, of one pass

uint64_t SystemRandom() {
  uint64_t bits = 0;
  // Epochs tell owners apart: there is no safe way to go on without.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&bits), sizeof(bits)) != 1) {
    std::abort();
  }
  return bits;
}

int64_t SystemTimeAt(TimePoint at) {
  const auto ago = std::chrono::steady_clock::now() - at;
  return SystemTimeUs() -
         std::chrono::duration_cast<std::chrono::microseconds>(ago).count();
}

StoreDriver::Options WithDefaults(StoreDriver::Options options) {
  if (!options.wall_time_us) options.wall_time_us = SystemTimeAt;
  if (!options.random) options.random = SystemRandom;
  return options;
}

}  // namespace

// What one lane sees.
class StoreDriver::LaneSink : public CommitSink {
 public:
  LaneSink(StoreDriver* driver, int lane) : driver_(driver), lane_(lane) {}

  void WantCommit(bool urgent) override { driver_->WantCommit(lane_, urgent); }
  void Commit(CommitBatch batch) override {
    const std::lock_guard lock(driver_->mutex_);
    driver_->handed_.push_back({lane_, std::move(batch)});
  }
  void Load(std::string id) override {
    const std::lock_guard lock(driver_->mutex_);
    driver_->loads_.push_back({lane_, std::move(id)});
    driver_->serve_wanted_.notify_one();
  }
  void Create(SessionCreate create) override {
    const std::lock_guard lock(driver_->mutex_);
    driver_->creates_.push_back({lane_, std::move(create)});
    driver_->serve_wanted_.notify_one();
  }
  int64_t WallTimeUs(TimePoint now) const override {
    return driver_->options_.wall_time_us(now);
  }

 private:
  StoreDriver* const driver_;
  const int lane_;
};

// A lane that is asked to cut. It has answered when this goes, also when a
// lane that has stopped drops it.
class StoreDriver::CutPart {
 public:
  explicit CutPart(StoreDriver* driver) : driver_(driver) {}
  CutPart(CutPart&& other) noexcept
      : driver_(std::exchange(other.driver_, nullptr)) {}
  ~CutPart() {
    if (driver_ == nullptr) return;
    const std::lock_guard lock(driver_->mutex_);
    if (--driver_->cutting_ > 0) return;
    driver_->poked_ = true;
    driver_->commit_wanted_.notify_one();
  }

 private:
  StoreDriver* driver_;
};

StoreDriver::StoreDriver(const Options& options, SessionStore* store,
                         Repository* repository, LaneHost* lanes)
    : options_(WithDefaults(options)),
      store_(store),
      lanes_(lanes),
      models_(repository, options.strict_numerics),
      maker_(store, &models_, options_.random),
      cadence_(options.commit_interval),
      commits_breaker_(options.breaker),
      creates_breaker_(options.breaker),
      loads_breaker_(options.breaker),
      wants_(lanes->lane_count()) {
  const bool shared = store->durability() == Durability::kShared;
  for (int i = 0; i < lanes->lane_count(); ++i) {
    sinks_.push_back(std::make_unique<LaneSink>(this, i));
    lanes->Post(
        i, [sink = sinks_.back().get(), shared](Lane& lane, TimePoint /*now*/) {
          lane.KeepIn(sink, shared);
        });
  }
}

StoreDriver::~StoreDriver() = default;

void StoreDriver::WantCommit(int lane, bool urgent) {
  const std::lock_guard lock(mutex_);
  wants_[lane] = true;
  cadence_.Want(urgent);
  poked_ = true;
  commit_wanted_.notify_one();
}

void StoreDriver::WantAll() {
  const std::lock_guard lock(mutex_);
  wants_.assign(wants_.size(), true);
  cadence_.Want(/*urgent=*/true);
  poked_ = true;
  commit_wanted_.notify_one();
}

bool StoreDriver::Allows(const Breaker& breaker, TimePoint now) {
  const std::lock_guard lock(mutex_);
  return breaker.Allows(now);
}

void StoreDriver::Note(bool ok, Breaker* breaker, TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (ok) {
    breaker->Succeeded();
  } else {
    const bool before = breaker->Allows(now);
    const double jitter =
        static_cast<double>(options_.random() >> 11) / 9007199254740992.0;
    breaker->Failed(now, jitter);
    if (before && !breaker->Allows(now)) stats_.breaker_opened.Add();
  }
}

TimePoint StoreDriver::CommitPass(TimePoint now) {
  pass_began_ = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(mutex_);
    poked_ = false;
  }
  if (Allows(commits_breaker_, now)) {
    SettleSome(now);
    CutLanes(now);
  }
  CommitHanded(now);
  const std::lock_guard lock(mutex_);
  TimePoint next = now + kLongest;
  if (const auto due = cadence_.Due(); due.has_value() && cutting_ == 0) {
    next = std::min(next, *due);
  }
  for (const Unsettled& of : unsettled_) {
    next = std::min(next, std::max(now, of.read_at));
  }
  if (!commits_breaker_.Allows(now)) next = commits_breaker_.retry_at();
  stats_.breaker_state.Set(static_cast<int64_t>(commits_breaker_.StateAt(now)));
  return next;
}

void StoreDriver::CutLanes(TimePoint now) {
  std::vector<int> asked;
  {
    const std::lock_guard lock(mutex_);
    const auto due = cadence_.Due();
    if (cutting_ > 0 || !handed_.empty() || !due.has_value() || *due > now) {
      return;
    }
    cadence_.Begin(now);
    for (size_t i = 0; i < wants_.size(); ++i) {
      if (wants_[i]) asked.push_back(static_cast<int>(i));
    }
    wants_.assign(wants_.size(), false);
    cutting_ = static_cast<int>(asked.size());
  }
  for (const int lane : asked) {
    lanes_->Post(lane, [part = CutPart(this)](Lane& owner, TimePoint at) {
      owner.Cut(at);
    });
  }
}

void StoreDriver::CommitHanded(TimePoint now) {
  std::vector<Handed> handed;
  {
    const std::lock_guard lock(mutex_);
    if (cutting_ > 0) return;
    handed.swap(handed_);
  }
  if (handed.empty()) return;
  std::vector<CommitRow> rows;
  for (const Handed& from : handed) {
    for (const SessionCommit& commit : from.batch.sessions) {
      rows.push_back({.id = commit.session->session.id,
                      .epoch = commit.epoch,
                      .step = commit.step,
                      .keep_until_us = commit.keep_until_us,
                      .snapshot = from.batch.SnapshotOf(commit)});
    }
  }
  const std::vector<CommitOutcome> outcomes = CommitRows(rows, now);
  Results results(lanes_->lane_count());
  size_t next = 0;
  for (Handed& from : handed) {
    for (SessionCommit& commit : from.batch.sessions) {
      const CommitRow& row = rows[next];
      const CommitOutcome outcome = outcomes[next++];
      Unsettled of{.lane = from.lane, .commit = std::move(commit)};
      if (outcome == CommitOutcome::kCommitted) {
        Conclude(std::move(of), CommitVerdict::kStored, &results, now);
      } else if (outcome == CommitOutcome::kFenced) {
        Conclude(std::move(of), CommitVerdict::kMoved, &results, now);
      } else {
        of.written = {row.epoch, row.step, SnapshotDigest(row.snapshot)};
        unsettled_.push_back(std::move(of));
      }
    }
  }
  Report(std::move(results));
}

std::vector<CommitOutcome> StoreDriver::CommitRows(
    absl::Span<const CommitRow> rows, TimePoint now) {
  std::vector<CommitOutcome> outcomes;
  {
    const Stopwatch watch(&stats_.commit_seconds);
    outcomes = store_->Commit(rows);
  }
  stats_.commits.Add();
  // One damaged row says nothing of the store.
  bool known = false;
  for (const CommitOutcome outcome : outcomes) {
    CountOutcome(outcome);
    known |= outcome != CommitOutcome::kUnknown;
  }
  Note(known, &commits_breaker_, now);
  return outcomes;
}

void StoreDriver::CountOutcome(CommitOutcome outcome) {
  switch (outcome) {
    case CommitOutcome::kCommitted:
      return stats_.rows_committed.Add();
    case CommitOutcome::kFenced:
      return stats_.rows_fenced.Add();
    case CommitOutcome::kStale:
      return stats_.rows_stale.Add();
    case CommitOutcome::kUnknown:
      return stats_.rows_unknown.Add();
  }
}

// One row of which nothing is heard does not hold up the others: it goes to the
// end of the line. A few of them, and the pass ends, for each may take its
// time.
void StoreDriver::SettleSome(TimePoint now) {
  Results results(lanes_->lane_count());
  std::vector<Unsettled> silent;
  bool heard = false;
  for (size_t left = unsettled_.size(); left > 0 && silent.size() < kMaxSilent;
       --left) {
    Unsettled of = std::move(unsettled_.front());
    unsettled_.pop_front();
    if (of.read_at > now) {
      unsettled_.push_back(std::move(of));
      continue;
    }
    auto row = store_->Load(of.commit.session->session.id,
                            SessionStore::Access::kRead);
    if (StoreFailed(FromStore(row.status()))) {
      silent.push_back(std::move(of));
      continue;
    }
    heard = true;
    // Written anew, a damaged row would fail every commit from now on.
    const CommitVerdict verdict =
        row.ok() ? Settle(of.written, *row) : CommitVerdict::kDamaged;
    Conclude(std::move(of), verdict, &results, now);
  }
  // That it can be read does not mean that it takes commits.
  if (!silent.empty() && !heard) Note(false, &commits_breaker_, now);
  for (Unsettled& of : silent) {
    // Else it is up to the breaker.
    if (heard) of.read_at = now + options_.commit_interval;
    unsettled_.push_back(std::move(of));
  }
  Report(std::move(results));
}

void StoreDriver::Conclude(Unsettled of, CommitVerdict verdict,
                           Results* results, TimePoint now) {
  SessionCommit& commit = of.commit;
  if (verdict == CommitVerdict::kStored) {
    const auto in_pass = std::chrono::steady_clock::now() - pass_began_;
    const std::chrono::duration<double> lag =
        std::max(now - commit.dirty_since, TimePoint::duration{0}) + in_pass;
    stats_.durable_lag_seconds.Observe(lag.count());
  }
  (*results)[of.lane].push_back({.session = std::move(commit.session),
                                 .kind = commit.kind,
                                 .step = commit.step,
                                 .verdict = verdict,
                                 .cut_at = commit.cut_at});
}

void StoreDriver::Report(Results results) {
  for (size_t lane = 0; lane < results.size(); ++lane) {
    if (results[lane].empty()) continue;
    lanes_->Post(static_cast<int>(lane), [of_lane = std::move(results[lane])](
                                             Lane& owner, TimePoint at) {
      owner.Committed(of_lane, at);
    });
  }
}

void StoreDriver::AwaitCommit(TimePoint until) {
  std::unique_lock lock(mutex_);
  commit_wanted_.wait_until(lock, until, [&] { return poked_ || stopped_; });
}

void StoreDriver::AwaitServe() {
  std::unique_lock lock(mutex_);
  serve_wanted_.wait(lock, [&] {
    return !loads_.empty() || !creates_.empty() || !jobs_.empty() || stopped_;
  });
}

void StoreDriver::Stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  commit_wanted_.notify_all();
  serve_wanted_.notify_all();
}

}  // namespace recur
