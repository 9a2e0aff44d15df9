#include "server/rpc/batch_pool.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/unit/server/rpc/quantile_model.h"

namespace recur {
namespace {

class BatchPoolTest : public ::testing::Test {
 protected:
  std::shared_ptr<StreamBatch> Filled(size_t items) {
    auto batch = pool_->Take();
    for (size_t i = 0; i < items; ++i) {
      batch->items.emplace_back().session = session_;
      batch->values.push_back(1.0);
      batch->value_counts.push_back(1);
      batch->item_index.push_back(static_cast<uint32_t>(i));
    }
    EXPECT_TRUE(batch->Seal().ok());
    return batch;
  }

  const SessionPtr session_ =
      SessionRecord::Create("grid-2", "", QuantileModel(), 4);
  std::shared_ptr<BatchPool> pool_ = BatchPool::Create();
};

TEST_F(BatchPoolTest, GivesOutFirstWhatCameBackLast) {
  auto first = pool_->Take();
  auto second = pool_->Take();
  const StreamBatch* const last = first.get();
  second.reset();
  first.reset();
  EXPECT_EQ(pool_->Take().get(), last);
}

TEST_F(BatchPoolTest, ABatchComesBackEmptyAndHoldsNoSession) {
  Filled(5).reset();
  EXPECT_TRUE(session_->unshared());
  const auto again = pool_->Take();
  EXPECT_EQ(again->places(), 0u);
  EXPECT_TRUE(again->values.empty());
  EXPECT_GE(again->values.capacity(), 5u);
}

TEST_F(BatchPoolTest, KeepsNoMoreThanItsLimit) {
  std::vector<std::shared_ptr<StreamBatch>> out;
  for (size_t i = 0; i < 2 * BatchPool::kMaxKept; ++i) {
    out.push_back(pool_->Take());
  }
  EXPECT_EQ(pool_->kept(), 0u);
  out.clear();
  EXPECT_EQ(pool_->kept(), BatchPool::kMaxKept);
}

TEST_F(BatchPoolTest, KeepsNoLargeBatch) {
  Filled(BatchPool::kMaxKeptValues + 1).reset();
  EXPECT_EQ(pool_->kept(), 0u);
}

TEST_F(BatchPoolTest, ABatchMayComeBackAfterItsStreamsHaveGone) {
  auto batch = Filled(1);
  pool_.reset();
  batch.reset();
  EXPECT_TRUE(session_->unshared());
}

TEST_F(BatchPoolTest, TakesFromManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 1'000; ++i) {
        EXPECT_EQ(pool_->Take()->places(), 0u);
        Filled(3).reset();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(pool_->kept(), 4u);
  EXPECT_TRUE(session_->unshared());
}

}  // namespace
}  // namespace recur
