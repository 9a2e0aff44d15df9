#include "model/network/batch_check.h"

#include <gtest/gtest.h>

#include <string>

namespace recur {
namespace {

NetworkSpec NumberSpec() {
  NetworkSpec spec;
  spec.input_size = 2;
  spec.classes = 2;
  return spec;
}

SequenceBatch NumberBatch() {
  SequenceBatch batch{3, 2, {3, 1}};
  batch.inputs.resize(3 * 2 * 2);
  batch.points = {{2, 0}, {0, 1}};
  return batch;
}

std::string Refusal(const NetworkSpec& spec, const SequenceBatch& batch) {
  const absl::Status status = CheckSequenceBatch(spec, batch);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(BatchCheckTest, TakesABatchThatFits) {
  EXPECT_TRUE(CheckSequenceBatch(NumberSpec(), NumberBatch()).ok());
}

TEST(BatchCheckTest, RefusesABatchOfNothing) {
  EXPECT_EQ(Refusal(NumberSpec(), SequenceBatch()),
            "batch has 0 steps and 0 rows; both must be above 0");
}

TEST(BatchCheckTest, EveryRowNeedsALengthWithinTheSteps) {
  SequenceBatch batch = NumberBatch();
  batch.lengths[1] = 4;
  EXPECT_EQ(Refusal(NumberSpec(), batch),
            "row 1 of the batch has length 4; it must be 1 to 3");
  batch.lengths[1] = 0;
  EXPECT_EQ(Refusal(NumberSpec(), batch),
            "row 1 of the batch has length 0; it must be 1 to 3");
  batch.lengths.pop_back();
  EXPECT_EQ(Refusal(NumberSpec(), batch), "batch has 1 lengths; it needs 2");
}

TEST(BatchCheckTest, CountsInputs) {
  SequenceBatch batch = NumberBatch();
  batch.inputs.pop_back();
  EXPECT_EQ(Refusal(NumberSpec(), batch), "batch has 11 inputs; it needs 12");
}

TEST(BatchCheckTest, LooksAtTokensWithinTheRowsLength) {
  NetworkSpec spec = NumberSpec();
  spec.vocabulary_size = 5;
  spec.embedding_size = 2;
  SequenceBatch batch{3, 2, {3, 1}};
  batch.tokens = {0, 4, 1, -1, 2, -1};
  EXPECT_TRUE(CheckSequenceBatch(spec, batch).ok());
  batch.tokens[4] = 5;
  EXPECT_EQ(Refusal(spec, batch),
            "row 0 of the batch has token 5 at step 2; it must be 0 to 4");
  batch.tokens.pop_back();
  EXPECT_EQ(Refusal(spec, batch), "batch has 5 tokens; it needs 6");
}

TEST(BatchCheckTest, PointsLieWithinTheirRow) {
  SequenceBatch batch = NumberBatch();
  batch.points = {{1, 1}};
  EXPECT_EQ(Refusal(NumberSpec(), batch),
            "a point of the batch has step 1 of row 1; it must be 0 to 0");
  batch.points = {{0, 2}};
  EXPECT_EQ(Refusal(NumberSpec(), batch),
            "a point of the batch has row 2; it must be 0 to 1");
}

TEST(BatchCheckTest, ABidirectionalNetworkLooksAtNoPointsStep) {
  NetworkSpec spec = NumberSpec();
  spec.bidirectional = true;
  SequenceBatch batch = NumberBatch();
  batch.points = {{-1, 1}};
  EXPECT_TRUE(CheckSequenceBatch(spec, batch).ok());
}

TEST(BatchCheckTest, CountsWhatIsKnownOfTheFuture) {
  NetworkSpec spec = NumberSpec();
  spec.head = Head::kForecast;
  spec.classes = 0;
  spec.horizon = 3;
  spec.targets = 1;
  spec.levels = 1;
  spec.future_size = 2;
  spec.decoder_size = 1;
  EXPECT_EQ(Refusal(spec, NumberBatch()),
            "batch has 0 future values; it needs 12");
}

}  // namespace
}  // namespace recur
