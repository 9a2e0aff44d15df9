#include "client/cli/stream_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_split.h"

namespace recur::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kDay = 86'400'000'000;

client::ModelInfo Weather() {
  client::ModelInfo model{.name = "weather",
                          .task = "forecast",
                          .interval = std::chrono::hours(24)};
  model.inputs = {{.name = "temp", .target = true}};
  model.horizon = 2;
  return model;
}

// A forecast of two days, give or take 2.
client::StreamReply Reply(uint64_t step, double first, double second) {
  client::StreamReply reply{.step = step, .applied_step = step};
  reply.forecast = client::Forecast{
      .point = {first, second},
      .quantiles = {first - 2, first + 2, second - 2, second + 2},
      .start_us = static_cast<int64_t>(step) * kDay};
  return reply;
}

TEST(StreamLogTest, HoldsEachForecastAgainstWhatCame) {
  std::ostringstream out;
  StreamLog log({.levels = {0.1, 0.9}}, Weather(), &out);
  log.AddRow(1, 0, 10);
  log.OnReply(Reply(1, 11, 12));  // of 13 and 20
  log.AddRow(2, kDay, 13);
  log.OnReply(Reply(2, 14, 15));  // of 20
  log.AddRow(3, 2 * kDay, 20);
  log.OnReply(Reply(3, 21, 22));
  const std::vector<std::string> lines = absl::StrSplit(out.str(), '\n');
  ASSERT_GE(lines.size(), 4u);
  EXPECT_THAT(lines[0], HasSubstr("80% interval"));
  EXPECT_THAT(lines[1], HasSubstr("1970-01-01"));
  EXPECT_THAT(lines[2], HasSubstr("13.00     11.00  [9.00, 13.00]"));
  EXPECT_THAT(lines[2], HasSubstr("✓"));
  EXPECT_THAT(lines[3], HasSubstr("20.00     14.00  [12.00, 16.00]"));
  EXPECT_THAT(lines[3], HasSubstr("✗"));
  // +1: |11-13|, |14-20|, naive |10-13|, |13-20|; +2: |12-20|, naive |10-20|.
  const std::string summary = log.Summary(1.0);
  EXPECT_THAT(summary, HasSubstr("3 rows"));
  EXPECT_THAT(summary, HasSubstr("+1          2  4.00       5.00"));
  EXPECT_THAT(summary, HasSubstr("50.0%"));
  EXPECT_THAT(summary, HasSubstr("+2          1  8.00      10.00"));
}

TEST(StreamLogTest, HistoryIsCountedAndNotPrinted) {
  std::ostringstream out;
  StreamLog log({.levels = {0.1, 0.9}}, Weather(), &out);
  for (uint64_t step = 1; step <= 3; ++step) log.AddRow(step, {}, 1.0 * step);
  log.OnReply({.step = 3, .applied_step = 3});
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(log.applied_step(), 3u);
  EXPECT_THAT(log.Summary(1.0), HasSubstr("3 rows"));
}

TEST(StreamLogTest, KeepsTheFirstErrorAndFallsSilent) {
  std::ostringstream out;
  StreamLog log({.levels = {0.1, 0.9}}, Weather(), &out);
  log.OnReply({.step = 1, .status = absl::InvalidArgumentError("late")});
  log.OnReply({.step = 2, .status = absl::FailedPreconditionError("gap")});
  log.OnReply(Reply(3, 1, 2));
  EXPECT_EQ(log.status().message(), "late");
  EXPECT_EQ(out.str(), "");
}

TEST(StreamLogTest, PrintsOneJsonObjectPerReply) {
  std::ostringstream out;
  StreamLog log({.json = true, .session_id = "s", .levels = {0.1, 0.9}},
                Weather(), &out);
  log.AddRow(7, kDay, 10);
  log.OnReply(Reply(7, 11, 12));
  const auto json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["session_id"], "s");
  EXPECT_EQ(json["step"], 7);
  EXPECT_EQ(json["time"], "1970-01-02");
  const auto& second = json["forecast"]["steps"][1];
  EXPECT_EQ(second["time"], "1970-01-09");
  EXPECT_EQ(second["targets"]["temp"]["point"], 12.0);
  EXPECT_EQ(second["targets"]["temp"]["quantiles"][0], 10.0);
  EXPECT_EQ(log.Summary(1.0), "");
}

TEST(StreamLogTest, AnAnswerThatDoesNotFitTheModelIsAnError) {
  std::ostringstream out;
  StreamLog log({.levels = {0.1, 0.5, 0.9}}, Weather(), &out);
  log.AddRow(1, {}, 10);
  log.OnReply(Reply(1, 11, 12));
  EXPECT_EQ(log.status().code(), absl::StatusCode::kInternal);
}

TEST(StreamLogTest, CountsLabels) {
  std::ostringstream out;
  StreamLog log({}, {.name = "motion", .task = "classify"}, &out);
  for (uint64_t step = 1; step <= 2; ++step) {
    client::StreamReply reply{.step = step, .applied_step = step};
    reply.classification = client::Classification{{{"walk", 0.75f}}};
    log.AddRow(step, {}, PlotPoint::kNone);
    log.OnReply(reply);
  }
  EXPECT_THAT(out.str(), HasSubstr("75.0%  walk"));
  EXPECT_THAT(log.Summary(1.0), HasSubstr("2  walk"));
}

TEST(StreamLogTest, DrawsGaugesAndAChartWhenAsked) {
  std::ostringstream out;
  StreamLog log({.plot = true, .levels = {0.1, 0.9}}, Weather(), &out);
  log.AddRow(1, {}, 10);
  log.OnReply(Reply(1, 11, 12));
  log.AddRow(2, {}, 13);
  log.OnReply(Reply(2, 14, 15));
  EXPECT_THAT(out.str(), HasSubstr("├"));
  EXPECT_THAT(log.Summary(1.0), HasSubstr("temp, forecast one step ahead"));
}

}  // namespace
}  // namespace recur::cli
