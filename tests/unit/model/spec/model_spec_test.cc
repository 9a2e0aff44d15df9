#include "model/spec/model_spec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

namespace recur {
namespace {

ModelSpec Classifier() {
  ModelSpec spec;
  spec.task = Task::kClassify;
  spec.network.hidden_size = 4;
  spec.network.classes = 3;
  spec.features.columns = {{"x"}};
  spec.labels = {"calm", "rain", "storm"};
  return spec;
}

ModelSpec TextClassifier() {
  ModelSpec spec = Classifier();
  spec.features.columns.clear();
  spec.takes_text = true;
  spec.network.vocabulary_size = 50;
  spec.network.embedding_size = 4;
  return spec;
}

ModelSpec Forecaster() {
  ModelSpec spec;
  spec.task = Task::kForecast;
  spec.network.input_size = 2;
  spec.network.head = Head::kForecast;
  spec.network.horizon = 7;
  spec.network.targets = 1;
  spec.network.levels = 3;
  spec.network.decoder_size = 8;
  spec.features.columns = {{"temperature"}, {"wind"}};
  spec.features.targets = {0};
  spec.features.output_scale = {1.0};
  spec.quantiles = {0.1, 0.5, 0.9};
  return spec;
}

std::string Refusal(ModelSpec spec,
                    const std::function<void(ModelSpec*)>& change) {
  EXPECT_TRUE(ValidateModelSpec(spec).ok()) << ValidateModelSpec(spec);
  change(&spec);
  const absl::Status status = ValidateModelSpec(spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(ModelSpecTest, TakesGoodSpecs) {
  EXPECT_TRUE(ValidateModelSpec(Classifier()).ok());
  EXPECT_TRUE(ValidateModelSpec(TextClassifier()).ok());
  EXPECT_TRUE(ValidateModelSpec(Forecaster()).ok());
}

TEST(ModelSpecTest, ASigmoidHeadHasTwoLabels) {
  ModelSpec spec = Classifier();
  spec.network.head = Head::kSigmoid;
  spec.network.classes = 1;
  spec.labels = {"no", "yes"};
  EXPECT_TRUE(ValidateModelSpec(spec).ok());
  spec.labels = {"yes"};
  EXPECT_EQ(ValidateModelSpec(spec).message(),
            "labels has 1 entries; the head needs 2");
}

TEST(ModelSpecTest, ChecksItsNetworkAndItsFeatures) {
  EXPECT_EQ(Refusal(Classifier(), [](auto* s) { s->network.layers = 17; }),
            "network.layers is 17; it must be 1 to 16");
  EXPECT_EQ(Refusal(Classifier(), [](auto* s) { s->features.seasons = {0}; }),
            "features.seasons has 0; it must be 1 to 100000");
}

TEST(ModelSpecTest, LabelsAgreeWithTheHeadAndAreDistinct) {
  EXPECT_EQ(Refusal(Classifier(), [](auto* s) { s->labels.pop_back(); }),
            "labels has 2 entries; the head needs 3");
  EXPECT_EQ(Refusal(Classifier(), [](auto* s) { s->labels[2] = "calm"; }),
            "labels has a doubled entry");
}

TEST(ModelSpecTest, TheTaskAgreesWithTheHead) {
  EXPECT_EQ(Refusal(Classifier(), [](auto* s) { s->task = Task::kForecast; }),
            "task forecast needs head forecast");
  EXPECT_EQ(Refusal(Forecaster(), [](auto* s) { s->task = Task::kClassify; }),
            "task classify needs head softmax or sigmoid");
}

TEST(ModelSpecTest, TextGoesWithAVocabularyAndWithoutColumns) {
  EXPECT_EQ(Refusal(TextClassifier(), [](auto* s) { s->takes_text = false; }),
            "a model takes text exactly if its network has a vocabulary_size");
  EXPECT_EQ(
      Refusal(TextClassifier(), [](auto* s) { s->features.columns = {{"x"}}; }),
      "a model has features.columns exactly if it does not take text");
  EXPECT_EQ(Refusal(Classifier(), [](auto* s) { s->features.columns.clear(); }),
            "a model has features.columns exactly if it does not take text");
}

TEST(ModelSpecTest, QuantilesAscendWithinZeroAndOne) {
  const auto with = [](std::vector<double> quantiles) {
    return [quantiles](ModelSpec* spec) { spec->quantiles = quantiles; };
  };
  EXPECT_EQ(Refusal(Forecaster(), with({0.1, 0.9, 0.5})),
            "quantiles has 0.5; levels must ascend and lie in (0, 1)");
  EXPECT_EQ(Refusal(Forecaster(), with({0.1, 0.5, 0.5})),
            "quantiles has 0.5; levels must ascend and lie in (0, 1)");
  EXPECT_EQ(Refusal(Forecaster(), with({0.0, 0.5, 0.9})),
            "quantiles has 0; levels must ascend and lie in (0, 1)");
  EXPECT_EQ(Refusal(Forecaster(), with({0.1, 0.5, 1.0})),
            "quantiles has 1; levels must ascend and lie in (0, 1)");
  EXPECT_EQ(Refusal(Forecaster(), with({0.1, 0.5, NAN})),
            "quantiles has nan; levels must ascend and lie in (0, 1)");
}

TEST(ModelSpecTest, LevelsAndTargetsAgreeWithTheNetwork) {
  EXPECT_EQ(Refusal(Forecaster(), [](auto* s) { s->quantiles = {0.5}; }),
            "network.levels is 3; quantiles asks for 1");
  EXPECT_EQ(Refusal(Forecaster(), [](auto* s) { s->quantiles.clear(); }),
            "network.levels is 3; quantiles asks for 1");
  EXPECT_EQ(Refusal(Forecaster(), [](auto* s) { s->network.targets = 2; }),
            "network.targets is 2; features.targets has 1 entries");
}

TEST(ModelSpecTest, WhatBelongsToTheOtherTaskIsRefused) {
  EXPECT_EQ(Refusal(Classifier(), [](auto* s) { s->quantiles = {0.5}; }),
            "quantiles are for task forecast");
  EXPECT_EQ(Refusal(Forecaster(), [](auto* s) { s->labels = {"a"}; }),
            "labels are for task classify");
}

TEST(ModelSpecTest, QuantilesMakeThePointAMedian) {
  EXPECT_EQ(PointKindOf(Forecaster()), PointKind::kMedian);
  ModelSpec spec = Forecaster();
  spec.quantiles.clear();
  spec.network.levels = 1;
  EXPECT_TRUE(ValidateModelSpec(spec).ok());
  EXPECT_EQ(PointKindOf(spec), PointKind::kMean);
}

TEST(ModelSpecTest, EveryTaskIsParsedFromItsName) {
  for (Task task : {Task::kClassify, Task::kForecast}) {
    EXPECT_EQ(ParseTask(TaskName(task)).value(), task);
  }
  EXPECT_EQ(ParseTask("rank").status().message(),
            "task is \"rank\"; it must be classify or forecast");
}

}  // namespace
}  // namespace recur
