#include "server/store/rocksdb_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include "server/store/overdue_filter.h"
#include "server/store/row_bytes.h"
#include "tests/unit/server/store/child_process.h"
#include "tests/unit/server/store/faulty_files.h"
#include "tests/unit/server/store/temp_directory.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using enum CommitOutcome;
using Access = SessionStore::Access;

constexpr int64_t kFuture = 4102444800000000;

CommitRow Row(absl::string_view id, uint64_t epoch, uint64_t step,
              absl::string_view snapshot = "state") {
  return {.id = id,
          .epoch = epoch,
          .step = step,
          .keep_until_us = kFuture,
          .snapshot = snapshot};
}

class RocksdbStoreTest : public ::testing::Test {
 protected:
  RocksdbStoreTest() { options_.dir = directory_.path() / "deep" / "sessions"; }

  void Open() {
    store_ = nullptr;
    auto store = CreateRocksdbStore(options_);
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  // Calls back with the database itself, while the store is closed.
  template <typename Change>
  void ChangeFiles(Change change) {
    store_ = nullptr;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, options_.dir, &db).ok());
    change(db);
    delete db;
    Open();
  }

  // From the next Open on.
  void UseFaultyFiles() {
    env_ = FaultyEnv(&faults_);
    options_.env = env_.get();
    options_.on_fatal = [this](absl::string_view what) {
      said_.emplace_back(what);
    };
  }

  CommitOutcome CommitOne(const CommitRow& row) {
    return store_->Commit({row})[0];
  }

  TempDirectory directory_;
  Faults faults_;
  std::unique_ptr<rocksdb::Env> env_;
  std::vector<std::string> said_;  // by on_fatal
  RocksdbStoreOptions options_;
  std::unique_ptr<SessionStore> store_;
};

using RocksdbStoreDeathTest = RocksdbStoreTest;

TEST_F(RocksdbStoreTest, IsLocal) {
  Open();
  EXPECT_EQ(store_->durability(), Durability::kLocal);
}

TEST_F(RocksdbStoreTest, RowsAreThereAfterReopening) {
  Open();
  EXPECT_EQ(CommitOne(Row("s", 10, 5)), kCommitted);
  EXPECT_EQ(store_->Load("s", Access::kClaim).value()->epoch, 11u);
  Open();
  EXPECT_TRUE(store_->Load("s", Access::kRead).value() ==
              (StoredSession{11, 5, kFuture, "state"}));
  EXPECT_EQ(CommitOne(Row("s", 10, 6)), kFenced);
}

TEST_F(RocksdbStoreTest, ADirectoryInUseIsNamed) {
  Open();
  const absl::Status again = CreateRocksdbStore(options_).status();
  EXPECT_EQ(again.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(again.message()),
              HasSubstr("session store " + options_.dir + " is in use"));
}

TEST_F(RocksdbStoreTest, ADirectoryInUseByAnotherProcessIsNamed) {
  ChildProcess child("RocksdbStoreTest.DISABLED_CommitsUntilItIsKilled",
                     options_.dir);
  ASSERT_TRUE(child.Next().has_value());
  const absl::Status second = CreateRocksdbStore(options_).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition) << second;
}

TEST_F(RocksdbStoreTest, AFileInPlaceOfTheDirectoryIsNoStore) {
  options_.dir = "/dev/null/sessions";
  const absl::Status status = CreateRocksdbStore(options_).status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr("/dev/null/sessions"));
}

TEST_F(RocksdbStoreTest, ADamagedRowIsToldAndTheOthersAreFine) {
  Open();
  CommitOne(Row("a", 1, 1));
  CommitOne(Row("b", 1, 2));
  CommitOne(Row("c", 1, 3));
  ChangeFiles([](rocksdb::DB* db) {
    std::string value;
    ASSERT_TRUE(db->Get({}, "b", &value).ok());
    value[20] ^= 1;
    ASSERT_TRUE(db->Put({}, "b", value).ok());
  });
  for (const Access access : {Access::kRead, Access::kClaim}) {
    EXPECT_EQ(store_->Load("b", access).status().code(),
              absl::StatusCode::kDataLoss);
  }
  EXPECT_EQ(store_->Load("a", Access::kRead).value()->step, 1u);
  EXPECT_THAT(store_->Commit({Row("a", 1, 4), Row("b", 9, 9), Row("c", 1, 5)}),
              ElementsAre(kCommitted, kUnknown, kCommitted));
  EXPECT_EQ(store_->Load("b", Access::kRead).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(RocksdbStoreTest, RowsThatChangedPlacesAreNoticed) {
  Open();
  CommitOne(Row("a", 1, 1));
  CommitOne(Row("b", 1, 2));
  ChangeFiles([](rocksdb::DB* db) {
    std::string value;
    ASSERT_TRUE(db->Get({}, "a", &value).ok());
    ASSERT_TRUE(db->Put({}, "b", value).ok());
  });
  EXPECT_EQ(store_->Load("b", Access::kRead).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(RocksdbStoreTest, ARowGoesWhenItsTimeIsOver) {
  int64_t now = 1000;
  options_.now_us = [&now] { return now; };
  Open();
  CommitRow row = Row("s", 7, 1);
  row.keep_until_us = 2000;
  EXPECT_EQ(CommitOne(row), kCommitted);
  now = 1999;
  EXPECT_TRUE(store_->Load("s", Access::kRead).value().has_value());
  now = 2000;
  EXPECT_FALSE(store_->Load("s", Access::kRead).value().has_value());
  EXPECT_FALSE(store_->Load("s", Access::kClaim).value().has_value());
  EXPECT_EQ(CommitOne(Row("s", 3, 0)), kCommitted);
}

TEST_F(RocksdbStoreTest, CompactionDropsWhatIsOverAndKeepsWhatIsDamaged) {
  const OverdueFilter filter([] { return int64_t{2000}; });
  const auto drops = [&](const std::string& id, int64_t keep_until_us) {
    const RowHeader header =
        EncodeRowHeader(id, {.keep_until_us = keep_until_us});
    return filter.Filter(0, "s", {header.data(), header.size()}, nullptr,
                         nullptr);
  };
  EXPECT_TRUE(drops("s", 1999));
  EXPECT_TRUE(drops("s", 2000));
  EXPECT_FALSE(drops("s", 2001));
  EXPECT_FALSE(drops("another", 1999));
  EXPECT_FALSE(filter.Filter(0, "s", "garbage", nullptr, nullptr));
}

TEST_F(RocksdbStoreTest, AFailedSyncIsFatal) {
  UseFaultyFiles();
  Open();
  EXPECT_EQ(CommitOne(Row("s", 1, 1)), kCommitted);
  faults_.sync_fails = true;
  EXPECT_THAT(store_->Commit({Row("s", 1, 2), Row("s0", 1, 1)}),
              ElementsAre(kUnknown, kUnknown));
  ASSERT_EQ(said_.size(), 1u);
  EXPECT_THAT(said_[0], HasSubstr("Input/output error"));
  EXPECT_THAT(said_[0], HasSubstr(options_.dir));
  faults_.sync_fails = false;
  EXPECT_EQ(CommitOne(Row("s", 1, 3)), kUnknown);
  EXPECT_EQ(said_.size(), 2u);
}

TEST_F(RocksdbStoreTest, AFullDiskIsOutlived) {
  UseFaultyFiles();
  Open();
  EXPECT_THAT(store_->Commit({Row("s", 1, 1), Row("t", 1, 1)}),
              ElementsAre(kCommitted, kCommitted));
  for (uint64_t step = 2; step < 6; ++step) {
    faults_.disk_full = true;
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(CommitOne(Row("s", 1, step)), kUnknown);
      EXPECT_EQ(store_->Load("s", Access::kRead).status().code(),
                absl::StatusCode::kUnavailable);
      EXPECT_EQ(store_->Load("t", Access::kRead).value()->step, 1u);
      EXPECT_EQ(store_->Load("t", Access::kClaim).status().code(),
                absl::StatusCode::kUnavailable);
      EXPECT_THAT(store_->Scan("", 9).value(), ElementsAre("s", "t"));
    }
    faults_.disk_full = false;
    // Reading back is enough to make it whole.
    EXPECT_EQ(store_->Load("s", Access::kRead).value()->step, step - 1);
    EXPECT_EQ(CommitOne(Row("s", 1, step)), kCommitted);
  }
  EXPECT_THAT(said_, IsEmpty());
  Open();
  EXPECT_EQ(store_->Load("s", Access::kRead).value()->step, 5u);
}

TEST_F(RocksdbStoreDeathTest, EndsTheProcessIfItIsNotToldOtherwise) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(AbortStore("the disk lies"), "fatal: the disk lies");
}

// Run as a child: reports every step that is committed.
TEST_F(RocksdbStoreTest, DISABLED_CommitsUntilItIsKilled) {
  options_.dir = ChildProcess::Dir();
  Open();
  const auto there = store_->Load("a", Access::kRead).value();
  for (uint64_t step = there.has_value() ? there->step + 1 : 1;; ++step) {
    const std::string state(step % 5000, 'x');
    const CommitRow rows[] = {Row("a", 1, step, state),
                              Row("b", 1, step, state)};
    for (const CommitOutcome outcome : store_->Commit(rows)) {
      ASSERT_EQ(outcome, kCommitted);
    }
    ChildProcess::Report(step);
  }
}

TEST_F(RocksdbStoreTest, WhatWasCommittedIsThereAfterAKill) {
  uint64_t committed = 0;
  for (int cycle = 1; cycle <= 5; ++cycle) {
    {
      ChildProcess child("RocksdbStoreTest.DISABLED_CommitsUntilItIsKilled",
                         options_.dir);
      for (int i = 0; i < 20 * cycle; ++i) {
        const std::optional<uint64_t> step = child.Next();
        ASSERT_EQ(step, committed + 1);
        committed = *step;
      }
      child.Kill();
      while (const std::optional<uint64_t> step = child.Next()) {
        committed = *step;
      }
    }
    Open();
    for (const char* id : {"a", "b"}) {
      const auto row = store_->Load(id, Access::kRead).value();
      ASSERT_TRUE(row.has_value());
      // The last commit may have been made and not reported.
      EXPECT_GE(row->step, committed);
      EXPECT_LE(row->step, committed + 1);
      EXPECT_EQ(row->snapshot, std::string(row->step % 5000, 'x'));
    }
    committed = store_->Load("a", Access::kRead).value()->step;
    store_ = nullptr;
  }
}

}  // namespace
}  // namespace recur
