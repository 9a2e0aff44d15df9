// Begins sessions in a store, and finds out what stands in the way of one.
// Blocks on the store; any thread.
#ifndef RECUR_SERVER_CORE_SESSION_MAKER_H_
#define RECUR_SERVER_CORE_SESSION_MAKER_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "server/core/model_finder.h"
#include "server/lane/commit_sink.h"
#include "server/store/session_store.h"

namespace recur {

class SessionMaker {
 public:
  // `random` makes 64 random bits. All must outlive it.
  SessionMaker(SessionStore* store, ModelFinder* models,
               std::function<uint64_t()> random)
      : store_(store), models_(models), random_(std::move(random)) {}

  // One result per request, in order; no two have one id. ALREADY_EXISTS
  // session_exists; for a retry of the same request the session that it made,
  // or NOT_FOUND with the reason once that has ended; and what the store says.
  // UNAVAILABLE store_unavailable if it is not known whether the session has
  // begun, session_moved if another server is about to begin one of the id: a
  // retry of the same request finds out.
  std::vector<absl::StatusOr<CreatedSession>> Make(
      absl::Span<const SessionCreate> requests, TimePoint now);

 private:
  CommitOutcome CommitOne(const SessionCreate& request, uint64_t epoch,
                          bool create);
  absl::StatusOr<CreatedSession> Conclude(const SessionCreate& request,
                                          uint64_t epoch, CommitOutcome outcome,
                                          TimePoint now);
  absl::StatusOr<CreatedSession> SettleUnknown(const SessionCreate& request,
                                               uint64_t epoch, bool create);
  absl::StatusOr<CreatedSession> MakeInstead(const SessionCreate& request,
                                             const StoredSession& row,
                                             TimePoint now);
  absl::StatusOr<CreatedSession> Reopen(SessionCreate request);

  SessionStore* const store_;
  ModelFinder* const models_;
  const std::function<uint64_t()> random_;
};

// UNAVAILABLE store_unavailable, with what the store said.
absl::Status StoreUnavailable(absl::string_view why);

// Whether an error is that one.
bool StoreFailed(const absl::Status& status);

// A store's error as callers get it: DATA_LOSS with a reason, or all else as
// StoreUnavailable. What the store refuses, say for want of rights, is for its
// administrator to mend, and no reason for a client to give its session up.
absl::Status FromStore(const absl::Status& status);

}  // namespace recur

#endif  // RECUR_SERVER_CORE_SESSION_MAKER_H_
