// Lane: what becomes durable, and what waits for it.

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/lane/keeping.h"
#include "server/lane/lane.h"
#include "server/lane/run.h"
#include "server/lane/session_image.h"

namespace recur {
namespace {

// Of one cut: the steps wait while it is made, about a millisecond, and the
// store takes it as one. A session that is larger goes alone.
constexpr size_t kMaxCutSessions = 1024;
constexpr size_t kMaxCutBytes = size_t{4} << 20;

// For the store to say whether a session that is read is still here.
constexpr std::chrono::seconds kReadPatience{1};

absl::Status NotDurableYet() {
  return ErrorWithReason(
      absl::StatusCode::kDeadlineExceeded, "not_durable_yet",
      "the deadline passed before the steps were durable; they are applied");
}

absl::Status NotSure() {
  return ErrorWithReason(
      absl::StatusCode::kUnavailable, "store_unavailable",
      "the session store does not say whether the session is still here");
}

absl::Status Damaged(absl::string_view id) {
  return ErrorWithReason(
      absl::StatusCode::kDataLoss, "bad_snapshot",
      absl::StrFormat("what the store has of session \"%s\" cannot be read",
                      id));
}

}  // namespace

void Lane::KeepIn(CommitSink* sink, bool shared) {
  keeping_ = std::make_unique<Keeping>(sink, shared, options_.max_parked);
}

void Lane::Watch(const SessionPtr& session,
                 const std::shared_ptr<DurableWatcher>& watcher,
                 uint32_t handle, uint64_t known_step) {
  if (session->ended) return;
  keeping_->watermarks.Watch(session.get(), watcher, handle);
  if (session->durable_step <= known_step) return;
  const Watermark missed{handle, session->durable_step};
  watcher->BecameDurable({&missed, 1});
}

void Lane::Unwatch(const SessionPtr& session, const DurableWatcher* watcher,
                   uint32_t handle) {
  keeping_->watermarks.Unwatch(session.get(), watcher, handle);
}

bool Lane::clean() const {
  return keeping_ == nullptr || keeping_->commits.sessions() == 0;
}

const CommitQueue* Lane::commits() const {
  return keeping_ == nullptr ? nullptr : &keeping_->commits;
}

void Lane::WantCommit(bool urgent) {
  Keeping& keep = *keeping_;
  if (keep.asked_urgently || (keep.asked && !urgent)) return;
  keep.asked = true;
  keep.asked_urgently = urgent;
  keep.sink->WantCommit(urgent);
}

void Lane::MarkDirty(const SessionPtr& session, TimePoint now) {
  keeping_->commits.Mark(session, now);
  WantCommit(/*urgent=*/false);
}

// A snapshot is of the state between two observations.
bool Lane::InObservation(const SessionRecord& session) const {
  if (!session.running()) return false;
  const Run& run = runs_[session.first_run];
  return run.row < run.rows;
}

void Lane::Cut(TimePoint now) {
  Keeping& keep = *keeping_;
  keep.asked = keep.asked_urgently = false;
  const int64_t now_us = keep.sink->WallTimeUs(now);
  CommitBatch batch;
  batch.snapshots.reserve(keep.cut_bytes);
  size_t bytes = 0;
  bool full = false;
  const auto choose = [&](const SessionRecord& session) {
    using Choice = CommitQueue::Choice;
    if (session.ended ? session.running() : InObservation(session)) {
      return Choice::kLeave;
    }
    full = bytes > 0 && bytes + session.bytes() > kMaxCutBytes;
    if (full) return Choice::kStop;
    bytes += session.bytes();
    return Choice::kTake;
  };
  for (auto& entry : keep.commits.Take(kMaxCutSessions, now, choose)) {
    SessionRecord& record = *entry.session;
    const int64_t used_us =
        now_us - std::chrono::duration_cast<std::chrono::microseconds>(
                     now - record.session.last_used)
                     .count();
    const bool live = record.kind == SnapshotKind::kLive;
    SessionCommit commit{.kind = record.kind,
                         .epoch = record.epoch,
                         .step = record.session.applied_step + (live ? 0 : 1),
                         .keep_until_us = KeepUntilUs(record, used_us, now_us),
                         .dirty_since = entry.since,
                         .cut_at = now,
                         .begin = batch.snapshots.size()};
    AppendSession(record, used_us, &batch.snapshots);
    record.UseGoesToStore();
    commit.bytes = batch.snapshots.size() - commit.begin;
    commit.session = std::move(entry.session);
    batch.sessions.push_back(std::move(commit));
  }
  keep.cut_bytes = batch.snapshots.size();
  if (keep.commits.waiting() > 0) {
    WantCommit(/*urgent=*/full || batch.sessions.size() == kMaxCutSessions);
  }
  if (!batch.sessions.empty()) keep.sink->Commit(std::move(batch));
}

void Lane::Committed(absl::Span<const CommitResult> results, TimePoint now) {
  Keeping& keep = *keeping_;
  for (const CommitResult& result : results) {
    const bool stored = result.verdict != CommitVerdict::kNotStored;
    keep.commits.Settle(result.session, stored, result.cut_at, now);
    if (result.verdict == CommitVerdict::kStored) Stored(result);
    if (result.verdict == CommitVerdict::kMoved) {
      LetGo(result, SessionMoved(result.session->session.id));
    } else if (result.verdict == CommitVerdict::kDamaged) {
      LetGo(result, Damaged(result.session->session.id));
    }
  }
  if (keep.commits.waiting() > 0) {
    WantCommit(/*urgent=*/keep.held.size() > 0 || !keep.endings.empty());
  }
  keep.watermarks.Tell();
  TellSinks(idle(), now);
  UpdateGauges();
}

void Lane::Stored(const CommitResult& result) {
  SessionRecord& record = *result.session;
  record.owned_at = std::max(record.owned_at, result.cut_at);
  const bool live = result.kind == SnapshotKind::kLive;
  const uint64_t step = live ? result.step : record.session.applied_step;
  if (record.moved) return;
  if (step > record.durable_step) {
    record.durable_step = step;
    keeping_->watermarks.Advance(&record);
  }
  for (const HeldResult& held :
       keeping_->held.Release(&record, step, record.owned_at)) {
    TellHeld(held, absl::OkStatus());
  }
  if (!live) FinishEnding(result.session, absl::OkStatus());
}

void Lane::LetGo(const CommitResult& result, const absl::Status& why) {
  const SessionPtr& session = result.session;
  // One that is about to be stored as ended will hear of it then.
  if (result.kind == SnapshotKind::kLive) {
    if (!session->ended) GiveUp(session, why);
    return;
  }
  // That it has ended is true of the one that was here alone.
  session->moved = true;
  table_.Forget(session->session.id);
  for (const HeldResult& held : keeping_->held.TakeAll(session.get())) {
    TellHeld(held, why);
  }
  FinishEnding(session, why);
}

// A session that is no longer in the table is stored as ended.
void Lane::End(const SessionPtr& session, SnapshotKind kind, TimePoint now) {
  session->kind = kind;
  keeping_->Forget(session.get());
  keeping_->endings[std::string(session->session.id)].session = session;
  MarkDirty(session, now);
  if (kind == SnapshotKind::kClosed) WantCommit(/*urgent=*/true);
}

void Lane::FinishEnding(const SessionPtr& session, const absl::Status& status) {
  Keeping& keep = *keeping_;
  const auto found = keep.endings.find(session->session.id);
  if (found == keep.endings.end() || found->second.session != session) return;
  auto closers = std::move(found->second.closers);
  keep.endings.erase(found);
  keep.closers -= closers.size();
  for (auto& done : closers) {
    if (status.ok()) {
      done(session->session.applied_step);
    } else {
      done(status);
    }
  }
  AskFor(session->session.id);
}

// Whoever has it now goes on from what is durable; what is only here is not
// lost, for nobody was told that it was safe.
void Lane::GiveUp(const SessionPtr& session, const absl::Status& why) {
  session->moved = true;
  keeping_->Forget(session.get());
  table_.Remove(session.get());
  stats_.sessions_moved.Add();
  RefuseWaiting(session.get(), why);
  // Last, for who is told may ask for it again.
  for (const HeldResult& held : keeping_->held.TakeAll(session.get())) {
    TellHeld(held, why);
  }
}

bool Lane::IsSure(const SessionRecord& session, TimePoint now) const {
  return OwnedSince(session, now - options_.max_read_lag);
}

// A session of this id may have ended elsewhere before `then`, and another one
// begun, unless it is known to be this server's since.
bool Lane::OwnedSince(const SessionRecord& session, TimePoint then) const {
  return keeping_ == nullptr || !keeping_->shared || session.owned_at >= then;
}

// What the caller is told to be safe. Who has attached the session knows that
// it is the one he means; an item with steps that names it by its id does not.
uint64_t Lane::DurableOf(const ItemBatch& batch, uint32_t index) const {
  const Item& item = batch.items[index];
  if (item.session->moved) return 0;
  const bool attached = item.session_id.empty() || item.steps == 0;
  return attached || OwnedSince(*item.session, batch.arrived)
             ? item.session->durable_step
             : 0;
}

void Lane::Look(const std::string& id, TimePoint now,
                Completion<SessionInfo> done) {
  Get(id, now,
      [this, now,
       done = std::move(done)](absl::StatusOr<SessionInfo> info) mutable {
        if (!info.ok() || IsSure(*info->record, now)) {
          return done(std::move(info));
        }
        Confirm(info->record, now,
                [this, session = info->record, now,
                 done = std::move(done)](const absl::Status& status) mutable {
                  if (!status.ok()) return done(status);
                  if (session->ended) {
                    return done(table_.NotFound(session->session.id));
                  }
                  done(Info(session, now));
                });
      });
}

// Calls once the next commit has said that the session is still here, or with
// why that is not known, or is not asked: too many wait for it.
void Lane::Confirm(const SessionPtr& session, TimePoint now,
                   HeldResult::Call call) {
  if (keeping_->held.calls() >= options_.max_parked) {
    return call(QueueFull(keeping_->held.calls()));
  }
  HeldResult held{.owned_at = now, .deadline = now + kReadPatience};
  held.call = std::make_shared<HeldResult::Call>(std::move(call));
  keeping_->held.Hold(session.get(), std::move(held));
  MarkDirty(session, now);
  WantCommit(/*urgent=*/true);
}

// Whether the item's result has to wait until its steps are durable, or for
// one before it that does; that of a read, and of an item that was applied
// before, until the next commit has said that the session is still here.
bool Lane::Hold(const Run& run, TimePoint now) {
  const ItemBatch& batch = *run.batch;
  HeldResult held{.place = {run.delivery, run.index},
                  .sink = batch.sink.get(),
                  .deadline = batch.deadline};
  if (run.is_read()) {
    if (IsSure(*run.record, now)) return false;
    held.owned_at = now;
    const TimePoint latest = now + kReadPatience;
    held.deadline = std::min(batch.deadline.value_or(latest), latest);
    MarkDirty(run.item().session, now);
  } else {
    const bool must = batch.wait_durable || !run.item().first_step.has_value();
    if (must) held.until = run.last_step();
    // If other steps were applied here than there, nothing else would tell.
    if (run.observations == 0 && !OwnedSince(*run.record, now)) {
      held.owned_at = now;
      MarkDirty(run.item().session, now);
    } else if (held.until <= run.record->durable_step &&
               !keeping_->held.MustFollow(run.record, held.sink)) {
      return false;
    }
  }
  keeping_->held.Hold(run.record, std::move(held));
  WantCommit(/*urgent=*/true);
  return true;
}

void Lane::TellHeld(const HeldResult& held, const absl::Status& status) {
  if (held.call != nullptr) return (*held.call)(status);
  ItemBatch& batch = *deliveries_[held.place.delivery]->batch;
  ItemResult& result = batch.results[held.place.index];
  result.durable_step = DurableOf(batch, held.place.index);
  if (!status.ok()) {
    result.status = status;
    result.answer = nullptr;
  }
  Done(held.place.delivery, held.place.index);
}

void Lane::HousekeepKept(TimePoint now) {
  std::vector<SessionPtr> expired;
  std::vector<SessionPtr> prolonged;
  stats_.sessions_expired.Add(table_.Expire(now, &expired, &prolonged));
  for (const SessionPtr& session : expired) {
    End(session, SnapshotKind::kExpired, now);
  }
  // The store would forget a session that is only read.
  for (const SessionPtr& session : prolonged) MarkDirty(session, now);
  for (const HeldResult& late : keeping_->held.TakeLate(now)) {
    TellHeld(late, late.owned_at.has_value() ? NotSure() : NotDurableYet());
  }
  TellSinks(idle(), now);
  const size_t full = static_cast<size_t>(
      options_.spill_share * static_cast<double>(options_.sessions.max_bytes));
  constexpr int kVisits = 20'000;
  if (table_.bytes() > full) {
    Spill(table_.bytes() - full, std::chrono::seconds(1), kVisits, now);
  }
  if (options_.spill_after.count() > 0) {
    Spill(table_.bytes(), options_.spill_after, kVisits, now);
  }
}

}  // namespace recur
