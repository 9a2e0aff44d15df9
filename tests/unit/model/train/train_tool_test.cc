#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/format/model_directory.h"
#include "nlohmann/json.hpp"
#include "tests/unit/model/train/forecast/series_fixtures.h"
#include "tests/unit/model/train/train_tool_fixture.h"

namespace recur {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class TrainToolTest : public TrainToolFixture {};

std::string Wave(int days) {
  return DailyCsv(days, [](int day) { return 5.0 + std::sin(day * 0.7); });
}

std::string Steps() {
  std::string csv = "id,value,label\n";
  for (int i = 0; i < 60; ++i) {
    const bool up = i % 2 == 0;
    for (int step = 0; step < 3 + i % 4; ++step) {
      absl::StrAppend(&csv, i, ",", up ? step : -step, ",", up ? "up" : "down",
                      "\n");
    }
  }
  return csv;
}

TEST_F(TrainToolTest, WritesAForecasterThatReadsBack) {
  const std::string data = Write("wave.csv", Wave(150));
  const std::string out = (folder_ / "models" / "wave").string();
  const std::vector<std::string> arguments = {
      "forecast", "--data",   data,          "--time",  "date",
      "--target", "y",        "--horizon",   "3",       "--test-rows",
      "30",       "--hidden", "8",           "--steps", "20",
      "--out",    out,        "--precision", "bf16"};
  const Outcome outcome = Run(arguments);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(
      outcome.out,
      AllOf(HasSubstr("10 windows of 3 steps, 2020-04-30 to 2020-05-29"),
            HasSubstr("in80%"), HasSubstr("naive"),
            HasSubstr("seasonal naive (7)")));
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("120 rows to train on"),
                                 HasSubstr("training"), HasSubstr("/wave/1")));
  auto model = ReadModel(out + "/1");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->spec.network.horizon, 3);
  EXPECT_EQ(model->spec.precision, Precision::kBf16);
  EXPECT_EQ(Run(arguments).code, 0);
  EXPECT_TRUE(std::filesystem::exists(out + "/2/weights.safetensors"));
}

TEST_F(TrainToolTest, MetricsHaveTheNumbersOfTheTable) {
  const std::string data = Write("wave.csv", Wave(150));
  const std::string out = (folder_ / "models" / "wave").string();
  const Outcome outcome =
      Run({"forecast", "--data", data, "--time", "date", "--target", "y",
           "--horizon", "3", "--test-rows", "30", "--hidden", "8", "--steps",
           "10", "--out", out, "--json", "--quiet"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  std::ifstream file(out + "/1/metrics.json");
  std::stringstream bytes;
  bytes << file.rdbuf();
  EXPECT_EQ(bytes.str(), outcome.out);
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["windows"], 10);
  EXPECT_EQ(json["facts"]["rows"], "150, 2020-01-01 to 2020-05-29");
  EXPECT_EQ(json["facts"]["interval"], "1 day");
  EXPECT_EQ(json["facts"]["gaps"], "none");
  EXPECT_EQ(json["facts"]["target y"], "4.018 to 6.000, mean 5.015");
  const auto& test = json["targets"][0]["test"];
  EXPECT_EQ(test[0]["name"], "model");
  EXPECT_EQ(test[1]["name"], "linear autoregression");
  EXPECT_EQ(test[2]["name"], "naive");
  EXPECT_EQ(test[0]["mae_by_step"].size(), 3u);
  EXPECT_GT(test[0]["mae"].get<double>(), 0.0);
}

TEST_F(TrainToolTest, TrainsSequencesOfDifferentLengths) {
  const std::string data = Write("steps.csv", Steps());
  const std::string out = (folder_ / "models" / "steps").string();
  for (const char* head : {"softmax", "sigmoid"}) {
    const Outcome outcome =
        Run({"classify", "--data", data, "--sequence-id", "id", "--label",
             "label", "--hidden", "8", "--epochs", "40", "--learning-rate",
             "0.02", "--head", head, "--out", out});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_THAT(outcome.out,
                AllOf(HasSubstr("model                      100.0%"),
                      HasSubstr("majority class              50.0%"),
                      HasSubstr("down"), HasSubstr("precision")));
  }
  auto model = ReadModel(out + "/2");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->spec.labels, (std::vector<std::string>{"down", "up"}));
  EXPECT_EQ(model->spec.precision, Precision::kF32);
}

TEST_F(TrainToolTest, NamesFileLineAndColumnOfBadData) {
  std::string csv = Wave(60);
  csv.replace(csv.find("2020-01-05,") + 11, 3, "x");
  const std::string data = Write("bad.csv", csv);
  const Outcome text = Run({"forecast", "--data", data, "--time", "date",
                            "--target", "y", "--horizon", "3"});
  EXPECT_EQ(text.code, 1);
  EXPECT_THAT(text.err, AllOf(HasSubstr("bad.csv"), HasSubstr("line 6"),
                              HasSubstr("\"y\"")));
  const Outcome missing =
      Run({"forecast", "--data", data, "--target", "temp", "--horizon", "3"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_THAT(missing.err, AllOf(HasSubstr("temp"), HasSubstr("date")));
  const Outcome order =
      Run({"forecast", "--data",
           Write("order.csv", "date,y\n2020-01-02,1\n2020-01-01,2\n"), "--time",
           "date", "--target", "y", "--horizon", "1"});
  EXPECT_EQ(order.code, 1);
  EXPECT_THAT(order.err, AllOf(HasSubstr("order.csv"), HasSubstr("line 3")));
}

TEST_F(TrainToolTest, SaysWhichOptionIsOutOfRange) {
  const std::string data = Write("wave.csv", Wave(100));
  const auto error = [&](const std::string& option, const std::string& value) {
    const Outcome outcome = Run({"forecast", "--data", data, "--target", "y",
                                 "--horizon", "3", option, value});
    EXPECT_EQ(outcome.code, 1) << option;
    return outcome.err;
  };
  EXPECT_THAT(error("--dropout", "1.5"),
              HasSubstr("dropout is 1.5; it must be in [0, 1)"));
  EXPECT_THAT(error("--batch", "0"),
              HasSubstr("--batch is 0; it must be 1 or more"));
  EXPECT_THAT(error("--steps", "0"), HasSubstr("it must be 1 or more"));
  EXPECT_THAT(error("--cell", "cnn"),
              HasSubstr("--cell is \"cnn\"; it must be one of rnn, lstm, gru, "
                        "gru-reset-before"));
  EXPECT_THAT(error("--precision", "fp8"),
              HasSubstr("--precision is \"fp8\"; it must be one of f32, bf16"));
  EXPECT_THAT(error("--loss", "softmax"),
              HasSubstr("--loss is \"softmax\"; it must be pinball or mse"));
  EXPECT_THAT(error("--seasons", "500"), HasSubstr("--seasons has 500; with "));
  EXPECT_THAT(error("--test-rows", "300"), HasSubstr("leave none to train on"));
  EXPECT_THAT(error("--out", (folder_ / "a name").string()),
              HasSubstr("--out names the model \"a name\""));
  EXPECT_THAT(error("--optimizer", "lion"), HasSubstr("lion"));
  EXPECT_THAT(error("--quantiles", "0.5,0.1"), HasSubstr("ascend"));
  EXPECT_THAT(error("--hidden", "0"), HasSubstr("hidden_size"));
  EXPECT_THAT(error("--validation", "1"), HasSubstr("--validation is 1"));
}

TEST_F(TrainToolTest, AWrongCommandLineIsUsage) {
  EXPECT_EQ(Run({}).code, 2);
  EXPECT_EQ(Run({"forecast"}).code, 2);
  const Outcome outcome = Run({"forecast", "--data", "x", "--target", "y",
                               "--horizon", "3", "--speed", "9"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("--speed"));
  EXPECT_THAT(outcome.err, HasSubstr("`recur-train forecast --help` tells"));
  const Outcome seed = Run({"forecast", "--data", "x", "--target", "y",
                            "--horizon", "3", "--seed", "-1"});
  EXPECT_EQ(seed.code, 2);
  EXPECT_THAT(seed.err, HasSubstr("-1 is not a whole number of 0 or more"));
  EXPECT_EQ(Run({"classify", "--data", "x", "--text", "a", "--sequence-id", "b",
                 "--label", "c"})
                .code,
            2);
}

TEST_F(TrainToolTest, HelpNamesDefaults) {
  const Outcome tool = Run({"--help"});
  EXPECT_EQ(tool.code, 0);
  EXPECT_THAT(tool.out, AllOf(HasSubstr("forecast"), HasSubstr("classify")));
  const Outcome forecast = Run({"forecast", "--help"});
  EXPECT_EQ(forecast.code, 0);
  EXPECT_THAT(forecast.out,
              AllOf(HasSubstr("--horizon"), HasSubstr("0.004"),
                    HasSubstr("--out"), HasSubstr("adam, rmsprop or sgd")));
}

TEST_F(TrainToolTest, ClassifyAsksForTheLabel) {
  const std::string data = Write("a.csv", "a,b\n1,2\n");
  const Outcome outcome = Run({"classify", "--data", data});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("no column is named for the label"));
  EXPECT_THAT(Run({"classify", "--data", "x", "--label", "c", "--text", "t",
                   "--features", "a"})
                  .err,
              HasSubstr("--text takes none of them"));
}

TEST_F(TrainToolTest, ClassifiesTsFilesAndCrossValidates) {
  std::string ts = "@problemName Slopes\n@classLabel true up down\n@data\n";
  for (int i = 0; i < 24; ++i) {
    absl::StrAppend(&ts, i % 2 == 0 ? "0,1,2,3:up\n" : "0,-1,-2,-3:down\n");
  }
  const Outcome outcome =
      Run({"classify", "--data", Write("slopes_TRAIN.ts", ts), "--test-data",
           Write("slopes_TEST.ts", ts), "--hidden", "8", "--members", "2",
           "--pooling", "max", "--epochs", "60", "--folds", "2"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("2 folds: accuracy 100.0% +- 0.0%"));
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("model                      100.0%"),
                    HasSubstr("nearest neighbour          100.0%")));
}

TEST_F(TrainToolTest, ClassifiesAStreamAtEveryRow) {
  std::string csv = "level,state\n";
  for (int i = 0; i < 600; ++i) {
    absl::StrAppend(&csv, i / 7 % 2, ",", i / 7 % 2 == 0 ? "low" : "high",
                    "\n");
  }
  const Outcome outcome =
      Run({"classify", "--data", Write("level.csv", csv), "--label", "state",
           "--hidden", "8", "--members", "1", "--epochs", "20"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("Test: 120 examples"),
                                 HasSubstr("linear, this step")));
}

TEST_F(TrainToolTest, SaysWhichColumnsAreFeaturesWhenNoneAreNamed) {
  const std::string data = Write(
      "days.csv", "id,date,x,label\na,2020-01-01,1,up\nb,2020-01-01,2,down\n");
  const Outcome outcome = Run(
      {"classify", "--data", data, "--sequence-id", "id", "--label", "label"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("line 2, column \"date\""),
                                 HasSubstr("without --features every column")));
}

}  // namespace
}  // namespace recur
