#include "model/train/learning/batch_shards.h"

#include <vector>

#include "gtest/gtest.h"

namespace recur {
namespace {

// Row r is r * 100 + step; points in no order of rows.
SequenceBatch FiveRows() {
  SequenceBatch batch;
  batch.steps = 3;
  batch.rows = 5;
  batch.lengths = {1, 3, 2, 2, 3};
  for (int step = 0; step < batch.steps; ++step) {
    for (int row = 0; row < batch.rows; ++row) {
      batch.inputs.push_back(static_cast<float>(row * 100 + step));
    }
  }
  batch.points = {{1, 4}, {0, 0}, {2, 4}, {1, 3}};
  batch.future = {40, 41, 0, 1, 42, 43, 30, 31};  // two each
  return batch;
}

const std::vector<float> kTargets = {4, 0, 5, 3};

TEST(BatchShardsTest, TakesWholeRowsUpToTheirLongestLength) {
  ASSERT_EQ(ShardCount(5), 4);
  SequenceBatch part;
  std::vector<float> targets;
  CutShard(FiveRows(), kTargets, 2, &part, &targets);  // row 2
  EXPECT_EQ(part.rows, 1);
  EXPECT_EQ(part.steps, 2);
  EXPECT_EQ(part.lengths, std::vector<int>{2});
  EXPECT_EQ(part.inputs, (std::vector<float>{200, 201}));
  EXPECT_TRUE(part.points.empty());
  EXPECT_TRUE(targets.empty());
}

TEST(BatchShardsTest, PointsKeepTheirTargetsAndFuture) {
  SequenceBatch part;
  std::vector<float> targets;
  CutShard(FiveRows(), kTargets, 3, &part, &targets);  // rows 3 and 4
  EXPECT_EQ(part.inputs, (std::vector<float>{300, 400, 301, 401, 302, 402}));
  ASSERT_EQ(part.points.size(), 3u);
  EXPECT_EQ(part.points[0].row, 1);
  EXPECT_EQ(part.points[2].row, 0);
  EXPECT_EQ(part.points[1].step, 2);
  EXPECT_EQ(part.future, (std::vector<float>{40, 41, 42, 43, 30, 31}));
  EXPECT_EQ(targets, (std::vector<float>{4, 5, 3}));
}

TEST(BatchShardsTest, EveryRowIsInOneShard) {
  for (int rows = 1; rows <= 40; ++rows) {
    SequenceBatch batch;
    batch.steps = 1;
    batch.rows = rows;
    batch.lengths.assign(rows, 1);
    for (int row = 0; row < rows; ++row) batch.tokens.push_back(row);
    std::vector<int32_t> seen;
    for (int i = 0; i < ShardCount(rows); ++i) {
      SequenceBatch part;
      std::vector<float> targets;
      CutShard(batch, {}, i, &part, &targets);
      EXPECT_GE(part.rows, 1);
      seen.insert(seen.end(), part.tokens.begin(), part.tokens.end());
    }
    EXPECT_EQ(seen, batch.tokens);
  }
}

}  // namespace
}  // namespace recur
