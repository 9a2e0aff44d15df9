#include "client/cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "tests/unit/client/cli/served_command_line.h"

namespace recur::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(CommandLineTest, HelpNamesEveryCommandAndExitsWell) {
  const Result result = RunWith({"--help"});
  EXPECT_EQ(result.code, 0);
  for (const char* command :
       {"models", "classify", "forecast", "stream", "sessions", "health",
        "RECUR_SERVER", "Exit codes"}) {
    EXPECT_THAT(result.out, HasSubstr(command));
  }
  EXPECT_THAT(RunWith({"stream", "--help"}).out, HasSubstr("--keep"));
}

TEST(CommandLineTest, AWrongCommandLineExitsWithTwo) {
  EXPECT_EQ(RunWith({}).code, 2);
  EXPECT_THAT(RunWith({}).err,
              StartsWith("recur: a command is needed: models"));
  EXPECT_EQ(RunWith({"dance"}).code, 2);
  EXPECT_THAT(RunWith({"dance"}).err,
              StartsWith("recur: there is no command \"dance\"; there are: "
                         "models, "));
  EXPECT_EQ(RunWith({"models", "--timeout", "-1"}).code, 2);
  EXPECT_EQ(RunWith({"stream", "--model", "m"}).code, 2);
  const Result result = RunWith({"forecast", "--model", "m"});
  EXPECT_EQ(result.code, 2);
  EXPECT_THAT(result.err, HasSubstr("one of --csv and --session"));
  EXPECT_THAT(result.err, HasSubstr("`recur forecast --help` tells"));
}

TEST(CommandLineTest, NumbersOutOfRangeAreNamedWithTheirLimit) {
  const auto error = [](const std::string& option, const std::string& value) {
    const Result result =
        RunWith({"stream", "--model", "m", "--csv", "x", option, value});
    EXPECT_EQ(result.code, 2) << option;
    return result.err;
  };
  EXPECT_EQ(error("--horizon", "0"),
            "recur: --horizon: 0 is not a whole number of 1 or more\n"
            "`recur stream --help` tells how it is called.\n");
  EXPECT_THAT(error("--last", "x"), HasSubstr("x is not a whole number"));
  EXPECT_THAT(error("--top-k", "0"), HasSubstr("1 or more"));
  EXPECT_THAT(error("--rate", "0"), HasSubstr("0 is not a number above 0"));
}

TEST(CommandLineTest, AServerThatIsNotThereIsNamed) {
  const Result result = RunWith({"models", "--server", "127.0.0.1:1"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err,
              StartsWith("recur: cannot reach recur-server at 127.0.0.1:1: is "
                         "it running?"));
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_EQ(RunWith({"health", "--server", "127.0.0.1:1"}).code, 1);
}

TEST_F(ServedCommandLineTest, ListsModelsAndTellsAboutOne) {
  const Result list = Recur({"models"});
  EXPECT_EQ(list.code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("mood"));
  EXPECT_THAT(list.out, HasSubstr("3 steps of temp"));
  const Result one = Recur({"models", "tiny"});
  EXPECT_THAT(one.out, StartsWith("tiny, version 1 (latest): ready"));
  EXPECT_THAT(one.out, HasSubstr("temp (target)"));
  EXPECT_THAT(one.out, HasSubstr("wind (may be missing)"));
  const auto lines = Recur({"models", "--json"}).lines();
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[1]["model"], "tiny");
  EXPECT_EQ(lines[1]["horizon"], 3);
}

TEST_F(ServedCommandLineTest, AnUnknownModelIsTheServersError) {
  const Result result = Recur({"models", "nothing"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("nothing"));
  const Result machine = Recur({"models", "nothing", "--json"});
  const json error = json::parse(machine.err)["error"];
  EXPECT_EQ(error["code"], "NOT_FOUND");
  EXPECT_EQ(error["reason"], "model_unknown");
}

TEST_F(ServedCommandLineTest, HealthIsAnExitCode) {
  EXPECT_EQ(Recur({"health"}).code, 0);
  EXPECT_EQ(Recur({"health"}).out, "SERVING\n");
  EXPECT_EQ(Recur({"health", "--service", "recur.v1.Recur"}).code, 0);
  const Result nothing = Recur({"health", "--service", "recur.v1.Nothing"});
  EXPECT_EQ(nothing.code, 1);
  EXPECT_EQ(nothing.err,
            "recur: the server has no service \"recur.v1.Nothing\"\n");
}

TEST_F(ServedCommandLineTest, ClassifiesTexts) {
  const Result result =
      Recur({"classify", "--model", "mood", "all good", "a bad day"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("up "));
  const auto lines =
      Recur({"classify", "--model", "mood", "--text-file", "-", "--json"},
            "all good\na bad day\n")
          .lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["label"], "up");
  EXPECT_EQ(lines[1]["label"], "down");
  EXPECT_THAT(Recur({"classify", "--model", "mood", "na\xEFve"}).err,
              StartsWith("recur: input 0 is not UTF-8"));
  // softmax of (0, 3)
  EXPECT_NEAR(lines[0]["labels"][0]["probability"], 0.9526, 1e-3);
}

TEST_F(ServedCommandLineTest, ClassifiesSequencesAndCountsWhatItFound) {
  const std::string csv =
      "id,x,truth\na,1,up\na,2,up\nb,-1,down\nb,-4,down\nc,-2,up\n";
  const Result result = Recur({"classify", "--model", "trend", "--csv", "-",
                               "--sequence-id", "id", "--label", "truth"},
                              csv);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("c  [is up]"));
  EXPECT_THAT(result.out, HasSubstr("accuracy 66.7% (2 of 3)"));
}

TEST_F(ServedCommandLineTest, ForecastsWhatFollowsAFile) {
  const Result result = Recur({"forecast", "--model", "tiny", "--csv", csv_});
  EXPECT_EQ(result.code, 0) << result.err;
  // Day 29 has temp 3; forecasts are 3 -2, +0, +2.
  EXPECT_THAT(result.out, HasSubstr("1970-01-31  3.00  1.00  3.00  5.00\n"
                                    "1970-02-01  3.00  1.00  3.00  5.00\n"));
  EXPECT_THAT(result.out, HasSubstr("░"));
  const auto lines = Recur({"forecast", "--model", "tiny", "--csv", csv_,
                            "--quantiles", "0.9", "--horizon", "2", "--json"})
                         .lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["steps"].size(), 2u);
  EXPECT_EQ(lines[0]["steps"][1]["targets"]["temp"]["quantiles"],
            json::array({5.0}));
}

TEST_F(ServedCommandLineTest, NamesAColumnThatTheFileDoesNotHave) {
  const Result result =
      Recur({"forecast", "--model", "tiny", "--csv", "-"}, "date,temp\n");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("no column \"wind\", which model \"tiny\" "
                                    "takes; there are: date, temp"));
}

TEST_F(ServedCommandLineTest, ABacktestScoresEveryWindowAgainstTheTruth) {
  const auto lines = Recur({"forecast", "--model", "tiny", "--csv", csv_,
                            "--backtest", "4", "--json"})
                         .lines();
  ASSERT_EQ(lines.size(), 1u);
  double error = 0;
  int inside = 0;
  for (int origin = 30 - 12; origin < 30; origin += 3) {
    for (int day = origin; day < origin + 3; ++day) {
      const double miss = std::abs(Temp(day) - Temp(origin - 1));
      error += miss / 12;
      inside += miss <= 2;
    }
  }
  double change = 0;
  for (int day = 1; day < 18; ++day) {
    change += std::abs(Temp(day) - Temp(day - 1)) / 17;
  }
  EXPECT_NEAR(lines[0]["mae"], error, 1e-5);
  EXPECT_NEAR(lines[0]["naive_mae"], error, 1e-5);
  EXPECT_NEAR(lines[0]["mase"], error / change, 1e-5);
  EXPECT_NEAR(lines[0]["coverage"], inside / 12.0, 1e-9);
  const Result people =
      Recur({"forecast", "--model", "tiny", "--csv", csv_, "--backtest", "4"});
  EXPECT_EQ(people.code, 0) << people.err;
  EXPECT_THAT(people.out, HasSubstr("4 windows of 3 steps:"));
  EXPECT_THAT(people.out, HasSubstr("in 80% interval"));
  EXPECT_EQ(Recur({"sessions"}).out, "No sessions are open.\n");
}

TEST_F(ServedCommandLineTest, ABacktestNeedsMoreRowsThanItForecasts) {
  const Result result =
      Recur({"forecast", "--model", "tiny", "--csv", csv_, "--backtest", "10"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err,
              HasSubstr("10 windows of 3 steps need more than 30 rows; there "
                        "are 30"));
}

TEST_F(ServedCommandLineTest, StreamsEveryRowAndClosesTheSession) {
  const Result result =
      Recur({"stream", "--model", "tiny", "--csv", csv_, "--plot"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("30 rows in"));
  EXPECT_THAT(result.out, HasSubstr("forecast one step ahead"));
  EXPECT_EQ(Recur({"sessions"}).out, "No sessions are open.\n");
  const auto lines =
      Recur({"stream", "--model", "tiny", "--csv", csv_, "--json"}).lines();
  ASSERT_EQ(lines.size(), 30u);
  for (int day = 0; day < 30; ++day) {
    EXPECT_EQ(lines[day]["step"], day + 1);
    EXPECT_EQ(lines[day]["forecast"]["steps"][2]["targets"]["temp"]["point"],
              Temp(day));
  }
}

TEST_F(ServedCommandLineTest, AnswersOnlyTheLastRowsWhenAsked) {
  const auto lines = Recur({"stream", "--model", "tiny", "--csv", csv_,
                            "--last", "5", "--json"})
                         .lines();
  int answers = 0;
  for (const json& line : lines) answers += line.contains("forecast");
  EXPECT_EQ(answers, 5);
  EXPECT_EQ(lines.back()["step"], 30);
}

TEST_F(ServedCommandLineTest, GoesOnWithASessionWhereItStopped) {
  const std::string ten = MakeCsv(10);
  Result result = Recur({"stream", "--model", "tiny", "--csv", ten, "--session",
                         "roof", "--keep"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("session roof on tiny version 1, from "
                                    "step 1"));
  const auto sessions = Recur({"sessions", "list", "--json"}).lines();
  ASSERT_EQ(sessions.size(), 1u);
  EXPECT_EQ(sessions[0]["applied_step"], 10);

  const std::string all = MakeCsv(30);
  auto lines = Recur({"stream", "--model", "tiny", "--csv", all, "--session",
                      "roof", "--keep", "--json"})
                   .lines();
  ASSERT_EQ(lines.size(), 20u);
  EXPECT_EQ(lines[0]["step"], 11);

  // Rows of standard input are new ones.
  lines = Recur({"stream", "--model", "tiny", "--csv", "-", "--session", "roof",
                 "--keep", "--json"},
                "date,temp,wind\n" + Row(30))
              .lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["step"], 31);
  result = Recur({"stream", "--model", "tiny", "--csv", all, "--session",
                  "roof", "--keep"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("Nothing new: the session has seen 31 "
                                    "steps"));

  const Result forecast = Recur({"forecast", "--session", "roof", "--json"});
  EXPECT_EQ(forecast.code, 0) << forecast.err;
  EXPECT_EQ(forecast.lines()[0]["applied_step"], 31);
  EXPECT_EQ(forecast.lines()[0]["steps"][0]["time"], "1970-02-01");
  EXPECT_THAT(Recur({"sessions", "get", "roof"}).out, HasSubstr("31"));
  result = Recur({"sessions", "close", "roof"});
  EXPECT_EQ(result.out, "Closed \"roof\" after step 31.\n");
  EXPECT_EQ(Recur({"sessions", "get", "roof"}).code, 1);
  EXPECT_EQ(Recur({"sessions", "close", "roof"}).out, "Closed \"roof\".\n");
  EXPECT_EQ(Recur({"sessions", "--model", "tiny"}).out,
            "No sessions of model \"tiny\" are open.\n");
}

TEST_F(ServedCommandLineTest, ALateRowStopsTheStreamAndKeepsTheSession) {
  const Result result =
      Recur({"stream", "--model", "tiny", "--csv", "-", "--session", "late"},
            "date,temp,wind\n" + Row(4) + Row(5) + Row(3));
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("`--session late` goes on with it"));
  const json session = Recur({"sessions", "get", "late", "--json"}).lines()[0];
  EXPECT_EQ(session["applied_step"], 2);
  Recur({"sessions", "close", "late"});
}

TEST_F(ServedCommandLineTest, AStreamThatFailsBeforeItsFirstStepLeavesNothing) {
  const Result result =
      Recur({"stream", "--model", "tiny", "--csv", "/no/such/file.csv"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("/no/such/file.csv"));
  EXPECT_THAT(result.err, Not(HasSubstr("kept")));
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_EQ(Recur({"sessions"}).out, "No sessions are open.\n");
}

TEST_F(ServedCommandLineTest, SaysThatNoRowsCame) {
  const Result live =
      Recur({"stream", "--model", "trend", "--csv", "-"}, "x\n");
  EXPECT_EQ(live.code, 0) << live.err;
  EXPECT_THAT(live.out, HasSubstr("No rows came on standard input."));
  const std::string empty = MakeCsv(0);
  for (const char* command : {"stream", "forecast"}) {
    const Result file = Recur({command, "--model", "tiny", "--csv", empty});
    EXPECT_EQ(file.code, 1);
    EXPECT_EQ(file.err,
              absl::StrCat("recur: ", empty, " has a header and no rows\n"));
  }
}

TEST_F(ServedCommandLineTest, StreamsClassificationsToo) {
  const Result result =
      Recur({"stream", "--model", "trend", "--csv", "-"}, "x\n1\n1\n");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("2  up"));
  const Result wrong =
      Recur({"stream", "--model", "trend", "--csv", "-", "--forecast"}, "x\n");
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err,
              HasSubstr("model \"trend\" does not forecast: its task is "
                        "classify"));
}

}  // namespace
}  // namespace recur::cli
