// `recur forecast` beyond the horizon of a model.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/client/cli/served_command_line.h"

namespace recur::cli {
namespace {

using ::testing::HasSubstr;

class LongForecastTest : public ServedCommandLineTest {};

TEST_F(LongForecastTest, SaysWhichStepsAreExtrapolated) {
  const std::string csv = "date,level\n1970-01-01,5\n1970-01-02,10\n";
  const std::vector<std::string> arguments = {
      "forecast", "--model", "upward", "--csv", "-", "--horizon", "5"};
  const Result result = Recur(arguments, csv);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("1970-01-04  11.00   9.00  11.00  13.00\n"
                        "1970-01-05  12.00  10.00  12.00  14.00  extrapolated\n"
                        "1970-01-06  12.00  10.00  12.00  14.00  extrapolated\n"
                        "1970-01-07  13.00  11.00  13.00  15.00  extrapolated\n"
                        "(extrapolated after step 2, "));
  EXPECT_THAT(result.out, HasSubstr("  ╌ extrapolated  "));
  std::vector<std::string> as_json = arguments;
  as_json.push_back("--json");
  const json line = Recur(as_json, csv).lines().at(0);
  EXPECT_EQ(line["extrapolated"], true);
  ASSERT_EQ(line["steps"].size(), 5u);
  EXPECT_FALSE(line["steps"][1].contains("extrapolated"));
  EXPECT_EQ(line["steps"][2]["extrapolated"], true);
  EXPECT_EQ(line["steps"][4]["targets"]["level"]["point"], 13.0);
}

TEST_F(LongForecastTest, ExtrapolatesASessionAndLeavesItAsItIs) {
  const Result stream = Recur({"stream", "--model", "upward", "--csv", "-",
                               "--session", "pier", "--keep"},
                              "date,level\n1970-01-01,5\n1970-01-02,10\n");
  EXPECT_EQ(stream.code, 0) << stream.err;
  const std::vector<std::string> arguments = {
      "forecast", "--session", "pier", "--horizon", "20", "--json"};
  const Result first = Recur(arguments);
  ASSERT_EQ(first.code, 0) << first.err;
  const json steps = first.lines()[0]["steps"];
  ASSERT_EQ(steps.size(), 20u);
  EXPECT_EQ(steps[19]["targets"]["level"]["point"], 20.0);
  EXPECT_EQ(Recur(arguments).out, first.out);
  EXPECT_EQ(Recur({"sessions", "close", "pier"}).out,
            "Closed \"pier\" after step 2.\n");
}

TEST_F(LongForecastTest, IsScoredByABacktestToo) {
  // The level rises by one every two days, and so do the forecasts.
  std::string csv = "date,level\n";
  for (int day = 0; day < 20; ++day) {
    absl::StrAppend(&csv, FormatTime(day * int64_t{86'400'000'000}), ",",
                    (day + 1) / 2, "\n");
  }
  const std::vector<std::string> arguments = {
      "forecast",  "--model", "upward",     "--csv", "-",
      "--horizon", "6",       "--backtest", "2"};
  const Result result = Recur(arguments, csv);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("2 windows of 6 steps, extrapolated after step 2:"));
  std::vector<std::string> as_json = arguments;
  as_json.push_back("--json");
  const json line = Recur(as_json, csv).lines().at(0);
  EXPECT_EQ(line["extrapolated"], true);
  EXPECT_EQ(line["horizon"], 6);
  EXPECT_EQ(line["mae"], 0.5);
}

TEST_F(LongForecastTest, SaysWhyAForecastCannotBeThatLong) {
  const Result beyond =
      Recur({"forecast", "--model", "tiny", "--csv", csv_, "--horizon", "4"});
  EXPECT_EQ(beyond.code, 1);
  EXPECT_THAT(beyond.err,
              HasSubstr("horizon is 4; model \"tiny\" has 3; it cannot be "
                        "extrapolated, for its input \"wind\" is neither a "
                        "target nor known ahead"));
  const Result longer =
      Recur({"forecast", "--model", "upward", "--csv", "-", "--horizon", "21"},
            "date,level\n1970-01-01,5\n");
  EXPECT_EQ(longer.code, 1);
  EXPECT_THAT(longer.err, HasSubstr("it can be extrapolated to 20"));
}

}  // namespace
}  // namespace recur::cli
