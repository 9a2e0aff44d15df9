#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/train/report/report.h"
#include "tests/unit/model/train/report/html_reader.h"

namespace recur {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kHostile[] = "</style><script>alert('&\"')</script>\xff";

TrainingSummary Training(const std::string& name) {
  TrainingSummary training{.data = name,
                           .train_rows = 1000,
                           .test_rows = 40,
                           .seed = 7,
                           .steps = 120,
                           .seconds = 12.0,
                           .validation = 0.31,
                           .validation_name = "quantile loss",
                           .facts = {{name, name}},
                           .choices = {absl::StrCat("network: ", name)}};
  LearningCurve curve{"searching", {}, 60};
  for (int step = 0; step <= 120; step += 10) {
    const double rise = step > 60 ? (step - 60) * 0.001 : 0.0;
    curve.points.push_back(
        {step, 0.2 + std::exp(-step / 25.0),
         step % 20 == 0 ? 0.3 + std::exp(-step / 30.0) + rise : std::nan("")});
  }
  training.curves = {curve};
  for (const char* phase : {"training 1 of 2", "training 2 of 2"}) {
    training.curves.push_back({phase, {{10, 0.9}, {20, 0.5}, {30, 0.4}}});
  }
  training.trials = {{"hidden 48", 0.33, 12.0, false},
                     {name, 0.31, 31.0, true}};
  return training;
}

ForecastWindow Window(const char* kind, const std::string& origin) {
  ForecastWindow window{kind, origin, 0.25};
  for (int i = 0; i < 24; ++i) window.context.push_back(std::sin(i * 0.5));
  for (int k = 0; k < 4; ++k) {
    window.truth.push_back(std::sin((24 + k) * 0.5));
    window.point.push_back(std::sin((24 + k) * 0.5) + 0.1);
    for (double level : {0.1, 0.5, 0.9}) {
      window.quantiles.push_back(window.point.back() + level - 0.5);
    }
  }
  window.context[5] = std::nan("");
  window.truth[2] = std::nan("");
  return window;
}

ForecastReport Forecasts(const std::string& name) {
  ForecastReport report;
  report.training = Training(name);
  report.horizon = 4;
  report.levels = {0.1, 0.5, 0.9};
  report.windows = 10;
  report.first_test = "2015-01-02";
  report.last_test = "2015-02-10";
  ForecastScore model{.name = "model",
                      .values = 40,
                      .mae = 1.2345,
                      .rmse = 1.7,
                      .mase = 0.8,
                      .quantile_loss = 0.9,
                      .weighted_quantile_loss = 0.1234,
                      .coverage = 0.775,
                      .coverage_nominal = 0.8,
                      .mae_by_step = {1.0, 1.2, 1.3, 1.4},
                      .below_by_level = {0.12, 0.47, 0.9}};
  ForecastScore naive = model;
  naive.name = "naive";
  naive.mae = 2.5;
  naive.mae_by_step = {1.5, 2.0, 3.0, std::nan("")};
  report.tables = {{name, 1, {model, naive}, {Window("newest", name)}}};
  report.inputs = {{name, 0.7}, {"wind", 0.3}};
  return report;
}

ClassificationReport Classes(const std::string& label) {
  ClassificationReport report;
  report.training = Training(label);
  report.train_examples = {30, 10};
  report.scores = {ScoreClasses("model", {label, "oil"}, {0, 1, 1, 1, 0, 0},
                                {0, 1, 1, 0, 0, 0}),
                   ScoreClasses("majority class", {label, "oil"},
                                {0, 1, 1, 1, 0, 0}, {0, 0, 0, 0, 0, 0})};
  report.inputs = {{label, 1.0}};
  return report;
}

// What makes a page go elsewhere, or run.
void ExpectSelfContained(const std::string& page) {
  for (const char* word : {"http:", "https:", "//", "url(",
                           "src=", "href=", "@import", "<script", "onload"}) {
    EXPECT_THAT(page, Not(HasSubstr(word)));
  }
}

void ExpectSoundPage(const std::string& page) {
  std::vector<std::string> tags;
  EXPECT_EQ(FindHtmlFault(page, &tags), "");
  ExpectSelfContained(page);
  EXPECT_EQ(std::count(tags.begin(), tags.end(), "html"), 1);
  EXPECT_EQ(std::count(tags.begin(), tags.end(), "style"), 1);
  EXPECT_THAT(page, Not(HasSubstr("nan")));
  EXPECT_THAT(page, Not(HasSubstr("\xff")));
}

TEST(ReportHtmlTest, AForecastersPageIsSoundWhateverItsColumnsAreCalled) {
  const std::string page = ForecastHtml(Forecasts(kHostile));
  ExpectSoundPage(page);
  EXPECT_THAT(page, HasSubstr("&lt;/style&gt;&lt;script&gt;"));
}

TEST(ReportHtmlTest, AClassifiersPageIsSoundWhateverItsLabelsAreCalled) {
  const std::string page = ClassificationHtml(Classes(kHostile));
  ExpectSoundPage(page);
  EXPECT_THAT(page, HasSubstr("&lt;/style&gt;&lt;script&gt;"));
}

TEST(ReportHtmlTest, ShowsTheFiguresOfTheReport) {
  const std::string page = ForecastHtml(Forecasts("load"));
  for (const char* figure : {"<td>1.234</td>", "<td>2.500</td>", "77.5%",
                             "0.1234", "after load", "70.0%", "network: load",
                             "beats the simple forecasts of load by 50.6%"}) {
    EXPECT_THAT(page, HasSubstr(figure));
  }
}

TEST(ReportHtmlTest, PhasesWithoutValidationShareAChart) {
  const std::string page = ForecastHtml(Forecasts("load"));
  EXPECT_THAT(page, HasSubstr("searching: quantile loss of the validation"));
  EXPECT_THAT(page, HasSubstr("</i>training 1 of 2</span>"));
  EXPECT_THAT(page, HasSubstr("</i>training 2 of 2</span>"));
  EXPECT_THAT(page, Not(HasSubstr("training 1 of 2: loss")));
}

TEST(ReportHtmlTest, ShowsTheMatrixOfTheReport) {
  const std::string page = ClassificationHtml(Classes("heat"));
  for (const char* part :
       {"title=\"oil called heat\">1</td>", "title=\"oil called oil\">2</td>",
        "title=\"heat called oil\"></td>", "83.3%"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
}

TEST(ReportHtmlTest, WhatIsEmptyIsNotShown) {
  const std::string page = ForecastHtml({});
  ExpectSoundPage(page);
  EXPECT_THAT(page, HasSubstr("No test part was kept"));
  for (const char* heading : {"Learning", "Which inputs", "What was tried"}) {
    EXPECT_THAT(page, Not(HasSubstr(heading)));
  }
  ExpectSoundPage(ClassificationHtml({}));
}

TEST(ReportHtmlTest, ASingleStepWithoutLevelsIsShown) {
  ForecastReport report = Forecasts("load");
  report.horizon = 1;
  report.levels.clear();
  ForecastTable& table = report.tables[0];
  for (ForecastScore& score : table.scores) {
    score.mae_by_step.resize(1);
    score.below_by_level.clear();
  }
  ForecastWindow& window = table.windows[0];
  window.truth.resize(1);
  window.point.resize(1);
  window.quantiles.clear();
  ExpectSoundPage(ForecastHtml(report));
}

TEST(ReportHtmlTest, ManyLabelsHaveNoMatrix) {
  std::vector<std::string> labels;
  std::vector<int> truth;
  std::vector<int> called;
  for (int i = 0; i < 60; ++i) {
    labels.push_back(absl::StrCat("label ", i));
    truth.push_back(i);
    called.push_back(i / 2);
  }
  ClassificationReport report;
  report.scores = {ScoreClasses("model", labels, truth, called)};
  const std::string page = ClassificationHtml(report);
  ExpectSoundPage(page);
  EXPECT_THAT(page, Not(HasSubstr("class=\"matrix\"")));
  EXPECT_THAT(page, HasSubstr("label 1 called label 0"));
}

TEST(ReportHtmlTest, TheSameReportIsTheSamePage) {
  EXPECT_EQ(ForecastHtml(Forecasts("load")), ForecastHtml(Forecasts("load")));
}

}  // namespace
}  // namespace recur
