#include "server/core/session_maker.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/core/settle.h"
#include "server/session/ended_sessions.h"

namespace recur {
namespace {

// Epochs stay well below 2^53, so that a store may count in doubles, and have
// room to be raised.
constexpr uint64_t kEpochMask = (uint64_t{1} << 48) - 1;

absl::Status Exists(absl::string_view id) {
  return ErrorWithReason(absl::StatusCode::kAlreadyExists, "session_exists",
                         absl::StrFormat("session \"%s\" is open already", id));
}

absl::Status Ended(absl::string_view id, const Snapshot& snapshot) {
  const EndedSession ended{.reason = ReasonOfEnd(snapshot.kind),
                           .applied_step = snapshot.applied_step};
  return SessionNotFound(id, &ended);
}

CommitRow RowOf(const SessionCreate& request, uint64_t epoch, bool create) {
  return {.id = request.id,
          .epoch = epoch,
          .step = request.step,
          .keep_until_us = request.keep_until_us,
          .snapshot = request.snapshot,
          .create = create};
}

}  // namespace

absl::Status StoreUnavailable(absl::string_view why) {
  return ErrorWithReason(
      absl::StatusCode::kUnavailable, "store_unavailable",
      absl::StrFormat("the session store is of no use: %s", why));
}

bool StoreFailed(const absl::Status& status) {
  return ReasonOf(status) == "store_unavailable";
}

absl::Status FromStore(const absl::Status& status) {
  if (status.ok()) return status;
  if (status.code() != absl::StatusCode::kDataLoss) {
    return StoreUnavailable(status.message());
  }
  absl::Status named = status;
  if (!ReasonOf(status).has_value()) SetReason(&named, "bad_snapshot");
  return named;
}

std::vector<absl::StatusOr<CreatedSession>> SessionMaker::Make(
    absl::Span<const SessionCreate> requests, TimePoint now) {
  std::vector<CommitRow> rows;
  for (const SessionCreate& request : requests) {
    rows.push_back(RowOf(request, (random_() & kEpochMask) + 1, true));
  }
  const std::vector<CommitOutcome> outcomes = store_->Commit(rows);
  std::vector<absl::StatusOr<CreatedSession>> made;
  for (size_t i = 0; i < requests.size(); ++i) {
    made.push_back(Conclude(requests[i], rows[i].epoch, outcomes[i], now));
  }
  return made;
}

CommitOutcome SessionMaker::CommitOne(const SessionCreate& request,
                                      uint64_t epoch, bool create) {
  const CommitRow row = RowOf(request, epoch, create);
  return store_->Commit({&row, 1})[0];
}

absl::StatusOr<CreatedSession> SessionMaker::Conclude(
    const SessionCreate& request, uint64_t epoch, CommitOutcome outcome,
    TimePoint now) {
  if (outcome == CommitOutcome::kCommitted) {
    return CreatedSession{.epoch = epoch};
  }
  if (outcome == CommitOutcome::kUnknown) {
    return SettleUnknown(request, epoch, /*create=*/true);
  }
  auto row = store_->Load(request.id, SessionStore::Access::kRead);
  if (!row.ok()) return FromStore(row.status());
  if (row->has_value()) return MakeInstead(request, **row, now);
  // Its time was over just now.
  if (CommitOne(request, epoch, true) == CommitOutcome::kCommitted) {
    return CreatedSession{.epoch = epoch};
  }
  return Exists(request.id);
}

absl::StatusOr<CreatedSession> SessionMaker::SettleUnknown(
    const SessionCreate& request, uint64_t epoch, bool create) {
  const WrittenRow written{.epoch = epoch,
                           .step = request.step,
                           .digest = SnapshotDigest(request.snapshot)};
  // Once more if it was not stored: the same row can come twice.
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto row = store_->Load(request.id, SessionStore::Access::kRead);
    if (!row.ok()) return FromStore(row.status());
    if (Settle(written, *row) == CommitVerdict::kStored) {
      return CreatedSession{.epoch = epoch};
    }
    const CommitOutcome outcome = CommitOne(request, epoch, create);
    if (outcome == CommitOutcome::kCommitted) {
      return CreatedSession{.epoch = epoch};
    }
    if (outcome != CommitOutcome::kUnknown) break;
  }
  return StoreUnavailable("it is not known whether the session has begun");
}

// A row is in the way.
absl::StatusOr<CreatedSession> SessionMaker::MakeInstead(
    const SessionCreate& request, const StoredSession& row, TimePoint now) {
  auto snapshot = ParseSnapshot(row.snapshot);
  if (!snapshot.ok()) return FromStore(snapshot.status());
  const bool same =
      !request.request_id.empty() && snapshot->request_id == request.request_id;
  const bool live = snapshot->kind == SnapshotKind::kLive;
  if (live && !same) return Exists(request.id);
  if (!live && same) return Ended(request.id, *snapshot);
  if (!live) return Reopen(request);
  auto claimed = store_->Load(request.id, SessionStore::Access::kClaim);
  if (!claimed.ok()) return FromStore(claimed.status());
  if (!claimed->has_value()) return SessionNotFound(request.id, nullptr);
  snapshot = ParseSnapshot((*claimed)->snapshot);
  if (!snapshot.ok()) return FromStore(snapshot.status());
  if (snapshot->kind != SnapshotKind::kLive) {
    return Ended(request.id, *snapshot);
  }
  auto loaded = models_->Resolve(*std::move(snapshot), (*claimed)->epoch, now);
  if (!loaded.ok()) return loaded.status();
  return CreatedSession{.existing = *std::move(loaded)};
}

// The id's last session has ended. Claiming its row draws an epoch that nobody
// else has; the new session's is the one after it. Its first row has step 0,
// whatever step it begins from: if another server has claimed the row in
// between, that has the same epoch and the step of an end, which is later, and
// refuses this commit. Which may be for the same request: asked again, it is
// told.
absl::StatusOr<CreatedSession> SessionMaker::Reopen(SessionCreate request) {
  request.step = 0;
  auto claimed = store_->Load(request.id, SessionStore::Access::kClaim);
  if (!claimed.ok()) return FromStore(claimed.status());
  uint64_t epoch = (random_() & kEpochMask) + 1;
  if (claimed->has_value()) {
    auto snapshot = ParseSnapshot((*claimed)->snapshot);
    if (!snapshot.ok()) return FromStore(snapshot.status());
    if (snapshot->kind == SnapshotKind::kLive) return SessionMoved(request.id);
    epoch = (*claimed)->epoch + 1;
  }
  const bool create = !claimed->has_value();
  switch (CommitOne(request, epoch, create)) {
    case CommitOutcome::kCommitted:
      return CreatedSession{.epoch = epoch};
    case CommitOutcome::kUnknown:
      return SettleUnknown(request, epoch, create);
    case CommitOutcome::kFenced:
    case CommitOutcome::kStale:
      break;
  }
  return SessionMoved(request.id);
}

}  // namespace recur
