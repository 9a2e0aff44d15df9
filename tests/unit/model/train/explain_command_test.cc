#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/train/learning/random.h"
#include "nlohmann/json.hpp"
#include "tests/unit/model/train/train_tool_fixture.h"

namespace recur {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ExplainCommandTest : public TrainToolFixture {
 protected:
  std::string ModelPath(const std::string& name) {
    return (folder_ / "models" / name).string();
  }

  void Train(const std::string& name, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--out", ModelPath(name), "--quiet"});
    const Outcome outcome = Run(arguments);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
  }

  nlohmann::json Explain(const std::string& name,
                         std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"explain", "--model", ModelPath(name), "--json"});
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out, nullptr, false);
  }

  // The answer moves more without what is ranked highest than without as many
  // values at random, over all of these rows together.
  void ExpectRankingBeatsChance(const std::string& name,
                                const std::vector<std::string>& arguments,
                                const std::vector<int>& rows) {
    double ranked = 0.0;
    double random = 0.0;
    for (int row : rows) {
      std::vector<std::string> own = arguments;
      own.insert(own.end(), {"--check", "--row", absl::StrCat(row)});
      const auto json = Explain(name, own);
      ranked += json["check"]["moved_without_highest"].get<double>();
      random += json["check"]["moved_without_random"].get<double>();
    }
    EXPECT_GT(ranked, 1.5 * random) << name;
  }

  // The target follows the driver; nothing follows the noise.
  std::string Driven() {
    Random random(1);
    double driver = 0.0;
    std::string csv = "y,driver,noise\n";
    for (int row = 0; row < 400; ++row) {
      absl::StrAppend(&csv, driver + 0.02 * random.Uniform(-1.0f, 1.0f), ",");
      driver = 10.0 * random.Uniform(-1.0f, 1.0f);
      absl::StrAppend(&csv, driver, ",", random.Uniform(-10.0f, 10.0f), "\n");
    }
    return csv;
  }

  // The label is the sign of "a"; "b" is noise.
  std::string Signs() {
    Random random(2);
    std::string csv = "id,a,b,label\n";
    for (int id = 0; id < 80; ++id) {
      for (int step = 0; step < 8; ++step) {
        const float sign = id % 2 == 0 ? 1.0f : -1.0f;
        absl::StrAppend(&csv, id, ",",
                        step == 3 ? 5.0f * sign : random.Uniform(-1.0f, 1.0f),
                        ",", random.Uniform(-1.0f, 1.0f), ",",
                        id % 2 == 0 ? "up" : "down", "\n");
      }
    }
    return csv;
  }

  // The label is told by one word among many.
  std::string Reports() {
    Random random(3);
    const std::vector<std::string> filler = {"the", "pump",  "of",   "line",
                                             "two", "shows", "some", "we"};
    std::string csv = "text,label\n";
    for (int row = 0; row < 160; ++row) {
      const int told = static_cast<int>(random.Below(9));
      for (int word = 0; word < 10; ++word) {
        absl::StrAppend(&csv, word > 0 ? " " : "",
                        word == told ? (row % 2 == 0 ? "leaking" : "smoking")
                                     : filler[random.Below(8)]);
      }
      absl::StrAppend(&csv, ",", row % 2 == 0 ? "leak" : "fire", "\n");
    }
    return csv;
  }
};

TEST_F(ExplainCommandTest, FindsTheColumnThatDrivesAForecast) {
  const std::string data = Write("driven.csv", Driven());
  Train("driven", {"forecast", "--data", data, "--target", "y", "--features",
                   "driver,noise", "--horizon", "1", "--hidden", "12",
                   "--steps", "250", "--dropout", "0"});
  const auto json = Explain("driven", {"--data", data, "--row", "399"});
  EXPECT_EQ(json["target"], "y");
  EXPECT_EQ(json["columns"],
            (std::vector<std::string>{"y", "driver", "noise"}));
  const auto last = json["influence"].back();
  EXPECT_GT(std::abs(last[1].get<double>()),
            3.0 * std::abs(last[2].get<double>()));
  ExpectRankingBeatsChance("driven", {"--data", data, "--steps", "30"},
                           {300, 320, 340, 360, 380, 400});
}

TEST_F(ExplainCommandTest, FindsTheStepThatDecidesAClass) {
  const std::string data = Write("signs.csv", Signs());
  Train("signs",
        {"classify", "--data", data, "--sequence-id", "id", "--label", "label",
         "--hidden", "8", "--epochs", "60", "--learning-rate", "0.02"});
  const auto json =
      Explain("signs", {"--data", data, "--sequence-id", "id", "--row", "16"});
  EXPECT_EQ(json["label"], "down");
  EXPECT_EQ(json["steps"].size(), 8u);
  EXPECT_GT(json["probability"].get<double>(), 0.9);
  EXPECT_GT(json["influence"][3][0].get<double>(), 0.0);
  ExpectRankingBeatsChance("signs", {"--data", data, "--sequence-id", "id"},
                           {8, 16, 24, 32, 40});
}

TEST_F(ExplainCommandTest, FindsTheWordThatDecidesAText) {
  const std::string data = Write("reports.csv", Reports());
  Train("reports", {"classify", "--data", data, "--text", "text", "--label",
                    "label", "--hidden", "8", "--embedding", "8", "--epochs",
                    "20", "--learning-rate", "0.01"});
  const Outcome text = Run({"explain", "--model", ModelPath("reports"),
                            "--data", data, "--text", "text", "--row", "1"});
  EXPECT_THAT(text.out,
              AllOf(HasSubstr("row 1: leak, probability "),
                    HasSubstr("by token, in order\n"), HasSubstr("leaking")));
  ExpectRankingBeatsChance("reports", {"--data", data, "--text", "text"},
                           {1, 2, 3, 4, 5, 6});
}

TEST_F(ExplainCommandTest, SeriesAreKnownByTheirNames) {
  const auto sites = [](const std::string& second) {
    std::string csv = "site,y\n";
    for (int row = 0; row < 60; ++row) {
      absl::StrAppend(&csv, "north,", row * 7 % 11, "\n", second, ",",
                      100 * (row * 5 % 13), "\n");
    }
    return csv;
  };
  const std::string data = Write("sites.csv", sites("south"));
  Train("sites", {"forecast", "--data", data, "--series", "site", "--target",
                  "y", "--horizon", "2", "--hidden", "4", "--steps", "8"});
  const std::vector<std::string> last = {"explain", "--model",
                                         ModelPath("sites"), "--steps", "3"};
  const auto explain = [&](const std::string& file) {
    std::vector<std::string> arguments = last;
    arguments.insert(arguments.end(), {"--data", file});
    return Run(arguments);
  };
  // The rows of south alone, by its name.
  EXPECT_THAT(explain(data).out,
              AllOf(HasSubstr("row 116"), HasSubstr("row 118"),
                    HasSubstr("row 120: south"), Not(HasSubstr("row 119"))));
  EXPECT_THAT(explain(Write("west.csv", sites("west"))).err,
              HasSubstr("west.csv: line 3, column \"site\": \"west\" is not "
                        "known; it must be one of north, south"));
}

TEST_F(ExplainCommandTest, SaysWhatIsMissing) {
  const std::string data = Write("driven.csv", Driven());
  Train("driven", {"forecast", "--data", data, "--target", "y", "--features",
                   "driver,noise", "--horizon", "2", "--steps", "8"});
  const auto error = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(),
                     {"explain", "--model", ModelPath("driven")});
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.code, 1);
    return outcome.err;
  };
  EXPECT_THAT(error({"--data", data, "--row", "401"}),
              HasSubstr("--row is 401; the file has rows 1 to 400"));
  EXPECT_THAT(error({"--data", data, "--ahead", "3"}),
              HasSubstr("--ahead is 3; the model forecasts 1 to 2 steps"));
  EXPECT_THAT(error({"--data", data, "--target", "noise"}),
              HasSubstr("--target is \"noise\"; the model forecasts y"));
  EXPECT_THAT(error({"--data", Write("other.csv", "y,driver\n1,2\n")}),
              AllOf(HasSubstr("other.csv"), HasSubstr("noise")));
  EXPECT_THAT(
      error({"--data", Write("gap.csv", "y,driver,noise\n1,2,3\n1,,3\n")}),
      AllOf(HasSubstr("gap.csv: line 3"), HasSubstr("driver")));
  EXPECT_THAT(
      Run({"explain", "--model", ModelPath("none"), "--data", data}).err,
      HasSubstr("is neither a model's version"));
}

}  // namespace
}  // namespace recur
