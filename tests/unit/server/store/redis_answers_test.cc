// A redis store and answers that a real Redis gives rarely or never.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "server/store/redis_store.h"
#include "server/store/redis_uri.h"
#include "tests/unit/server/store/fake_redis.h"

namespace recur {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using enum CommitOutcome;
using Access = SessionStore::Access;

CommitRow Row(absl::string_view id, uint64_t epoch, uint64_t step) {
  return {.id = id,
          .epoch = epoch,
          .step = step,
          .keep_until_us = 4102444800000000,  // the year 2100
          .snapshot = "state"};
}

class FakeRedisTest : public ::testing::Test {
 protected:
  FakeRedisTest() {
    auto store = CreateRedisStore(*ParseRedisUri(
        absl::StrCat("redis://127.0.0.1:", fake_.port(), "?timeout_ms=50")));
    EXPECT_TRUE(store.ok()) << store.status();
    if (store.ok()) store_ = *std::move(store);
  }

  FakeRedis fake_;
  std::unique_ptr<SessionStore> store_;
};

TEST_F(FakeRedisTest, RepliesThatNoRedisGivesAreRefused) {
  for (const char* answer :
       {"", "garbage\r\n", ":12x\r\n", "$-5\r\n", "*-2\r\n", "*1000000000\r\n",
        "$99999999999999999999\r\n", "$1000000\r\nx", "$3\r\nabcdefgh",
        "*2\r\n:0\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", ":7\r\n",
        "*3\r\n:0\r\n:0\r\n:0\r\n", "+OK\r\n", "$1\r\na\r\n", "-ERR no\r\n",
        "-LOADING soon\r\n"}) {
    fake_.Answer(answer);
    EXPECT_FALSE(store_->Load("s", Access::kRead).ok()) << answer;
    EXPECT_FALSE(store_->Load("s", Access::kClaim).ok()) << answer;
    EXPECT_FALSE(store_->Scan("", 10).ok()) << answer;
    EXPECT_THAT(store_->Commit({Row("a", 1, 1), Row("b", 1, 1)}),
                Each(kUnknown))
        << answer;
  }
}

TEST_F(FakeRedisTest, OutcomesThatNobodyKnowsAreUnknown) {
  fake_.Answer("*3\r\n:9\r\n$1\r\n0\r\n:0\r\n");
  EXPECT_THAT(store_->Commit({Row("a", 1, 1), Row("b", 1, 1), Row("c", 1, 1)}),
              ElementsAre(kUnknown, kUnknown, kCommitted));
}

TEST_F(FakeRedisTest, AScanThatDoesNotGoOnEnds) {
  fake_.Answer("*2\r\n$1\r\nb\r\n$1\r\na\r\n");
  EXPECT_EQ(store_->Scan("", 10).status().code(),
            absl::StatusCode::kUnavailable);
  fake_.Answer("*1\r\n$1\r\nb\r\n");
  EXPECT_EQ(store_->Scan("b", 1).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST_F(FakeRedisTest, AReplyTooManyIsNotTakenForTheNextOne) {
  fake_.Answer("$-1\r\n*1\r\n:0\r\n");
  const int before = fake_.connections();
  EXPECT_FALSE(store_->Load("s", Access::kRead).value().has_value());
  fake_.Answer("*1\r\n:1\r\n");
  EXPECT_THAT(store_->Commit({Row("a", 1, 1)}), ElementsAre(kFenced));
  EXPECT_EQ(fake_.connections(), before + 1);
}

TEST_F(FakeRedisTest, ARefusalKeepsTheConnection) {
  const int before = fake_.connections();
  fake_.Answer("-OOM command not allowed\r\n");
  EXPECT_THAT(store_->Commit({Row("a", 1, 1)}), ElementsAre(kUnknown));
  EXPECT_THAT(std::string(store_->Load("a", Access::kRead).status().message()),
              HasSubstr("OOM command not allowed"));
  EXPECT_EQ(fake_.connections(), before);
}

TEST_F(FakeRedisTest, ConnectingAndAskingShareTheirTime) {
  fake_.Answer("");
  EXPECT_FALSE(store_->Load("s", Access::kRead).ok());
  fake_.AnswerLate(std::chrono::milliseconds(40), "$-1\r\n");
  // Version and call would take 80 of the 50 milliseconds.
  EXPECT_THAT(std::string(store_->Load("s", Access::kRead).status().message()),
              HasSubstr("took too long"));
}

// A failover leaves the connections with the master before; a user's rights
// may have been given anew. A new connection finds out.
TEST_F(FakeRedisTest, ARefusalThatANewConnectionMayNotMeetEndsTheConnection) {
  for (const char* answer :
       {"-READONLY You can't write against a read only replica.\r\n",
        "-MASTERDOWN Link with MASTER is down\r\n",
        "-LOADING Redis is loading the dataset in memory\r\n",
        "-MOVED 1 127.0.0.1:1\r\n", "-NOREPLICAS Not enough good replicas\r\n",
        "-NOAUTH Authentication required.\r\n", "-NOPERM this user\r\n",
        "-WRONGPASS invalid username-password pair\r\n"}) {
    const int before = fake_.connections();
    fake_.Answer(answer);
    EXPECT_THAT(store_->Commit({Row("a", 1, 1)}), ElementsAre(kUnknown));
    fake_.Answer("*1\r\n:0\r\n");
    EXPECT_THAT(store_->Commit({Row("a", 1, 1)}), ElementsAre(kCommitted));
    EXPECT_EQ(fake_.connections(), before + 1) << answer;
  }
}

}  // namespace
}  // namespace recur
