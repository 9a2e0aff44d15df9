#include "model/train/report/report.h"

#include <limits>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace recur {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

ForecastReport Forecasts() {
  ForecastReport report;
  report.training.data = "weather.csv";
  report.training.validation = kNaN;
  report.horizon = 7;
  report.windows = 52;
  report.first_test = "2015-01-02";
  report.last_test = "2015-12-31";
  ForecastScore model{"model", 364,    2.5870, 3.3, 1.165,
                      0.4,     0.1144, 0.854,  0.8, {}};
  model.smape = 14.25;
  model.scaled_mse = 0.1934;
  ForecastScore naive{"naive", 364,  3.251, 4.138, 1.464,
                      kNaN,    kNaN, kNaN,  0.8,   {}};
  naive.smape = naive.scaled_mse = kNaN;
  report.tables.push_back({"temp_max", 1, {model, naive}});
  return report;
}

TEST(ReportTest, ForecastTableReadsLikeThis) {
  EXPECT_EQ(ForecastText(Forecasts()),
            "Test: 52 windows of 7 steps, 2015-01-02 to 2015-12-31, untouched "
            "by training\n"
            "  temp_max                   MAE     RMSE  MASE(1)  sMAPE     wQL"
            "    nMSE  in80%\n"
            "  model                    2.587    3.300    1.165  14.25  0.1144"
            "  0.1934  85.4%\n"
            "  naive                    3.251    4.138    1.464      -       -"
            "       -      -\n"
            "The model beats the simple forecasts of temp_max by 20.4%: mean "
            "absolute error 2.587, the best simple forecast (naive) has "
            "3.251.\n");
}

TEST(ReportTest, WhatIsNotANumberIsNull) {
  const auto json = nlohmann::json::parse(ForecastJson(Forecasts()));
  EXPECT_EQ(json["data"], "weather.csv");
  EXPECT_TRUE(json["validation"].is_null());
  EXPECT_DOUBLE_EQ(json["targets"][0]["test"][0]["mae"], 2.587);
  EXPECT_TRUE(json["targets"][0]["test"][1]["interval_coverage"].is_null());
}

TEST(ReportTest, ClassesAreNamedInTableAndJson) {
  ClassificationReport report;
  report.training.data = "log.csv";
  report.scores.push_back(
      ScoreClasses("model", {"heat", "oil"}, {0, 1, 1, 1}, {0, 1, 1, 0}));
  const std::string text = ClassificationText(report);
  EXPECT_NE(text.find("75.0%"), std::string::npos) << text;
  EXPECT_NE(text.find("oil"), std::string::npos) << text;
  const auto json = nlohmann::json::parse(ClassificationJson(report));
  EXPECT_DOUBLE_EQ(json["test"][0]["accuracy"], 0.75);
  EXPECT_EQ(json["test"][0]["classes"][1]["support"], 3);
  EXPECT_EQ(json["test"][0]["confusion"][1][0], 1);
}

TEST(ReportTest, ALabelThatIsNotUtf8DoesNotStopTheReport) {
  ClassificationReport report;
  report.scores.push_back(ScoreClasses("model", {"\xff", "oil"}, {0}, {0}));
  EXPECT_TRUE(nlohmann::json::accept(ClassificationJson(report)));
}

TEST(ReportTest, SaysThatThereWasNoTest) {
  EXPECT_EQ(ForecastText({}), "No test part was kept.\n");
  EXPECT_EQ(ClassificationText({}), "No test part was kept.\n");
}

}  // namespace
}  // namespace recur
