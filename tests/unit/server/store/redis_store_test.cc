#include "server/store/redis_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/store/redis_uri.h"
#include "tests/private_redis.h"

namespace recur {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using enum CommitOutcome;
using Access = SessionStore::Access;
using Kind = RedisReply::Kind;

constexpr int64_t kFuture = 4102444800000000;

CommitRow Row(absl::string_view id, uint64_t epoch, uint64_t step,
              absl::string_view snapshot = "state") {
  return {.id = id,
          .epoch = epoch,
          .step = step,
          .keep_until_us = kFuture,
          .snapshot = snapshot};
}

absl::StatusOr<std::unique_ptr<SessionStore>> Open(const std::string& uri) {
  const absl::StatusOr<RedisUri> parsed = ParseRedisUri(uri);
  if (!parsed.ok()) return parsed.status();
  return CreateRedisStore(*parsed);
}

std::string MessageOf(const absl::Status& status) {
  return std::string(status.message());
}

class RedisStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!PrivateRedis::IsInstalled()) {
      GTEST_SKIP() << "redis-server is not installed";
    }
    redis_ = std::make_unique<PrivateRedis>();
    ASSERT_TRUE(redis_->running());
    store_ = OpenStore();
  }

  std::unique_ptr<SessionStore> OpenStore(absl::string_view more = "") {
    auto store = Open(redis_->uri(more));
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }

  CommitOutcome CommitOne(const CommitRow& row) {
    return store_->Commit({row})[0];
  }

  std::unique_ptr<PrivateRedis> redis_;
  std::unique_ptr<SessionStore> store_;
};

TEST_F(RedisStoreTest, IsShared) {
  EXPECT_EQ(store_->durability(), Durability::kShared);
}

TEST_F(RedisStoreTest, WhoTakesASessionOverFencesTheOtherServer) {
  const std::unique_ptr<SessionStore> other = OpenStore();
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  EXPECT_EQ(other->Load("s", Access::kClaim).value()->epoch, 11u);
  EXPECT_EQ(CommitOne(Row("s", 10, 6)), kFenced);
  EXPECT_THAT(other->Commit({Row("s", 11, 6)}), ElementsAre(kCommitted));
  EXPECT_EQ(store_->Load("s", Access::kRead).value()->step, 6u);
}

TEST_F(RedisStoreTest, AnotherPrefixIsAnotherStore) {
  redis_->Admin({"ACL", "SETUSER", "recur", "~other:*"});
  const std::unique_ptr<SessionStore> other = OpenStore("?prefix=other:");
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  EXPECT_FALSE(other->Load("s", Access::kRead).value().has_value());
  EXPECT_THAT(other->Scan("", 10).value(), ElementsAre());
}

TEST_F(RedisStoreTest, TheUserCanDoWhatTheStoreDoesAndLittleElse) {
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  redis_->Admin({"SET", "another", "secret"});
  const RedisCommand refused[] = {{"GET", "recur:s:s"},
                                  {"DEL", "recur:s:s"},
                                  {"GETRANGE", "another", "0", "-1"},
                                  {"FCALL_RO", "recur_load", "1", "another"},
                                  {"FCALL", "recur_claim", "1", "another"},
                                  {"SET", "another", "x"},
                                  {"EVAL", "return 1", "0"},
                                  {"FUNCTION", "FLUSH"},
                                  {"KEYS", "*"},
                                  {"CONFIG", "GET", "*"},
                                  {"FLUSHALL"},
                                  {"ACL", "LIST"}};
  for (const RedisCommand& command : refused) {
    const RedisReply reply = redis_->AsUser(command);
    EXPECT_EQ(reply.kind, Kind::kError) << command.bytes();
    EXPECT_THAT(reply.text, HasSubstr("NOPERM")) << command.bytes();
  }
}

TEST_F(RedisStoreTest, AMissingLibraryIsSaidAndHowToLoadIt) {
  redis_->Admin({"FUNCTION", "FLUSH"});
  for (const absl::Status& status :
       {Open(redis_->uri()).status(),
        store_->Load("s", Access::kRead).status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(MessageOf(status), HasSubstr("has none; load it: redis-cli"));
    EXPECT_THAT(MessageOf(status), Not(HasSubstr("secret")));
  }
  EXPECT_EQ(CommitOne(Row("s", 1, 1)), kUnknown);
  redis_->LoadLibrary(PrivateRedis::Library());
  EXPECT_EQ(CommitOne(Row("s", 1, 1)), kCommitted);
}

TEST_F(RedisStoreTest, ALibraryOfAnotherVersionIsRefused) {
  redis_->LoadLibrary(absl::StrReplaceAll(PrivateRedis::Library(),
                                          {{"VERSION = 2", "VERSION = 1"}}));
  const absl::Status status = Open(redis_->uri()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status),
              HasSubstr("needs version 2 of the function library \"recur\" and "
                        "has the number 1"));
}

TEST_F(RedisStoreTest, AWrongPasswordIsRefusedAndNotTold) {
  const absl::Status status =
      Open(absl::StrReplaceAll(redis_->uri(), {{"secret", "hush"}})).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(MessageOf(status), HasSubstr("WRONGPASS"));
  EXPECT_THAT(MessageOf(status), Not(HasSubstr("hush")));
}

TEST_F(RedisStoreTest, ADatabaseIsSelected) {
  const std::unique_ptr<SessionStore> other =
      *Open(absl::StrReplaceAll(redis_->uri(), {{"/0", "/3"}}));
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  EXPECT_FALSE(other->Load("s", Access::kRead).value().has_value());
}

TEST_F(RedisStoreTest, ACommitThatIsNotAnsweredIsUnknownAndCanBeReadBack) {
  store_ = OpenStore("?timeout_ms=100");
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  redis_->Signal(SIGSTOP);
  EXPECT_THAT(store_->Commit({Row("s", 10, 6), Row("t", 1, 1)}),
              ElementsAre(kUnknown, kUnknown));
  EXPECT_EQ(store_->Load("s", Access::kRead).status().code(),
            absl::StatusCode::kUnavailable);
  redis_->Signal(SIGCONT);
  // It was in the queue and is obeyed; whoever reads sees it or what was.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  for (uint64_t step = 0; step != 6;) {
    ASSERT_LT(std::chrono::steady_clock::now(), end);
    const auto row = store_->Load("s", Access::kRead);
    if (row.ok()) step = (*row)->step;
  }
  EXPECT_EQ(CommitOne(Row("s", 10, 6)), kCommitted);
}

TEST_F(RedisStoreTest, WhatWasCommittedIsThereAfterACrashOfRedis) {
  for (uint64_t step = 1; step <= 5; ++step) {
    EXPECT_EQ(CommitOne(Row("s", 10, step)), kCommitted);
    redis_->Kill();
    EXPECT_EQ(store_->Load("s", Access::kRead).status().code(),
              absl::StatusCode::kUnavailable);
    EXPECT_EQ(CommitOne(Row("s", 10, step + 1)), kUnknown);
    redis_->Start();
    ASSERT_TRUE(redis_->running());
    EXPECT_TRUE(store_->Load("s", Access::kRead).value() ==
                (StoredSession{10, step, kFuture, "state"}));
  }
}

TEST_F(RedisStoreTest, AConnectionThatBrokeInTheMeantimeIsReplacedUnnoticed) {
  EXPECT_EQ(CommitOne(Row("s", 10, 1)), kCommitted);
  redis_->Kill();
  redis_->Start();
  ASSERT_TRUE(redis_->running());
  EXPECT_EQ(CommitOne(Row("s", 10, 2)), kCommitted);
}

TEST_F(RedisStoreTest, AConnectionToWhatIsNoMasterAnyMoreIsLetGo) {
  EXPECT_EQ(CommitOne(Row("s", 10, 1)), kCommitted);
  EXPECT_TRUE(store_->Load("s", Access::kRead).ok());
  redis_->Admin({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_EQ(CommitOne(Row("s", 10, 2)), kUnknown);
  EXPECT_THAT(MessageOf(store_->Load("s", Access::kClaim).status()),
              HasSubstr(": READONLY"));
  EXPECT_THAT(redis_->Admin({"CLIENT", "LIST"}).text,
              Not(HasSubstr("user=recur")));
  redis_->Admin({"REPLICAOF", "NO", "ONE"});
  EXPECT_EQ(CommitOne(Row("s", 10, 2)), kCommitted);
}

TEST_F(RedisStoreTest, ACallHasAFewMebibytesOfRowsOrOneRow) {
  const std::string big(256 << 10, 'x');
  const std::string huge(9 << 20, 'y');
  std::vector<std::string> ids;
  for (int i = 0; i < 40; ++i) ids.push_back(absl::StrCat("s", i));
  std::vector<CommitRow> rows;
  for (const std::string& id : ids) rows.push_back(Row(id, 1, 1, big));
  redis_->Admin({"CONFIG", "RESETSTAT"});
  EXPECT_THAT(store_->Commit(rows), Each(kCommitted));
  EXPECT_THAT(redis_->Admin({"INFO", "commandstats"}).text,
              HasSubstr("cmdstat_fcall:calls=3,"));
  rows[20].snapshot = huge;
  EXPECT_THAT(store_->Commit(rows), Each(kCommitted));
  EXPECT_EQ(store_->Load("s20", Access::kRead).value()->snapshot, huge);
  EXPECT_EQ(store_->Load("s39", Access::kRead).value()->snapshot, big);
}

TEST_F(RedisStoreTest, RowsExpireAndTheirIdsAreSwept) {
  std::vector<std::string> ids;
  std::vector<CommitRow> brief;
  std::vector<CommitRow> live;
  RedisCommand end_them(1 + 500);
  end_them.Add("DEL");
  for (int i = 0; i < 1000; ++i) ids.push_back(absl::StrCat("s", i));
  for (int i = 0; i < 500; ++i) {
    brief.push_back(Row(ids[i], 1, 1));
    end_them.Add("recur:s:", ids[i]);
    live.push_back(Row(ids[500 + i], 1, 1));
  }
  EXPECT_THAT(store_->Commit(brief), Each(kCommitted));
  redis_->Admin(end_them);  // as when their time is over
  EXPECT_THAT(store_->Commit(live), Each(kCommitted));
  EXPECT_EQ(redis_->Admin({"ZCARD", "recur:ids"}).integer, 500);
  EXPECT_EQ(redis_->Admin({"DBSIZE"}).integer, 501);
  EXPECT_EQ(redis_->Admin({"PEXPIRETIME", "recur:s:s500"}).integer,
            kFuture / 1000);
}

TEST_F(RedisStoreTest, ClaimingKeepsTheTimeOfARow) {
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  EXPECT_EQ(store_->Load("s", Access::kClaim).value()->epoch, 11u);
  EXPECT_EQ(redis_->Admin({"PEXPIRETIME", "recur:s:s"}).integer,
            kFuture / 1000);
}

TEST_F(RedisStoreTest, ADamagedRowIsToldAndTheOthersAreFine) {
  store_->Commit({Row("a", 1, 1), Row("c", 1, 1)});
  redis_->Admin({"SET", "recur:s:short", "x"});
  redis_->Admin({"LPUSH", "recur:s:list", "x"});
  for (const Access access : {Access::kRead, Access::kClaim}) {
    EXPECT_EQ(store_->Load("short", access).status().code(),
              absl::StatusCode::kDataLoss);
    EXPECT_EQ(store_->Load("list", access).status().code(),
              absl::StatusCode::kUnavailable);
  }
  EXPECT_THAT(store_->Commit({Row("a", 1, 2), Row("short", 9, 9),
                              Row("list", 9, 9), Row("c", 0, 0)}),
              ElementsAre(kCommitted, kUnknown, kUnknown, kFenced));
  EXPECT_EQ(redis_->Admin({"GET", "recur:s:short"}).text, "x");
}

TEST_F(RedisStoreTest, AFullRedisTakesWhatDoesNotGrow) {
  store_->Commit({Row("a", 1, 1), Row("b", 1, 1), Row("c", 7, 7)});
  redis_->Admin({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_THAT(
      store_->Commit({Row("a", 1, 2, "again"), Row("b", 1, 2, "no"),
                      Row("c", 1, 1), Row("d", 1, 1), Row("a2", 1, 1, "")}),
      ElementsAre(kCommitted, kCommitted, kFenced, kUnknown, kUnknown));
  EXPECT_EQ(CommitOne(Row("a", 1, 3, "longer")), kUnknown);
  EXPECT_TRUE(store_->Load("a", Access::kRead).value() ==
              (StoredSession{1, 2, kFuture, "again"}));
  EXPECT_THAT(store_->Scan("", 10).value(), ElementsAre("a", "b", "c"));
  redis_->Admin({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(CommitOne(Row("a", 1, 3, "longer")), kCommitted);
  EXPECT_EQ(CommitOne(Row("d", 1, 1)), kCommitted);
}

TEST_F(RedisStoreTest, ASessionIsTakenOverFromAFullRedis) {
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  redis_->Admin({"CONFIG", "SET", "maxmemory", "1"});
  const auto claimed = store_->Load("s", Access::kClaim);
  ASSERT_TRUE(claimed.ok()) << claimed.status();
  EXPECT_EQ((*claimed)->epoch, 11u);
  EXPECT_EQ(CommitOne(Row("s", 10, 6)), kFenced);
  EXPECT_EQ(CommitOne(Row("s", 11, 6)), kCommitted);
}

class TlsRedisStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!PrivateRedis::IsInstalled()) {
      GTEST_SKIP() << "redis-server is not installed";
    }
    redis_ = std::make_unique<PrivateRedis>(/*tls=*/true);
    ASSERT_TRUE(redis_->running());
  }

  std::unique_ptr<PrivateRedis> redis_;
};

TEST_F(TlsRedisStoreTest, RowsGoThroughTls) {
  const std::string ca = "?ca=" + redis_->ca_file();
  const auto store = Open(redis_->tls_uri("127.0.0.1", ca));
  ASSERT_TRUE(store.ok()) << store.status();
  const std::string long_one(3 << 20, 'x');
  EXPECT_THAT((*store)->Commit({Row("s", 1, 1, long_one)}),
              ElementsAre(kCommitted));
  EXPECT_EQ((*store)->Load("s", Access::kRead).value()->snapshot, long_one);
  for (uint64_t step = 2; step < 100; ++step) {
    EXPECT_THAT((*store)->Commit({Row("s", 1, step)}), ElementsAre(kCommitted));
  }
}

TEST_F(TlsRedisStoreTest, ACertificateOfNobodyIsRefused) {
  const absl::Status status = Open(redis_->tls_uri("127.0.0.1", "")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(MessageOf(status), HasSubstr("the certificate is refused: self"));
}

TEST_F(TlsRedisStoreTest, ACertificateOfAnotherHostIsRefused) {
  const std::string ca = "?ca=" + redis_->ca_file();
  for (const char* host : {"localhost", "127.0.0.2"}) {
    const absl::Status status = Open(redis_->tls_uri(host, ca)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(MessageOf(status), HasSubstr("the certificate is refused: "));
    EXPECT_THAT(MessageOf(status), HasSubstr("mismatch"));
  }
}

TEST_F(TlsRedisStoreTest, AFileWithoutCertificatesIsNamed) {
  const absl::Status status =
      Open(redis_->tls_uri("127.0.0.1", "?ca=/no/such/file")).status();
  EXPECT_THAT(MessageOf(status), HasSubstr("/no/such/file"));
}

TEST_F(TlsRedisStoreTest, OneSideWithoutTlsIsNoticed) {
  const std::string plain = absl::StrReplaceAll(
      redis_->tls_uri("127.0.0.1", ""), {{"rediss:", "redis:"}});
  EXPECT_EQ(Open(plain).status().code(), absl::StatusCode::kUnavailable);
  const std::string tls =
      absl::StrReplaceAll(redis_->uri(), {{"redis:", "rediss:"}});
  EXPECT_EQ(Open(tls + "?timeout_ms=200").status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace recur
