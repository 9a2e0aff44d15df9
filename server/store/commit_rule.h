// What a store answers to a row, given the one that it has: one writer per
// session, no step back, and nothing that is gone at once: a clock that is
// behind must not have steps acknowledged that nobody finds again. Pure.
// deploy/redis/recur.lua says the same in Lua.
#ifndef RECUR_SERVER_STORE_COMMIT_RULE_H_
#define RECUR_SERVER_STORE_COMMIT_RULE_H_

#include <cstdint>
#include <optional>

#include "server/store/session_store.h"

namespace recur {

// Of a row that is there: one whose time is not over.
struct RowVersion {
  uint64_t epoch = 0;
  uint64_t step = 0;
};

inline CommitOutcome JudgeCommit(const std::optional<RowVersion>& there,
                                 const CommitRow& row, int64_t now_us) {
  if (there.has_value()) {
    if (there->epoch > row.epoch || (row.create && there->epoch != row.epoch)) {
      return CommitOutcome::kFenced;
    }
    if (there->epoch == row.epoch && there->step > row.step) {
      return CommitOutcome::kStale;
    }
  }
  return row.keep_until_us <= now_us ? CommitOutcome::kUnknown
                                     : CommitOutcome::kCommitted;
}

}  // namespace recur

#endif  // RECUR_SERVER_STORE_COMMIT_RULE_H_
