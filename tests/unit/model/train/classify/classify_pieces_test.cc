#include "model/train/classify/classify_pieces.h"

#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/train/classify/classify_plan.h"

namespace recur {
namespace {

constexpr int kWindow = 8;

struct Streams {
  ClassifyData data;
  std::vector<ClassifyExample> examples;
  ClassifyPieces pieces;
};

// The value of a row is its number, so that it can be told apart.
Streams MakeStreams(int rows) {
  ClassifyDataOptions options;
  options.label_column = "label";
  options.test = 0.1;
  std::string csv = "a,label\n";
  for (int i = 0; i < rows; ++i) {
    absl::StrAppend(&csv, i, ",", i / 5 % 2 == 0 ? "off" : "on", "\n");
  }
  Streams streams;
  streams.data =
      *MakeClassifyData(*ReadExamples(*CsvTable::Parse(csv, "a.csv"), options),
                        std::nullopt, options);
  const ClassifyPlan plan = *PlanClassifier(streams.data, {});
  streams.examples = *EncodeExamples(plan.spec, {}, streams.data);
  streams.pieces = MakePieces(streams.data, streams.examples, 1, kWindow);
  return streams;
}

TEST(ClassifyPiecesTest, WindowsCoverTheStreamWithItsLabels) {
  const Streams streams = MakeStreams(400);
  std::set<float> seen;
  for (const ClassifyExample& piece : streams.pieces.examples) {
    EXPECT_LE(piece.steps, kWindow);
    ASSERT_EQ(piece.labelled.size(), static_cast<size_t>(piece.steps));
    seen.insert(piece.inputs.begin(), piece.inputs.end());
    for (const LabelledStep& labelled : piece.labelled) {
      const auto found = std::find(streams.examples[0].inputs.begin(),
                                   streams.examples[0].inputs.end(),
                                   piece.inputs[labelled.step]);
      const auto row = found - streams.examples[0].inputs.begin();
      EXPECT_EQ(labelled.truth, row / 5 % 2);
    }
  }
  EXPECT_EQ(seen.size(), 360u);
}

TEST(ClassifyPiecesTest, NoStepIsInBothParts) {
  const Streams streams = MakeStreams(400);
  for (uint64_t seed : {0, 1, 2}) {
    auto split = HoldBack(streams.data, streams.pieces, 0.2, seed);
    ASSERT_TRUE(split.ok()) << split.status();
    std::set<float> held;
    for (int piece : split->validation) {
      const std::vector<float>& inputs = streams.pieces.examples[piece].inputs;
      held.insert(inputs.begin(), inputs.end());
    }
    EXPECT_NEAR(static_cast<double>(held.size()), 72.0, 8.0);
    for (int piece : split->train) {
      for (float input : streams.pieces.examples[piece].inputs) {
        EXPECT_EQ(held.count(input), 0u);
      }
    }
  }
}

TEST(ClassifyPiecesTest, WhatIsHeldBackIsNotTrainedOnUnderAnotherLine) {
  ClassifyData data;
  data.labels = {"x", "y"};
  ClassifyPieces pieces;
  for (int i = 0; i < 200; ++i) {
    ClassifyExample example;
    example.steps = 1;
    example.tokens = {i % 20};
    example.labelled = {{0, i % 2}};
    pieces.examples.push_back(example);
  }
  const auto split = HoldBack(data, pieces, 0.2, 3);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->validation.size(), 40u);
  std::set<int> held;
  for (int i : split->validation) held.insert(i % 20);
  for (int i : split->train) EXPECT_EQ(held.count(i % 20), 0u) << i;
}

TEST(ClassifyPiecesTest, SaysThatAStreamIsTooShort) {
  const Streams streams = MakeStreams(16);
  EXPECT_EQ(
      HoldBack(streams.data, streams.pieces, 0.2, 0).status().message(),
      "a.csv: the sequences are too short to hold back --validation 0.2 of "
      "their steps; use more of them, or --validation 0 and --epochs");
}

}  // namespace
}  // namespace recur
