// A store in a map that fails as it is told.
#ifndef RECUR_TESTS_UNIT_SERVER_CORE_FAULTY_STORE_H_
#define RECUR_TESTS_UNIT_SERVER_CORE_FAULTY_STORE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "tests/unit/server/store/memory_store.h"

namespace recur {

class FaultyStore : public MemoryStore {
 public:
  using MemoryStore::MemoryStore;

  absl::StatusOr<std::optional<StoredSession>> Load(absl::string_view id,
                                                    Access access) override {
    ++calls;
    if (down) return absl::UnavailableError("connection refused");
    if (!denial.ok()) return denial;
    if (id == damaged) return absl::DataLossError("a wrong checksum");
    if (id == unreadable) return absl::UnavailableError("no answer in time");
    auto row = MemoryStore::Load(id, access);
    if (access == Access::kClaim && after_claim) {
      std::exchange(after_claim, nullptr)();
    }
    return row;
  }

  std::vector<CommitOutcome> Commit(absl::Span<const CommitRow> rows) override {
    ++calls;
    ++commits;
    rows_in_commits.push_back(rows.size());
    std::vector<CommitOutcome> unknown(rows.size(), CommitOutcome::kUnknown);
    if (down || full || !denial.ok()) return unknown;
    if (hold_commits) {
      for (const CommitRow& row : rows) late_.emplace_back(row);
      return unknown;
    }
    std::vector<CommitOutcome> outcomes;
    for (const CommitRow& row : rows) {
      const bool reaches = row.id != damaged && row.id != unreadable;
      outcomes.push_back(reaches ? MemoryStore::Commit({&row, 1})[0]
                                 : CommitOutcome::kUnknown);
    }
    return lose_acks ? unknown : outcomes;
  }

  absl::StatusOr<std::vector<std::string>> Scan(absl::string_view after,
                                                size_t limit) override {
    ++calls;
    if (down) return absl::UnavailableError("connection refused");
    return MemoryStore::Scan(after, limit);
  }

  // What was held comes through after all, however late.
  std::vector<CommitOutcome> DeliverLate() {
    std::vector<CommitOutcome> outcomes;
    for (const Late& late : std::exchange(late_, {})) {
      CommitRow row = late.row;
      row.id = late.id;
      row.snapshot = late.snapshot;
      outcomes.push_back(MemoryStore::Commit({&row, 1})[0]);
    }
    return outcomes;
  }

  StoredSession Row(absl::string_view id) {
    auto row = MemoryStore::Load(id, Access::kRead);
    return row->value_or(StoredSession{});
  }

  bool down = false;          // nothing gets there
  bool full = false;          // nothing is stored, and all can be read
  absl::Status denial;        // what it answers to everything, if not OK
  bool lose_acks = false;     // commits are stored, and nobody hears of it
  bool hold_commits = false;  // likewise, but they are stored later
  std::string damaged;        // whose row cannot be read, and is left alone
  std::string unreadable;     // whose row nothing is heard of
  std::function<void()> after_claim;  // what comes between the next one and
                                      // whatever its caller does then
  int calls = 0;
  int commits = 0;
  std::vector<size_t> rows_in_commits;

 private:
  struct Late {
    explicit Late(const CommitRow& of)
        : row(of), id(of.id), snapshot(of.snapshot) {}
    CommitRow row;
    std::string id;
    std::string snapshot;
  };
  std::vector<Late> late_;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_CORE_FAULTY_STORE_H_
