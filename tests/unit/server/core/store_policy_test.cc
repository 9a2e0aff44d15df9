// The policies between lanes and store: when to commit, when to leave the store
// alone, and what a row that was read back says.

#include <gtest/gtest.h>

#include "server/core/breaker.h"
#include "server/core/commit_cadence.h"
#include "server/core/settle.h"

namespace recur {
namespace {

using std::chrono::milliseconds;

constexpr TimePoint kStart{std::chrono::seconds(100)};

TEST(CommitCadenceTest, WantsNothingAsLongAsThereIsNothing) {
  const CommitCadence cadence{milliseconds(50)};
  EXPECT_EQ(cadence.Due(), std::nullopt);
}

TEST(CommitCadenceTest, CommitsAtMostOnceInAnInterval) {
  CommitCadence cadence{milliseconds(50)};
  cadence.Want(false);
  EXPECT_LE(*cadence.Due(), kStart) << "the first at once";
  cadence.Begin(kStart);
  EXPECT_EQ(cadence.Due(), std::nullopt);
  cadence.Want(false);
  EXPECT_EQ(*cadence.Due(), kStart + milliseconds(50));
}

TEST(CommitCadenceTest, CommitsAtOnceWhenSomebodyWaits) {
  CommitCadence cadence{milliseconds(50)};
  cadence.Begin(kStart);
  cadence.Want(false);
  cadence.Want(true);
  EXPECT_LE(*cadence.Due(), kStart);
  cadence.Begin(kStart);
  cadence.Want(false);
  EXPECT_EQ(*cadence.Due(), kStart + milliseconds(50)) << "only that once";
}

class BreakerTest : public ::testing::Test {
 protected:
  Breaker breaker_{{.failures = 3,
                    .first_pause = milliseconds(100),
                    .longest_pause = milliseconds(350)}};
};

TEST_F(BreakerTest, OpensAfterAFewFailuresInARow) {
  breaker_.Failed(kStart, 0);
  breaker_.Failed(kStart, 0);
  breaker_.Succeeded();
  breaker_.Failed(kStart, 0);
  breaker_.Failed(kStart, 0);
  EXPECT_TRUE(breaker_.Allows(kStart));
  breaker_.Failed(kStart, 0);
  EXPECT_EQ(breaker_.StateAt(kStart), Breaker::State::kOpen);
  EXPECT_FALSE(breaker_.Allows(kStart + milliseconds(99)));
}

TEST_F(BreakerTest, TriesAgainAfterAPauseAndClosesOnSuccess) {
  for (int i = 0; i < 3; ++i) breaker_.Failed(kStart, 0);
  const TimePoint later = kStart + milliseconds(100);
  EXPECT_EQ(breaker_.StateAt(later), Breaker::State::kHalfOpen);
  breaker_.Succeeded();
  EXPECT_EQ(breaker_.StateAt(later), Breaker::State::kClosed);
}

TEST_F(BreakerTest, DoublesThePauseUpToALimit) {
  TimePoint now = kStart;
  for (int i = 0; i < 3; ++i) breaker_.Failed(now, 0);
  for (const int pause : {100, 200, 350, 350}) {
    EXPECT_EQ(breaker_.retry_at(), now + milliseconds(pause));
    now = breaker_.retry_at();
    breaker_.Failed(now, 0);
  }
}

TEST_F(BreakerTest, FailuresWhileItIsOpenChangeNothing) {
  for (int i = 0; i < 10; ++i) breaker_.Failed(kStart, 0);
  EXPECT_EQ(breaker_.retry_at(), kStart + milliseconds(100));
}

TEST_F(BreakerTest, JitterSpreadsTheRetries) {
  for (int i = 0; i < 3; ++i) breaker_.Failed(kStart, 0.5);
  EXPECT_EQ(breaker_.retry_at(), kStart + milliseconds(125));
}

class SettleTest : public ::testing::Test {
 protected:
  static std::optional<StoredSession> Row(uint64_t epoch, uint64_t step,
                                          std::string snapshot) {
    return StoredSession{
        .epoch = epoch, .step = step, .snapshot = std::move(snapshot)};
  }
  CommitVerdict Of(const std::optional<StoredSession>& row) const {
    return Settle(written_, row);
  }
  const WrittenRow written_{
      .epoch = 5, .step = 10, .digest = SnapshotDigest("state")};
};

TEST_F(SettleTest, TheVeryRowIsStored) {
  EXPECT_EQ(Of(Row(5, 10, "state")), CommitVerdict::kStored);
}

TEST_F(SettleTest, AnEarlierOneOrNoneIsNot) {
  EXPECT_EQ(Of(std::nullopt), CommitVerdict::kNotStored);
  EXPECT_EQ(Of(Row(5, 9, "state")), CommitVerdict::kNotStored);
  EXPECT_EQ(Of(Row(4, 20, "state")), CommitVerdict::kNotStored);
}

TEST_F(SettleTest, AnotherSnapshotOfTheSameStepIsNot) {
  EXPECT_EQ(Of(Row(5, 10, "before it was closed")), CommitVerdict::kNotStored);
}

TEST_F(SettleTest, ALaterOneIsAnotherOwners) {
  EXPECT_EQ(Of(Row(6, 10, "state")), CommitVerdict::kMoved);
  EXPECT_EQ(Of(Row(5, 11, "state")), CommitVerdict::kMoved);
}

}  // namespace
}  // namespace recur
