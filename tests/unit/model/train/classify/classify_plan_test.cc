#include "model/train/classify/classify_plan.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace recur {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

ClassifyData Data(const std::string& csv, ClassifyDataOptions options = {}) {
  options.label_column = "label";
  options.test = 0.0;
  return *MakeClassifyData(
      *ReadExamples(*CsvTable::Parse(csv, "a.csv"), options), std::nullopt,
      options);
}

ClassifyData Texts(const std::string& text, int count) {
  std::string csv = "text,label\n";
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&csv, text, ",", i % 2 == 0 ? "even" : "odd", "\n");
  }
  return Data(csv, {.text_column = "text"});
}

// One row per label of `counts` times.
ClassifyData Stream(const std::vector<int>& counts) {
  std::string csv = "a,label\n";
  for (size_t label = 0; label < counts.size(); ++label) {
    for (int i = 0; i < counts[label]; ++i) {
      absl::StrAppend(&csv, i, ",k", label, "\n");
    }
  }
  return Data(csv);
}

ClassifyPlan Plan(const ClassifyData& data, ClassifySettings settings = {}) {
  auto plan = PlanClassifier(data, settings);
  EXPECT_TRUE(plan.ok()) << plan.status();
  return *std::move(plan);
}

std::string Refusal(const ClassifyData& data,
                    const ClassifySettings& settings) {
  return std::string(PlanClassifier(data, settings).status().message());
}

TEST(ClassifyPlanTest, ReadsSingleWordsByCharactersAndOthersByWords) {
  EXPECT_EQ(Plan(Texts("Novak", 10)).spec.text.unit, TokenUnit::kCharacter);
  EXPECT_EQ(Plan(Texts("the pump leaks", 10)).spec.text.unit, TokenUnit::kWord);
  EXPECT_EQ(Plan(Texts("Novak", 10), {.unit = TokenUnit::kWord}).spec.text.unit,
            TokenUnit::kWord);
}

TEST(ClassifyPlanTest, TheCalendarIsThatOfTheGivenTimeZone) {
  const ClassifyPlan plan = Plan(Stream({5, 5}), {.time_zone = "Asia/Tokyo"});
  EXPECT_EQ(plan.spec.features.calendar.time_zone, "Asia/Tokyo");
}

TEST(ClassifyPlanTest, OnlyTextsAreReadInBothDirections) {
  EXPECT_TRUE(Plan(Texts("a b", 10)).spec.network.bidirectional);
  EXPECT_FALSE(Plan(Stream({5, 5})).spec.network.bidirectional);
  EXPECT_THAT(Refusal(Stream({5, 5}), {.bidirectional = true}),
              HasSubstr("labels per step are asked for on the way"));
}

TEST(ClassifyPlanTest, PoolingsOfWholeExamplesAreTried) {
  EXPECT_THAT(Plan(Texts("a b", 10)).poolings,
              ElementsAre(Pooling::kLast, Pooling::kMean, Pooling::kMax));
  EXPECT_THAT(Plan(Stream({5, 5})).poolings, ElementsAre(Pooling::kLast));
  EXPECT_THAT(Plan(Texts("a b", 10), {.pooling = Pooling::kMean}).poolings,
              ElementsAre(Pooling::kMean));
}

TEST(ClassifyPlanTest, FewerNetworksLearnFromMoreExamples) {
  EXPECT_EQ(Plan(Texts("a b", 10)).members, 5);
  EXPECT_EQ(Plan(Texts("a b", 10)).holdouts, 5);
  EXPECT_EQ(Plan(Texts("a b", 1000)).holdouts, 3);
  EXPECT_EQ(Plan(Texts("a b", 4000)).holdouts, 1);
  EXPECT_EQ(Plan(Texts(std::string(6 * 300, 'x'), 2000)).members, 3);
  EXPECT_EQ(Plan(Texts("a b", 10), {.members = 2}).members, 2);
  EXPECT_EQ(Plan(Texts(std::string(6 * 1100, 'x'), 2000)).members, 1);
}

TEST(ClassifyPlanTest, WeighsLabelsIfAskedAndSaysWhenOneIsVeryRare) {
  const ClassifyPlan even = Plan(Stream({80, 20}));
  EXPECT_TRUE(even.class_weights.empty());
  EXPECT_THAT(even.reasons, Not(Contains(HasSubstr("class weights"))));
  const ClassifyPlan rare = Plan(Stream({196, 4}));
  EXPECT_TRUE(rare.class_weights.empty());
  EXPECT_THAT(rare.reasons, Contains(HasSubstr("\"k1\" is 4 of 200")));
  const ClassifyPlan balanced =
      Plan(Stream({80, 20}), {.class_weights = ClassWeights::kBalanced});
  EXPECT_THAT(balanced.class_weights, ElementsAre(0.625, 2.5));
}

TEST(ClassifyPlanTest, TheTimeOfDayIsAnInputOnlyOfManyDays) {
  const auto hours = [](int count) {
    std::string csv = "t,a,label\n";
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&csv, i * 3600, ",1,", i % 2 == 0 ? "x" : "y", "\n");
    }
    return Data(csv, {.time_column = "t"});
  };
  EXPECT_EQ(Plan(hours(24 * 20)).spec.features.calendar.day_harmonics, 0);
  EXPECT_EQ(Plan(hours(24 * 40)).spec.features.calendar.day_harmonics, 2);
}

TEST(ClassifyPlanTest, RefusesSettingsOutOfRange) {
  EXPECT_EQ(Refusal(Texts("a b", 4), {.noise = -1.0}),
            "--noise is -1; it must be 0 or more");
  EXPECT_EQ(Refusal(Texts("a b", 4), {.members = 0}),
            "--members is 0; it must be 1 or more");
  EXPECT_EQ(Refusal(Texts("a b", 4), {.word_dropout = 1.0}),
            "--word-dropout is 1; it must be in [0, 1)");
}

}  // namespace
}  // namespace recur
