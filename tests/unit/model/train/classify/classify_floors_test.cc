#include "model/train/classify/classify_floors.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/train/classify/classify_plan.h"
#include "model/train/classify/linear_classifier.h"

namespace recur {
namespace {

std::vector<ClassificationScore> Floors(const std::string& csv,
                                        ClassifyDataOptions options) {
  options.label_column = "label";
  options.test = 0.25;
  const ClassifyData data =
      *MakeClassifyData(*ReadExamples(*CsvTable::Parse(csv, "a.csv"), options),
                        std::nullopt, options);
  const ClassifyPlan plan = *PlanClassifier(data, {});
  return ClassifyFloors(plan.spec, data,
                        *EncodeExamples(plan.spec, plan.vocabulary, data));
}

TEST(LinearClassifierTest, FindsALine) {
  Random random(1);
  std::vector<SparseRow> rows;
  std::vector<int> truth;
  for (int i = 0; i < 400; ++i) {
    const float x = random.Uniform(-1.0f, 1.0f);
    const float y = random.Uniform(-1.0f, 1.0f);
    rows.push_back({{0, x}, {1, y}});
    truth.push_back(x + 2 * y > 0.3f ? 1 : 0);
  }
  LinearClassifier classifier(2, 2);
  classifier.Train(rows, truth, 30, 0);
  int right = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    right += classifier.Call(rows[i]) == truth[i] ? 1 : 0;
  }
  EXPECT_GE(right, 392);
}

TEST(ClassifyFloorsTest, ALineTellsTheStepsOfAStreamApart) {
  std::string csv = "a,label\n";
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&csv, i % 7, ",", i % 7 > 3 ? "high" : "low", "\n");
  }
  const auto floors = Floors(csv, {});
  ASSERT_EQ(floors.size(), 2u);
  EXPECT_EQ(floors[0].name, "majority class");
  EXPECT_NEAR(floors[0].accuracy, 4.0 / 7, 0.03);
  EXPECT_EQ(floors[1].name, "linear, this step");
  EXPECT_EQ(floors[1].accuracy, 1.0);
}

TEST(ClassifyFloorsTest, PairsOfWordsTellTextsApart) {
  std::string csv = "text,label\n";
  for (int i = 0; i < 40; ++i) {
    absl::StrAppend(&csv, "word", i, " not good,bad\nword", i,
                    " good,fine\nnot word", i, " good,fine\n");
  }
  const auto floors = Floors(csv, {.text_column = "text"});
  EXPECT_EQ(floors[1].name, "linear, n-grams");
  EXPECT_EQ(floors[1].accuracy, 1.0);
}

TEST(ClassifyFloorsTest, TheNearestSequenceMayHaveAnotherLength) {
  std::string csv = "id,a,label\n";
  for (int i = 0; i < 40; ++i) {
    const bool up = i % 2 == 0;
    for (int step = 0; step < 4 + i % 5; ++step) {
      absl::StrAppend(&csv, i, ",", (up ? step : -step) + 0.1 * (i % 3), ",",
                      up ? "up" : "down", "\n");
    }
  }
  const auto floors = Floors(csv, {.id_column = "id"});
  EXPECT_EQ(floors[1].name, "nearest neighbour");
  EXPECT_EQ(floors[1].accuracy, 1.0);
}

}  // namespace
}  // namespace recur
