// A SessionStore in a map: what the others are compared with, and what the
// layers above are tested on. It lives as long as its object, whatever
// durability it claims.
#ifndef RECUR_TESTS_UNIT_SERVER_STORE_MEMORY_STORE_H_
#define RECUR_TESTS_UNIT_SERVER_STORE_MEMORY_STORE_H_

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/store/commit_rule.h"
#include "server/store/session_store.h"
#include "server/store/wall_clock.h"

namespace recur {

// Thread-safe.
class MemoryStore : public SessionStore {
 public:
  explicit MemoryStore(Durability durability = Durability::kShared,
                       WallClock now_us = &SystemTimeUs)
      : durability_(durability), now_us_(std::move(now_us)) {}

  Durability durability() const override { return durability_; }

  absl::StatusOr<std::optional<StoredSession>> Load(absl::string_view id,
                                                    Access access) override {
    std::lock_guard lock(mutex_);
    StoredSession* row = Find(id);
    if (row == nullptr) return std::nullopt;
    if (access == Access::kClaim) ++row->epoch;
    return *row;
  }

  std::vector<CommitOutcome> Commit(absl::Span<const CommitRow> rows) override {
    std::lock_guard lock(mutex_);
    std::vector<CommitOutcome> outcomes;
    for (const CommitRow& row : rows) {
      std::optional<RowVersion> there;
      if (const StoredSession* old = Find(row.id)) {
        there = {old->epoch, old->step};
      }
      outcomes.push_back(JudgeCommit(there, row, now_us_()));
      if (outcomes.back() != CommitOutcome::kCommitted) continue;
      rows_[std::string(row.id)] = {row.epoch, row.step, row.keep_until_us,
                                    std::string(row.snapshot)};
    }
    return outcomes;
  }

  absl::StatusOr<std::vector<std::string>> Scan(absl::string_view after,
                                                size_t limit) override {
    std::lock_guard lock(mutex_);
    std::vector<std::string> ids;
    for (auto row = rows_.upper_bound(after);
         row != rows_.end() && ids.size() < limit; ++row) {
      ids.push_back(row->first);
    }
    return ids;
  }

 private:
  StoredSession* Find(absl::string_view id) {
    const auto row = rows_.find(id);
    if (row == rows_.end() || row->second.keep_until_us <= now_us_()) {
      return nullptr;
    }
    return &row->second;
  }

  const Durability durability_;
  const WallClock now_us_;
  std::mutex mutex_;
  std::map<std::string, StoredSession, std::less<>> rows_;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_STORE_MEMORY_STORE_H_
