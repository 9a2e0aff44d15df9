#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/unit/model/train/forecast/series_fixtures.h"
#include "tests/unit/model/train/report/html_reader.h"
#include "tests/unit/model/train/train_tool_fixture.h"

namespace recur {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Wave(int days) {
  return DailyCsv(days, [](int day) {
    return 5.0 + std::sin(day * 0.7) + 0.3 * std::cos(day * day * 1.1);
  });
}

std::string Steps() {
  std::string csv = "id,value,label\n";
  for (int i = 0; i < 60; ++i) {
    for (int step = 0; step < 3 + i % 4; ++step) {
      absl::StrAppend(&csv, i, ",", i % 2 == 0 ? step : -step, ",",
                      i % 2 == 0 ? "up" : "down", "\n");
    }
  }
  return csv;
}

// Rows of two sites of very different size, those of the site named first.
std::string Sites(const std::string& first, const std::string& second,
                  int rows) {
  std::string csv = "site,y\n";
  for (const std::string& site : {first, second}) {
    const double size = site == "north" ? 5000.0 : 3.0;
    for (int row = 0; row < rows; ++row) {
      absl::StrAppend(
          &csv, site, ",",
          size * (4.0 + std::sin(row * 0.7) + 0.3 * std::cos(row * row * 1.1)),
          "\n");
    }
  }
  return csv;
}

class EvaluateCommandTest : public TrainToolFixture {
 protected:
  std::string ReadFile(const std::string& path) {
    std::ifstream file(path);
    std::stringstream bytes;
    bytes << file.rdbuf();
    return bytes.str();
  }

  // Trains on 150 days, of which the last 30 are the test.
  void TrainForecaster(const std::string& loss = "pinball") {
    data_ = Write("wave.csv", Wave(150));
    model_ = (folder_ / "models" / "wave").string();
    const Outcome outcome =
        Run({"forecast", "--data",    data_,  "--time",      "date", "--target",
             "y",        "--horizon", "3",    "--test-rows", "30",   "--hidden",
             "6",        "--steps",   "12",   "--seasons",   "9",    "--loss",
             loss,       "--out",     model_, "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
  }

  void TrainClassifier() {
    data_ = Write("steps.csv", Steps());
    model_ = (folder_ / "models" / "steps").string();
    const Outcome outcome =
        Run({"classify", "--data", data_, "--sequence-id", "id", "--label",
             "label", "--hidden", "6", "--epochs", "30", "--learning-rate",
             "0.02", "--out", model_, "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
  }

  // Knows the series "north" and "south", in this order.
  void TrainOnSites() {
    data_ = Write("sites.csv", Sites("north", "south", 90));
    model_ = (folder_ / "models" / "sites").string();
    const Outcome outcome =
        Run({"forecast", "--data", data_, "--series", "site", "--target", "y",
             "--horizon", "3", "--test-rows", "30", "--hidden", "6", "--steps",
             "12", "--out", model_, "--quiet"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
  }

  nlohmann::json ScoreOf(const Outcome& outcome) {
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    const auto json = nlohmann::json::parse(outcome.out, nullptr, false);
    return json["targets"][0]["test"][0];
  }

  Outcome Evaluate(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"evaluate", "--model", model_});
    return Run(arguments);
  }

  std::string data_;
  std::string model_;
};

TEST_F(EvaluateCommandTest, TheSameTestHasTheScoresOfTraining) {
  for (const char* loss : {"mse", "pinball"}) {
    TrainForecaster(loss);
    const Outcome outcome = Evaluate(
        {"--data", data_, "--time", "date", "--test-rows", "30", "--json"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const std::string version = loss == std::string("mse") ? "/1" : "/2";
    auto trained =
        nlohmann::json::parse(ReadFile(model_ + version + "/metrics.json"));
    auto evaluated = nlohmann::json::parse(outcome.out);
    EXPECT_EQ(evaluated["model"], model_ + version);
    if (version == "/2") {
      // How the linear forecast errs is not in the model: it has no band, and
      // its point is not moved to the middle of one.
      auto& own = evaluated["targets"][0]["test"];
      auto& theirs = trained["targets"][0]["test"];
      ASSERT_EQ(own[1]["name"], "linear autoregression");
      ASSERT_EQ(theirs[1]["name"], "linear autoregression");
      EXPECT_TRUE(own[1]["interval_coverage"].is_null());
      EXPECT_NEAR(own[1]["mae"].get<double>(), theirs[1]["mae"].get<double>(),
                  0.1 * theirs[1]["mae"].get<double>());
      own.erase(1);
      theirs.erase(1);
    }
    EXPECT_EQ(evaluated["targets"], trained["targets"]);
  }
}

TEST_F(EvaluateCommandTest, SeriesAreKnownByTheirNames) {
  TrainOnSites();
  const auto trained =
      nlohmann::json::parse(ReadFile(model_ + "/1/metrics.json"));
  const double mae = trained["targets"][0]["test"][0]["mae"];
  EXPECT_EQ(trained["facts"]["series"], "2, which the model tells apart");
  EXPECT_EQ(trained["facts"]["rows"], "180, 90 to 90 in a series");
  EXPECT_THAT(Run({"inspect", model_}).out,
              AllOf(HasSubstr("site (2 categories, north, south)"),
                    HasSubstr("the running mean of a series' changes")));
  const auto score = [&](const std::string& csv) {
    return ScoreOf(Evaluate({"--data", Write("other.csv", csv), "--test-rows",
                             "30", "--json"}))["mae"]
        .get<double>();
  };
  // Whatever comes first in the file, and one alone.
  EXPECT_DOUBLE_EQ(score(Sites("north", "south", 90)), mae);
  EXPECT_DOUBLE_EQ(score(Sites("south", "north", 90)), mae);
  const std::string both = Sites("south", "north", 90);
  const std::string south = both.substr(0, both.find("north"));
  EXPECT_LT(score(south), 0.01 * mae);
  const Outcome unknown =
      Evaluate({"--data", Write("west.csv", Sites("north", "west", 90))});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_THAT(unknown.err,
              HasSubstr("west.csv: line 92: the model does not know the series "
                        "\"west\"; it knows north, south"));
}

TEST_F(EvaluateCommandTest, ManySeriesAreToldApartByTheColumnThatIsNamed) {
  std::string csv = "site,y\n";
  for (int site = 0; site < 33; ++site) {
    for (int row = 0; row < 40; ++row) {
      absl::StrAppend(&csv, "s", site, ",",
                      (site + 1) * (3.0 + std::sin(row * 0.9 + site)), "\n");
    }
  }
  const std::string data = Write("many.csv", csv);
  model_ = (folder_ / "models" / "many").string();
  const Outcome training =
      Run({"forecast", "--data", data, "--series", "site", "--target", "y",
           "--horizon", "2", "--test-rows", "4", "--hidden", "4", "--steps",
           "8", "--out", model_, "--quiet", "--json"});
  ASSERT_EQ(training.code, 0) << training.err;
  const std::vector<std::string> unnamed = {"--data", data, "--test-rows", "4",
                                            "--json"};
  std::vector<std::string> named = unnamed;
  named.insert(named.end(), {"--series", "site"});
  EXPECT_EQ(ScoreOf(Evaluate(named)), ScoreOf(training));
  EXPECT_NE(ScoreOf(Evaluate(unnamed)), ScoreOf(training));
}

TEST_F(EvaluateCommandTest, ScoresNewRowsInTablesAndOnAPage) {
  TrainForecaster();
  const std::string page = (folder_ / "page.html").string();
  const std::string fresh = Write("fresh.csv", Wave(80));
  const Outcome outcome =
      Evaluate({"--data", fresh, "--time", "date", "--html", page});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(
      outcome.out,
      AllOf(HasSubstr("models/wave/1 on "), HasSubstr("fresh.csv: 18 windows"),
            HasSubstr("naive"), Not(HasSubstr("untouched"))));
  const std::string html = ReadFile(page);
  EXPECT_EQ(FindHtmlFault(html), "");
  EXPECT_THAT(html, HasSubstr("fresh.csv"));
}

TEST_F(EvaluateCommandTest, ClassifiesEveryExample) {
  TrainClassifier();
  const Outcome outcome = Evaluate(
      {"--data", data_, "--sequence-id", "id", "--label", "label", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["test"][0]["examples"], 60);
  EXPECT_GT(json["test"][0]["accuracy"].get<double>(), 0.9);
  EXPECT_EQ(json["test"][1]["accuracy"].get<double>(), 0.5);
  EXPECT_EQ(json["inputs"][0]["name"], "value");
}

TEST_F(EvaluateCommandTest, AModelThatReadsBothWaysNeedsSequences) {
  data_ = Write("steps.csv", Steps());
  model_ = (folder_ / "models" / "both").string();
  const Outcome training =
      Run({"classify", "--data", data_, "--sequence-id", "id", "--label",
           "label", "--bidirectional", "--hidden", "4", "--epochs", "1",
           "--out", model_, "--quiet"});
  ASSERT_EQ(training.code, 0) << training.err;
  const Outcome outcome = Evaluate({"--data", data_, "--label", "label"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("steps.csv: "), HasSubstr("--sequence-id")));
}

TEST_F(EvaluateCommandTest, SaysWhatIsMissingOrUnknown) {
  TrainForecaster();
  const auto error = [&](std::vector<std::string> arguments) {
    const Outcome outcome = Evaluate(std::move(arguments));
    EXPECT_EQ(outcome.code, 1);
    return outcome.err;
  };
  EXPECT_THAT(error({"--data", Write("x.csv", "date,x\n2020-01-01,1\n"),
                     "--time", "date"}),
              AllOf(HasSubstr("x.csv"), HasSubstr("\"y\"")));
  EXPECT_THAT(error({"--data", Write("few.csv", Wave(2)), "--time", "date"}),
              AllOf(HasSubstr("few.csv"), HasSubstr("2 rows")));
  std::string hourly = "date,y\n";
  for (int hour = 0; hour < 100; ++hour) {
    absl::StrAppend(&hourly, "2020-01-0", 1 + hour / 24, "T",
                    hour % 24 < 10 ? "0" : "", hour % 24, ":00,", hour % 7,
                    "\n");
  }
  EXPECT_THAT(error({"--data", Write("hourly.csv", hourly), "--time", "date"}),
              HasSubstr("hourly.csv: the rows are 1 hour apart; the model "
                        "takes steps of 1 day"));
  TrainClassifier();
  EXPECT_THAT(error({"--data", data_, "--sequence-id", "id"}),
              HasSubstr("--label is missing"));
  EXPECT_THAT(error({"--data", data_, "--label", "label", "--text", "id"}),
              HasSubstr("the model takes sequences of numbers"));
  EXPECT_THAT(
      error({"--data", Write("odd.csv", "id,value,label\n1,2,up\n2,2,left\n"),
             "--sequence-id", "id", "--label", "label"}),
      AllOf(HasSubstr("odd.csv: line 3"),
            HasSubstr("no label \"left\"; it knows down, up")));
}

}  // namespace
}  // namespace recur
