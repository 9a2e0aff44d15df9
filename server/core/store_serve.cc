// StoreDriver: sessions that are asked for.

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/core/stopwatch.h"
#include "server/core/store_driver.h"

namespace recur {
namespace {

constexpr size_t kMaxCreates = 1024;  // in one call of the store
constexpr size_t kMaxJobs = 64;       // that wait
constexpr char kFailed[] = "it failed a moment ago";

}  // namespace

bool StoreDriver::Serve(TimePoint now) {
  std::vector<CreateJob> creates;
  std::optional<LoadJob> load;
  absl::AnyInvocable<void(TimePoint)> job;
  {
    const std::lock_guard lock(mutex_);
    while (!creates_.empty() && creates.size() < kMaxCreates) {
      creates.push_back(std::move(creates_.front()));
      creates_.pop_front();
    }
    if (creates.empty() && !loads_.empty()) {
      load = std::move(loads_.front());
      loads_.pop_front();
    } else if (creates.empty() && !jobs_.empty() && !in_job_) {
      job = std::move(jobs_.front());
      jobs_.pop_front();
      in_job_ = true;
    }
  }
  if (!creates.empty()) {
    Create(std::move(creates), now);
    return true;
  }
  if (load.has_value()) {
    Load(*load, now);
    return true;
  }
  if (!job) return false;
  job(now);
  const std::lock_guard lock(mutex_);
  in_job_ = false;
  if (!jobs_.empty()) serve_wanted_.notify_one();
  return true;
}

absl::Status StoreDriver::Ask(absl::AnyInvocable<void(TimePoint)> job) {
  const std::lock_guard lock(mutex_);
  if (jobs_.size() >= kMaxJobs) {
    return ErrorWithReason(
        absl::StatusCode::kResourceExhausted, "queue_full",
        absl::StrFormat("%d lists wait for the session store, which is its "
                        "limit",
                        kMaxJobs));
  }
  jobs_.push_back(std::move(job));
  serve_wanted_.notify_one();
  return absl::OkStatus();
}

template <typename Read>
auto StoreDriver::ReadWith(const Read& read, TimePoint now)
    -> decltype(read()) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return StoreUnavailable("the server is about to leave");
    if (!loads_breaker_.Allows(now)) return StoreUnavailable(kFailed);
  }
  auto result = read();
  if (!result.ok()) result = FromStore(result.status());
  Note(!StoreFailed(result.status()), &loads_breaker_, now);
  return result;
}

absl::StatusOr<std::vector<std::string>> StoreDriver::ScanRows(
    absl::string_view after, size_t limit, TimePoint now) {
  return ReadWith([&] { return store_->Scan(after, limit); }, now);
}

absl::StatusOr<std::optional<StoredSession>> StoreDriver::ReadRow(
    absl::string_view id, TimePoint now) {
  auto row = ReadWith(
      [&] {
        const Stopwatch watch(&stats_.load_seconds);
        return store_->Load(id, SessionStore::Access::kRead);
      },
      now);
  CountLoad(row.status(), row.ok() && row->has_value());
  return row;
}

void StoreDriver::CountLoad(const absl::Status& status, bool found) {
  if (!status.ok()) {
    stats_.loads_failed.Add();
  } else if (found) {
    stats_.loads_found.Add();
  } else {
    stats_.loads_absent.Add();
  }
}

absl::StatusOr<std::optional<LoadedSession>> StoreDriver::LoadSession(
    const std::string& id, TimePoint now) {
  const Stopwatch watch(&stats_.load_seconds);
  // Whoever has it is not disturbed for one that cannot go on here, or has
  // ended.
  auto there = LoadRow(id, SessionStore::Access::kRead, now);
  if (!there.ok() || !there->has_value() ||
      (*there)->snapshot.kind != SnapshotKind::kLive) {
    return there;
  }
  return LoadRow(id, SessionStore::Access::kClaim, now);
}

absl::StatusOr<std::optional<LoadedSession>> StoreDriver::LoadRow(
    const std::string& id, SessionStore::Access access, TimePoint now) {
  auto row = store_->Load(id, access);
  if (!row.ok()) return FromStore(row.status());
  if (!row->has_value()) return std::nullopt;
  auto snapshot = ParseSnapshot((*row)->snapshot);
  if (!snapshot.ok()) return FromStore(snapshot.status());
  return models_.Resolve(*std::move(snapshot), (*row)->epoch, now);
}

void StoreDriver::Load(const LoadJob& job, TimePoint now) {
  absl::StatusOr<std::optional<LoadedSession>> loaded =
      StoreUnavailable(kFailed);
  if (Allows(loads_breaker_, now)) {
    loaded = LoadSession(job.id, now);
    Note(!StoreFailed(loaded.status()), &loads_breaker_, now);
  }
  CountLoad(loaded.status(), loaded.ok() && loaded->has_value());
  lanes_->Post(job.lane, [id = job.id, loaded = std::move(loaded)](
                             Lane& lane, TimePoint at) mutable {
    lane.Loaded(id, std::move(loaded), at);
  });
}

void StoreDriver::Create(std::vector<CreateJob> jobs, TimePoint now) {
  std::vector<absl::StatusOr<CreatedSession>> made(jobs.size(),
                                                   StoreUnavailable(kFailed));
  if (Allows(creates_breaker_, now)) {
    std::vector<SessionCreate> requests;
    for (CreateJob& job : jobs) requests.push_back(std::move(job.create));
    made = maker_.Make(requests, now);
    for (size_t i = 0; i < jobs.size(); ++i) {
      jobs[i].create.id = requests[i].id;
    }
    const auto failed = [](const auto& of) { return StoreFailed(of.status()); };
    Note(std::none_of(made.begin(), made.end(), failed), &creates_breaker_,
         now);
  }
  for (size_t i = 0; i < jobs.size(); ++i) {
    lanes_->Post(jobs[i].lane,
                 [id = jobs[i].create.id, created = std::move(made[i])](
                     Lane& lane, TimePoint at) mutable {
                   lane.Created(id, std::move(created), at);
                 });
  }
}

}  // namespace recur
