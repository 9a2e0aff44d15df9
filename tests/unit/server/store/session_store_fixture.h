// The fixture of what is said of every store: one test runs on each of them.
#ifndef RECUR_TESTS_UNIT_SERVER_STORE_SESSION_STORE_FIXTURE_H_
#define RECUR_TESTS_UNIT_SERVER_STORE_SESSION_STORE_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "server/store/session_store.h"
#include "tests/unit/server/store/stores_under_test.h"

namespace recur {

using Access = SessionStore::Access;

inline constexpr int64_t kFuture = 4102444800000000;  // the year 2100
inline constexpr int64_t kPast = 1;

struct StoreKind {
  const char* name;
  std::unique_ptr<StoreUnderTest> (*make)();

  friend void PrintTo(const StoreKind& kind, std::ostream* out) {
    *out << kind.name;
  }
};

template <typename Kind>
std::unique_ptr<StoreUnderTest> Make() {
  return std::make_unique<Kind>();
}

inline std::unique_ptr<StoreUnderTest> MakeRedis() {
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
    return outcomes.empty() ? CommitOutcome::kUnknown : outcomes[0];
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

inline CommitRow Row(absl::string_view id, uint64_t epoch, uint64_t step,
                     absl::string_view snapshot = "state") {
  return {.id = id,
          .epoch = epoch,
          .step = step,
          .keep_until_us = kFuture,
          .snapshot = snapshot};
}

inline CommitRow Create(absl::string_view id, uint64_t epoch,
                        uint64_t step = 0) {
  CommitRow row = Row(id, epoch, step, "new");
  row.create = true;
  return row;
}

inline auto EveryStore() {
  return ::testing::Values(StoreKind{"memory", &Make<MemoryUnderTest>},
                           StoreKind{"rocksdb", &Make<RocksdbUnderTest>},
                           StoreKind{"redis", &MakeRedis});
}

inline std::string NameOf(const ::testing::TestParamInfo<StoreKind>& info) {
  return info.param.name;
}

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_STORE_SESSION_STORE_FIXTURE_H_
