// What session_store.h says, of every store.
#include "server/store/session_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "server/store/wall_clock.h"
#include "tests/unit/server/store/session_store_fixture.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum CommitOutcome;

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
  for (const CommitRow& next : {Row("s", 3, 1), Create("s", 4)}) {
    CommitRow brief = Row("s", 10, 5);
    // Long enough to get there.
    for (int64_t life_us = 20'000;; life_us *= 2) {
      brief.keep_until_us = SystemTimeUs() + life_us;
      if (CommitOne(brief) == kCommitted) break;
    }
    while (Load("s").has_value()) {
      ASSERT_LT(SystemTimeUs(), brief.keep_until_us + 10'000'000);
    }
    EXPECT_EQ(Load("s", Access::kClaim), std::nullopt);
    EXPECT_EQ(CommitOne(next), kCommitted);
    EXPECT_EQ(Load("s")->epoch, next.epoch);
  }
}

// As of a server whose clock is far behind: what it stored would be gone.
TEST_P(SessionStoreTest, ARowWhoseTimeIsOverIsNotStored) {
  CommitRow over = Row("s", 10, 6, "over");
  for (const int64_t keep : {kPast, int64_t{0}, SystemTimeUs() - 1'000'000}) {
    over.keep_until_us = keep;
    EXPECT_EQ(CommitOne(over), kUnknown);
    EXPECT_EQ(Load("s"), std::nullopt);
  }
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  EXPECT_EQ(CommitOne(over), kUnknown);
  EXPECT_EQ(Load("s")->snapshot, "state");
  over.epoch = 9;
  EXPECT_EQ(CommitOne(over), kFenced);
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

INSTANTIATE_TEST_SUITE_P(Stores, SessionStoreTest, EveryStore(), &NameOf);

}  // namespace
}  // namespace recur
