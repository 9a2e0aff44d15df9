#include "model/train/report/report_verdict.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace recur {
namespace {

using ::testing::HasSubstr;
using Kind = Verdict::Kind;

ForecastTable Table(const std::string& target, double model, double naive,
                    double seasonal) {
  ForecastTable table{target};
  for (const auto& [name, mae] :
       {std::pair("model", model), std::pair("naive", naive),
        std::pair("seasonal naive (7)", seasonal)}) {
    table.scores.push_back({.name = name, .mae = mae});
  }
  return table;
}

Verdict OnForecasts(std::vector<ForecastTable> tables) {
  ForecastReport report;
  report.tables = std::move(tables);
  return VerdictOn(report);
}

TEST(ReportVerdictTest, HoldsAForecasterAgainstTheBestFloor) {
  const Verdict verdict = OnForecasts({Table("load", 8.0, 12.0, 10.0)});
  EXPECT_EQ(verdict.kind, Kind::kBetter);
  EXPECT_EQ(verdict.sentence,
            "The model beats the simple forecasts of load by 20.0%: mean "
            "absolute error 8.000, the best simple forecast (seasonal naive "
            "(7)) has 10.00.");
}

TEST(ReportVerdictTest, SaysPlainlyThatAFloorIsBetter) {
  const Verdict verdict = OnForecasts({Table("load", 12.5, 12.0, 10.0)});
  EXPECT_EQ(verdict.kind, Kind::kWorse);
  EXPECT_THAT(verdict.sentence, HasSubstr("does not beat"));
  EXPECT_THAT(verdict.sentence, HasSubstr("25.0% worse"));
  EXPECT_EQ(OnForecasts({Table("load", 9.95, 12.0, 10.0)}).kind, Kind::kEven);
}

TEST(ReportVerdictTest, SeveralTargetsCountAlike) {
  const Verdict verdict =
      OnForecasts({Table("a", 0.5, 1.0, 2.0), Table("b", 1100, 1000, 2000)});
  EXPECT_EQ(verdict.kind, Kind::kBetter);
  EXPECT_THAT(verdict.sentence, HasSubstr("20.0% smaller on average over 2"));
  EXPECT_THAT(verdict.sentence, HasSubstr("smaller on 1 of them"));
}

TEST(ReportVerdictTest, AFloorWithoutErrorIsNotDividedBy) {
  EXPECT_EQ(OnForecasts({Table("flat", 0.5, 0.0, 0.0)}).kind, Kind::kUntested);
  EXPECT_EQ(OnForecasts({}).kind, Kind::kUntested);
  EXPECT_THAT(OnForecasts({}).sentence, HasSubstr("No test part"));
}

Verdict OnClasses(double model, double majority, int examples) {
  ClassificationReport report;
  report.scores.push_back(
      {.name = "model", .examples = examples, .accuracy = model});
  report.scores.push_back(
      {.name = "majority class", .examples = examples, .accuracy = majority});
  return VerdictOn(report);
}

TEST(ReportVerdictTest, AGainWithinTheErrorOfTheTestIsNone) {
  EXPECT_EQ(OnClasses(0.60, 0.50, 1000).kind, Kind::kBetter);
  EXPECT_EQ(OnClasses(0.60, 0.50, 50).kind, Kind::kEven);
  EXPECT_EQ(OnClasses(0.30, 0.50, 1000).kind, Kind::kWorse);
  EXPECT_EQ(VerdictOn(ClassificationReport()).kind, Kind::kUntested);
  EXPECT_EQ(OnClasses(0.60, 0.50, 1000).sentence,
            "The model beats the simple answers: it is right for 60.0% of 1000 "
            "test examples (give or take 3.0%), the best simple answer "
            "(majority class) for 50.0%.");
}

}  // namespace
}  // namespace recur
