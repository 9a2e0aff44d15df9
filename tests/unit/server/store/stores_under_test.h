// The stores that the sentences of session_store.h are held against.
#ifndef RECUR_TESTS_UNIT_SERVER_STORE_STORES_UNDER_TEST_H_
#define RECUR_TESTS_UNIT_SERVER_STORE_STORES_UNDER_TEST_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "server/store/redis_store.h"
#include "server/store/redis_uri.h"
#include "server/store/rocksdb_store.h"
#include "server/store/session_store.h"
#include "tests/private_redis.h"
#include "tests/unit/server/store/memory_store.h"
#include "tests/unit/server/store/temp_directory.h"

namespace recur {

// A new, empty store and what it needs to live.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual SessionStore& store() = 0;
};

class MemoryUnderTest : public StoreUnderTest {
 public:
  SessionStore& store() override { return store_; }

 private:
  MemoryStore store_;
};

class RocksdbUnderTest : public StoreUnderTest {
 public:
  RocksdbUnderTest() {
    auto store = CreateRocksdbStore({.dir = directory_.path() / "sessions"});
    EXPECT_TRUE(store.ok()) << store.status();
    if (store.ok()) store_ = *std::move(store);
  }
  SessionStore& store() override { return *store_; }

 private:
  TempDirectory directory_;
  std::unique_ptr<SessionStore> store_;
};

// All of them share one server; a new one finds it empty.
class RedisUnderTest : public StoreUnderTest {
 public:
  RedisUnderTest() {
    static PrivateRedis redis;
    if (!redis.running()) return;
    redis.Admin({"FLUSHALL"});
    auto store = CreateRedisStore(ParseRedisUri(redis.uri()).value());
    EXPECT_TRUE(store.ok()) << store.status();
    if (store.ok()) store_ = *std::move(store);
  }
  SessionStore& store() override { return *store_; }

 private:
  std::unique_ptr<SessionStore> store_;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_STORE_STORES_UNDER_TEST_H_
