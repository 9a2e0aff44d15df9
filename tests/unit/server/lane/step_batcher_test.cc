#include "server/lane/step_batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace recur {
namespace {

using ::testing::ElementsAre;

TEST(StepBatcherTest, TakesTheOldestFirst) {
  StepBatcher batcher(2);
  for (RunId run : {5u, 3u, 9u}) batcher.Add(run, 0, /*bulk=*/false);
  std::vector<RunId> batch;
  ASSERT_TRUE(batcher.NextBatch(&batch));
  EXPECT_THAT(batch, ElementsAre(5, 3));
  ASSERT_TRUE(batcher.NextBatch(&batch));
  EXPECT_THAT(batch, ElementsAre(9));
  EXPECT_FALSE(batcher.NextBatch(&batch));
  EXPECT_TRUE(batch.empty());
}

TEST(StepBatcherTest, PutsLiveRunsBeforeBulk) {
  StepBatcher batcher(8);
  for (RunId run = 0; run < 4; ++run) batcher.Add(100 + run, 0, /*bulk=*/true);
  for (RunId run = 0; run < 4; ++run) batcher.Add(run, 0, /*bulk=*/false);
  std::vector<RunId> batch;
  ASSERT_TRUE(batcher.NextBatch(&batch));
  EXPECT_THAT(batch, ElementsAre(0, 1, 2, 3, 100, 101, 102, 103));
}

TEST(StepBatcherTest, KnowsHowManyBulkRunsWait) {
  StepBatcher batcher(4);
  for (RunId run = 0; run < 3; ++run) batcher.Add(run, 0, /*bulk=*/false);
  for (RunId run = 3; run < 6; ++run) batcher.Add(run, 1, /*bulk=*/true);
  EXPECT_EQ(batcher.bulk_waiting(), 3u);
  std::vector<RunId> batch;
  for (size_t waiting : {3u, 0u}) {
    ASSERT_TRUE(batcher.NextBatch(&batch));
    EXPECT_EQ(batcher.bulk_waiting(), waiting);
  }
}

TEST(StepBatcherTest, GivesBulkItsShareBesideAFullLoadOfLiveRuns) {
  for (const int max_rows : {1, 2, 8, 64}) {
    StepBatcher batcher(max_rows);
    for (RunId run = 0; run < 1000; ++run) batcher.Add(run, 0, false);
    for (RunId run = 1000; run < 2000; ++run) batcher.Add(run, 0, true);
    int bulk = 0;
    int rows = 0;
    std::vector<RunId> batch;
    for (int i = 0; i < 400; ++i) {
      ASSERT_TRUE(batcher.NextBatch(&batch));
      for (const RunId run : batch) {
        ++rows;
        bulk += run >= 1000;
        batcher.Add(run, 0, run >= 1000);
      }
    }
    EXPECT_GE(bulk * StepBatcher::kBulkShare, rows) << max_rows;
    EXPECT_LE(bulk * (StepBatcher::kBulkShare - 1), rows) << max_rows;
  }
}

// Models take turns in step with each other, so a share over time must be
// counted for each of them.
TEST(StepBatcherTest, GivesBulkOfEveryModelItsShareInSmallBatches) {
  for (const RunId models : {2u, 4u, 8u}) {
    StepBatcher batcher(4);
    for (RunId run = 0; run < 100 * models; ++run) {
      batcher.Add(run, run % models, /*bulk=*/run >= 50 * models);
    }
    std::map<RunId, int> bulk;
    std::vector<RunId> batch;
    for (RunId i = 0; i < 80 * models; ++i) {
      ASSERT_TRUE(batcher.NextBatch(&batch));
      for (const RunId run : batch) {
        const bool is_bulk = run >= 50 * models;
        bulk[run % models] += is_bulk;
        batcher.Add(run, run % models, is_bulk);
      }
    }
    for (RunId model = 0; model < models; ++model) {
      EXPECT_EQ(bulk[model], 4 * 80 / StepBatcher::kBulkShare)
          << "model " << model << " of " << models;
    }
  }
}

TEST(StepBatcherTest, FillsTheBatchWhenBulkHasLessThanItsShare) {
  StepBatcher batcher(64);
  for (RunId run = 0; run < 100; ++run) batcher.Add(run, 0, /*bulk=*/false);
  batcher.Add(500, 0, /*bulk=*/true);
  std::vector<RunId> batch;
  ASSERT_TRUE(batcher.NextBatch(&batch));
  EXPECT_EQ(batch.size(), 64u);
  EXPECT_EQ(batch.back(), 500u);
}

TEST(StepBatcherTest, NeverMixesModelsAndLetsThemTakeTurns) {
  StepBatcher batcher(4);
  for (RunId run = 0; run < 12; ++run) batcher.Add(run, run % 3, false);
  std::set<RunId> models;
  std::vector<RunId> batch;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(batcher.NextBatch(&batch));
    ASSERT_EQ(batch.size(), 4u);
    for (const RunId run : batch) EXPECT_EQ(run % 3, batch[0] % 3);
    models.insert(batch[0] % 3);
  }
  EXPECT_EQ(models.size(), 3u);
}

// Against the order in which runs were added, under random use.
TEST(StepBatcherTest, LosesAndDoublesNothing) {
  std::mt19937 random(7);
  StepBatcher batcher(5);
  std::multiset<RunId> waiting;
  std::vector<RunId> batch;
  for (int i = 0; i < 20000; ++i) {
    if (random() % 3 > 0) {
      const RunId run = random() % 1000;
      batcher.Add(run, run % 4, run % 2 == 0);
      waiting.insert(run);
      continue;
    }
    ASSERT_EQ(batcher.NextBatch(&batch), !waiting.empty());
    ASSERT_LE(batch.size(), 5u);
    for (const RunId run : batch) {
      const auto found = waiting.find(run);
      ASSERT_NE(found, waiting.end());
      waiting.erase(found);
    }
    ASSERT_EQ(batcher.waiting(), waiting.size());
  }
}

}  // namespace
}  // namespace recur
