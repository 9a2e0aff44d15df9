// Every store under random operations, and under two threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "server/store/session_store.h"
#include "tests/unit/server/store/session_store_fixture.h"

namespace recur {
namespace {

using enum CommitOutcome;

using SessionStoreUnderLoadTest = SessionStoreTest;

// The sentences of session_store.h once more, over a map.
class Model {
 public:
  std::optional<StoredSession> Load(const std::string& id, Access access) {
    if (!Has(id)) return std::nullopt;
    if (access == Access::kClaim) rows_[id].epoch += 1;
    return rows_[id];
  }

  CommitOutcome Commit(const CommitRow& row) {
    const std::string id(row.id);
    if (Has(id)) {
      const StoredSession& there = rows_[id];
      if (row.create ? there.epoch != row.epoch : there.epoch > row.epoch) {
        return kFenced;
      }
      if (there.epoch == row.epoch && there.step > row.step) return kStale;
    }
    if (row.keep_until_us == kPast) return kUnknown;
    rows_[id] = {row.epoch, row.step, row.keep_until_us,
                 std::string(row.snapshot)};
    return kCommitted;
  }

 private:
  bool Has(const std::string& id) const { return rows_.contains(id); }

  std::map<std::string, StoredSession> rows_;
};

TEST_P(SessionStoreUnderLoadTest, AgreesWithAMapUnderRandomOperations) {
  std::mt19937_64 random(7);
  Model model;
  const auto below = [&](uint64_t limit) { return random() % limit; };
  for (int round = 0; round < 1500; ++round) {
    if (below(3) == 0) {
      const std::string id = std::to_string(below(12));
      const Access access = below(2) == 0 ? Access::kClaim : Access::kRead;
      ASSERT_TRUE(Load(id, access) == model.Load(id, access)) << round;
      continue;
    }
    std::vector<CommitRow> rows;
    std::vector<std::string> ids;
    std::vector<std::string> snapshots;
    for (int id = 0; id < 12; ++id) ids.push_back(std::to_string(id));
    std::shuffle(ids.begin(), ids.end(), random);
    ids.resize(below(12));
    for (size_t i = 0; i < ids.size(); ++i) {
      snapshots.push_back(std::to_string(random()));
    }
    std::vector<CommitOutcome> expected;
    for (size_t i = 0; i < ids.size(); ++i) {
      rows.push_back({.id = ids[i],
                      .epoch = below(6),
                      .step = below(6),
                      .keep_until_us = below(8) == 0 ? kPast : kFuture,
                      .snapshot = snapshots[i],
                      .create = below(4) == 0});
      expected.push_back(model.Commit(rows.back()));
    }
    ASSERT_EQ(store().Commit(rows), expected) << round;
  }
}

// Two owners take one session from each other; each counts its step on top of
// what it found. A lost or doubled step shows in the sum.
TEST_P(SessionStoreUnderLoadTest,
       OwnersThatTakeASessionFromEachOtherLoseNoStep) {
  ASSERT_EQ(CommitOne(Create("s", 1)), kCommitted);
  std::atomic<uint64_t> committed = 0;
  std::vector<uint64_t> claims[2];
  const auto own = [&](int owner) {
    for (int i = 0; i < 200; ++i) {
      const auto claimed = store().Load("s", Access::kClaim);
      ASSERT_TRUE(claimed.ok() && claimed->has_value()) << claimed.status();
      const StoredSession& row = **claimed;
      claims[owner].push_back(row.epoch);
      const CommitOutcome outcome =
          store().Commit({Row("s", row.epoch, row.step + 1)})[0];
      ASSERT_TRUE(outcome == kCommitted || outcome == kFenced);
      if (outcome == kCommitted) ++committed;
    }
  };
  std::thread first(own, 0);
  std::thread second(own, 1);
  first.join();
  second.join();
  EXPECT_EQ(Load("s")->step, committed);
  EXPECT_EQ(Load("s")->epoch, 401u);
  std::vector<uint64_t> epochs = claims[0];
  epochs.insert(epochs.end(), claims[1].begin(), claims[1].end());
  std::sort(epochs.begin(), epochs.end());
  EXPECT_EQ(std::unique(epochs.begin(), epochs.end()), epochs.end());
}

TEST_P(SessionStoreUnderLoadTest, OfTwoThatBeginASessionAtOnceOneWins) {
  std::vector<std::string> ids;
  for (int i = 0; i < 200; ++i) ids.push_back("s" + std::to_string(i));
  std::vector<CommitOutcome> outcomes[2];
  const auto begin = [&](int starter) {
    for (const std::string& id : ids) {
      outcomes[starter].push_back(
          store().Commit({Create(id, starter + 1u)})[0]);
    }
  };
  std::thread first(begin, 0);
  std::thread second(begin, 1);
  first.join();
  second.join();
  for (size_t i = 0; i < ids.size(); ++i) {
    const int winner = outcomes[0][i] == kCommitted ? 0 : 1;
    EXPECT_EQ(outcomes[winner][i], kCommitted);
    EXPECT_EQ(outcomes[1 - winner][i], kFenced);
    EXPECT_EQ(Load(ids[i])->epoch, winner + 1u);
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, SessionStoreUnderLoadTest, EveryStore(),
                         &NameOf);

}  // namespace
}  // namespace recur
