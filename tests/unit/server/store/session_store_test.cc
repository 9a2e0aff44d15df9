// What session_store.h says, of every store.
#include "server/store/session_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <thread>

#include "tests/unit/server/store/stores_under_test.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum CommitOutcome;
using Access = SessionStore::Access;

constexpr int64_t kFuture = 4102444800000000;  // the year 2100
constexpr int64_t kPast = 1;

struct StoreKind {
  const char* name;
  std::unique_ptr<StoreUnderTest> (*make)();
};

template <typename Kind>
std::unique_ptr<StoreUnderTest> Make() {
  return std::make_unique<Kind>();
}

std::unique_ptr<StoreUnderTest> MakeRedis() {
  if (!PrivateRedis::IsInstalled()) return nullptr;
  return std::make_unique<RedisUnderTest>();
}

class SessionStoreTest : public ::testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    under_test_ = GetParam().make();
    if (under_test_ == nullptr) GTEST_SKIP() << "it is not installed";
  }

  SessionStore& store() { return under_test_->store(); }

  CommitOutcome CommitOne(const CommitRow& row) {
    const std::vector<CommitOutcome> outcomes = store().Commit({row});
    EXPECT_EQ(outcomes.size(), 1u);
    return outcomes.empty() ? kUnknown : outcomes[0];
  }

  std::optional<StoredSession> Load(absl::string_view id,
                                    Access access = Access::kRead) {
    auto row = store().Load(id, access);
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() ? *std::move(row) : std::nullopt;
  }

  std::vector<std::string> Scan(absl::string_view after, size_t limit) {
    auto ids = store().Scan(after, limit);
    EXPECT_TRUE(ids.ok()) << ids.status();
    return ids.ok() ? *std::move(ids) : std::vector<std::string>();
  }

 private:
  std::unique_ptr<StoreUnderTest> under_test_;
};

CommitRow Row(absl::string_view id, uint64_t epoch, uint64_t step,
              absl::string_view snapshot = "state") {
  return {.id = id,
          .epoch = epoch,
          .step = step,
          .keep_until_us = kFuture,
          .snapshot = snapshot};
}

CommitRow Create(absl::string_view id, uint64_t epoch, uint64_t step = 0) {
  CommitRow row = Row(id, epoch, step, "new");
  row.create = true;
  return row;
}

TEST_P(SessionStoreTest, AnUnknownSessionIsAbsent) {
  EXPECT_EQ(Load("nobody"), std::nullopt);
  EXPECT_EQ(Load("nobody", Access::kClaim), std::nullopt);
  EXPECT_THAT(Scan("", 10), IsEmpty());
}

TEST_P(SessionStoreTest, ACommittedRowIsLoadedAsItWas) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  const std::string long_one(1 << 20, 'x');
  const uint64_t max = std::numeric_limits<uint64_t>::max();
  const CommitRow rows[] = {Row("bytes", max - 1, max, every_byte),
                            Row("empty", 0, 0, ""),
                            Row("long", 1ull << 63, 1ull << 53, long_one)};
  EXPECT_THAT(store().Commit(rows),
              ElementsAre(kCommitted, kCommitted, kCommitted));
  for (const CommitRow& row : rows) {
    const StoredSession expected = {row.epoch, row.step, kFuture,
                                    std::string(row.snapshot)};
    EXPECT_TRUE(Load(row.id) == expected) << row.id;
  }
}

TEST_P(SessionStoreTest, EveryPrintableIdIsOneOfItsOwn) {
  std::string id(128, '~');
  for (char c = 0x21; c < 0x7f; ++c) {
    id[0] = c;
    EXPECT_EQ(CommitOne(Row(id, 1, static_cast<uint64_t>(c))), kCommitted);
  }
  for (char c = 0x21; c < 0x7f; ++c) {
    id[0] = c;
    ASSERT_TRUE(Load(id).has_value());
    EXPECT_EQ(Load(id)->step, static_cast<uint64_t>(c));
  }
  EXPECT_EQ(Scan("", 1000).size(), 0x7f - 0x21);
}

TEST_P(SessionStoreTest, AnEarlierEpochIsFenced) {
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  EXPECT_EQ(CommitOne(Row("s", 9, 6, "late")), kFenced);
  EXPECT_EQ(Load("s")->snapshot, "state");
}

TEST_P(SessionStoreTest, EpochsAreComparedInAll64Bits) {
  const uint64_t high = 0xfffffffffffffff0;
  EXPECT_EQ(CommitOne(Row("s", high, 1)), kCommitted);
  EXPECT_EQ(CommitOne(Row("s", high - 1, 2)), kFenced);
  EXPECT_EQ(CommitOne(Row("s", high + 1, 0)), kCommitted);
  EXPECT_EQ(CommitOne(Row("s", 0x7fffffffffffffff, 9)), kFenced);
  EXPECT_EQ(Load("s", Access::kClaim)->epoch, high + 2);
}

TEST_P(SessionStoreTest, ALaterEpochMayBeginAtAnyStep) {
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  EXPECT_EQ(CommitOne(Row("s", 11, 2, "back")), kCommitted);
  EXPECT_EQ(Load("s")->step, 2u);
}

TEST_P(SessionStoreTest, StepsOfAnEpochDoNotGoBack) {
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  EXPECT_EQ(CommitOne(Row("s", 10, 4, "old")), kStale);
  EXPECT_EQ(Load("s")->snapshot, "state");
  EXPECT_EQ(CommitOne(Row("s", 10, 5, "again")), kCommitted);
  EXPECT_EQ(Load("s")->snapshot, "again");
  EXPECT_EQ(CommitOne(Row("s", 10, 1ull << 60, "far")), kCommitted);
  EXPECT_EQ(CommitOne(Row("s", 10, (1ull << 60) - 1, "near")), kStale);
}

TEST_P(SessionStoreTest, ASessionBeginsOnce) {
  EXPECT_EQ(CommitOne(Create("s", 100)), kCommitted);
  EXPECT_EQ(CommitOne(Create("s", 50)), kFenced);
  EXPECT_EQ(CommitOne(Create("s", 200)), kFenced);
  EXPECT_EQ(Load("s")->epoch, 100u);
}

TEST_P(SessionStoreTest, ASecondAttemptToBeginIsKnown) {
  EXPECT_EQ(CommitOne(Create("s", 100)), kCommitted);
  EXPECT_EQ(CommitOne(Create("s", 100)), kCommitted);
  EXPECT_EQ(CommitOne(Row("s", 100, 7)), kCommitted);
  EXPECT_EQ(CommitOne(Create("s", 100)), kStale);
  EXPECT_EQ(Load("s")->step, 7u);
}

TEST_P(SessionStoreTest, AClaimFencesTheOwnerBefore) {
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  const std::optional<StoredSession> claimed = Load("s", Access::kClaim);
  EXPECT_TRUE(claimed == (StoredSession{11, 5, kFuture, "state"}));
  EXPECT_TRUE(Load("s") == claimed);
  EXPECT_EQ(CommitOne(Row("s", 10, 6)), kFenced);
  EXPECT_EQ(CommitOne(Row("s", 11, 6)), kCommitted);
  EXPECT_EQ(Load("s", Access::kClaim)->epoch, 12u);
}

TEST_P(SessionStoreTest, AClaimCarriesIntoEveryByteOfTheEpoch) {
  for (int bits = 8; bits < 64; bits += 8) {
    const uint64_t epoch = (1ull << bits) - 1;
    EXPECT_EQ(CommitOne(Row("s", epoch, 1)), kCommitted);
    EXPECT_EQ(Load("s", Access::kClaim)->epoch, epoch + 1);
  }
}

TEST_P(SessionStoreTest, ReadingChangesNothing) {
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  const StoredSession expected = {10, 5, kFuture, "state"};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Load("s") == expected);
}

TEST_P(SessionStoreTest, ARowWhoseTimeIsOverIsAbsent) {
  CommitRow over = Row("s", 10, 5);
  over.keep_until_us = kPast;
  for (const CommitRow& next : {Row("s", 3, 1), Create("s", 4)}) {
    EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
    EXPECT_EQ(CommitOne(over), kCommitted);
    EXPECT_EQ(Load("s"), std::nullopt);
    EXPECT_EQ(Load("s", Access::kClaim), std::nullopt);
    EXPECT_EQ(CommitOne(next), kCommitted);
    EXPECT_EQ(Load("s")->epoch, next.epoch);
  }
}

TEST_P(SessionStoreTest, ANewTimeReplacesTheOld) {
  for (const int64_t keep : {kFuture, kFuture + 1, kFuture - 12345}) {
    CommitRow row = Row("s", 1, 1);
    row.keep_until_us = keep;
    EXPECT_EQ(CommitOne(row), kCommitted);
    EXPECT_EQ(Load("s")->keep_until_us, keep);
  }
}

TEST_P(SessionStoreTest, RowsOfACommitAreJudgedEachOnItsOwn) {
  const CommitRow before[] = {Row("b", 10, 5), Row("c", 10, 5), Row("d", 10, 5),
                              Row("e", 10, 5)};
  store().Commit(before);
  const CommitRow rows[] = {Row("a", 1, 1), Row("b", 9, 6), Row("c", 10, 4),
                            Create("d", 11), Row("e", 10, 6)};
  EXPECT_THAT(store().Commit(rows),
              ElementsAre(kCommitted, kFenced, kStale, kFenced, kCommitted));
  EXPECT_EQ(Load("a")->step, 1u);
  EXPECT_EQ(Load("b")->step, 5u);
  EXPECT_EQ(Load("c")->step, 5u);
  EXPECT_EQ(Load("d")->epoch, 10u);
  EXPECT_EQ(Load("e")->step, 6u);
}

TEST_P(SessionStoreTest, NothingIsCommittedWithoutRows) {
  EXPECT_THAT(store().Commit({}), IsEmpty());
}

TEST_P(SessionStoreTest, ManyRowsAreOneCommit) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5000; ++i) ids.push_back("s" + std::to_string(i));
  std::vector<CommitRow> rows;
  for (size_t i = 0; i < ids.size(); ++i) rows.push_back(Row(ids[i], 1, i));
  for (const CommitOutcome outcome : store().Commit(rows)) {
    ASSERT_EQ(outcome, kCommitted);
  }
  for (size_t i = 0; i < ids.size(); ++i) ASSERT_EQ(Load(ids[i])->step, i);
  EXPECT_EQ(Scan("", 10000).size(), ids.size());
  EXPECT_EQ(Scan("", 4999).size(), 4999u);
}

TEST_P(SessionStoreTest, IdsAreScannedInOrderOfTheirBytes) {
  const CommitRow rows[] = {Row("b", 1, 1), Row("a", 1, 1), Row("aa", 1, 1),
                            Row("B", 1, 1), Row("~", 1, 1), Row("!", 1, 1),
                            Row("a!", 1, 1)};
  store().Commit(rows);
  EXPECT_THAT(Scan("", 100), ElementsAre("!", "B", "a", "a!", "aa", "b", "~"));
  EXPECT_THAT(Scan("", 3), ElementsAre("!", "B", "a"));
  EXPECT_THAT(Scan("a", 2), ElementsAre("a!", "aa"));
  EXPECT_THAT(Scan("C", 2), ElementsAre("a", "a!"));
  EXPECT_THAT(Scan("b", 2), ElementsAre("~"));
  EXPECT_THAT(Scan("~", 2), IsEmpty());
  EXPECT_THAT(Scan("", 0), IsEmpty());
}

TEST_P(SessionStoreTest, PagesOfAScanJoinWithoutGaps) {
  std::vector<std::string> ids;
  for (int i = 0; i < 257; ++i) ids.push_back(std::to_string(i * 7919 % 1000));
  for (const std::string& id : ids) store().Commit({Row(id, 1, 1)});
  std::sort(ids.begin(), ids.end());
  std::vector<std::string> found;
  for (;;) {
    const std::vector<std::string> page =
        Scan(found.empty() ? "" : found.back(), 10);
    if (page.empty()) break;
    found.insert(found.end(), page.begin(), page.end());
  }
  EXPECT_EQ(found, ids);
}

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
    rows_[id] = {row.epoch, row.step, row.keep_until_us,
                 std::string(row.snapshot)};
    return kCommitted;
  }

 private:
  bool Has(const std::string& id) const {
    const auto row = rows_.find(id);
    return row != rows_.end() && row->second.keep_until_us != kPast;
  }

  std::map<std::string, StoredSession> rows_;
};

TEST_P(SessionStoreTest, AgreesWithAMapUnderRandomOperations) {
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
TEST_P(SessionStoreTest, OwnersThatTakeASessionFromEachOtherLoseNoStep) {
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

TEST_P(SessionStoreTest, OfTwoThatBeginASessionAtOnceOneWins) {
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

INSTANTIATE_TEST_SUITE_P(
    Stores, SessionStoreTest,
    ::testing::Values(StoreKind{"memory", &Make<MemoryUnderTest>},
                      StoreKind{"rocksdb", &Make<RocksdbUnderTest>},
                      StoreKind{"redis", &MakeRedis}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace recur
