#include "client/load/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/spec/error_reason.h"

namespace recur::load {
namespace {

using std::chrono::microseconds;
using ::testing::HasSubstr;
using ::testing::Not;

TimePoint At(int64_t us) { return TimePoint(microseconds(us)); }

// 2 s in which 1,000 items were answered after 1 ms and 10 failed.
LoadResult Sample() {
  LoadResult result;
  result.options.model = "weather";
  result.options.duration = Seconds(2);
  result.open_seconds = 0.5;
  result.stats.Measure(At(0), At(2'000'000));
  result.stats.OnApplied(At(100), At(1'100), 1'000, 4'000'000);
  result.stats.OnMessageDone(At(1'100));
  result.stats.OnError(At(200),
                       ErrorWithReason(absl::StatusCode::kResourceExhausted,
                                       "queue_full", "the queue is full"),
                       10);
  result.stats.OnNotSent(At(300));
  return result;
}

TEST(ReportTest, JsonHasEveryKeyAndNullForWhatIsNotKnown) {
  const auto json = ReportJson(Sample());
  EXPECT_EQ(json["steps_per_second"], 2'000'000.0);
  EXPECT_EQ(json["messages_per_second"], 0.5);
  EXPECT_EQ(json["latency_us"]["max"], 1'000.0);
  for (const char* key : {"p50", "p90", "p99", "p999", "mean"}) {
    EXPECT_NEAR(json["latency_us"][key].get<double>(), 1'000.0, 8.0) << key;
  }
  EXPECT_EQ(json["errors"]["queue_full"], 10);
  EXPECT_EQ(json["not_sent"], 1);
  EXPECT_EQ(json["wrong_answers"], 0);
  EXPECT_TRUE(json["server_cpu_us_per_step"].is_null());
  EXPECT_TRUE(json["server_resident_bytes"].is_null());
  EXPECT_TRUE(json["bulk_steps_per_second"].is_null());
  EXPECT_TRUE(json["durable_lag_us"].is_null());
  EXPECT_EQ(json["open_seconds"], 0.5);
  EXPECT_EQ(json["sessions"], 1'000);
  EXPECT_EQ(json["streams"], 4);
  EXPECT_EQ(json["observations_per_message"], 250);
  EXPECT_EQ(json["duration_seconds"], 2.0);
}

TEST(ReportTest, WhatTheServerSaidIsInTheJson) {
  LoadResult result = Sample();
  result.server_cpu_seconds_per_step = 1.5e-6;
  result.server_resident_bytes = 1 << 20;
  result.options.bulk = "b";
  result.stats.OnBulkDone(At(10), 3'000);
  result.stats.OnDurable(At(100), At(50'100));
  const auto json = ReportJson(result);
  EXPECT_DOUBLE_EQ(json["server_cpu_us_per_step"].get<double>(), 1.5);
  EXPECT_EQ(json["server_resident_bytes"], 1 << 20);
  EXPECT_EQ(json["bulk_steps_per_second"], 1'500.0);
  EXPECT_EQ(json["durable_lag_us"]["p99"], 50'000.0);
  EXPECT_THAT(ReportText(result), HasSubstr("until durable   p50 50.00 ms, "));
}

TEST(ReportTest, TheTableIsForPeople) {
  LoadResult result = Sample();
  result.options.rate = 4e6;
  result.metrics_note = "not known without --metrics URL";
  result.stats.OnWrong("session 3 has the sum 4");
  const std::string text = ReportText(result);
  EXPECT_THAT(text, HasSubstr("model \"weather\" at 127.0.0.1:8001: 1,000 "
                              "sessions on 4 streams, 250 observations per "
                              "message, ack, 4,000,000 steps/s\n"));
  EXPECT_THAT(text, HasSubstr("opened          1,000 sessions in 0.50 s, "
                              "2,000 /s\n"));
  EXPECT_THAT(text, HasSubstr("steps           2,000,000 /s over 2 s\n"));
  EXPECT_THAT(text, HasSubstr("p99.9 1.00 ms, max 1.00 ms\n"));
  EXPECT_THAT(text, HasSubstr("errors          10 RESOURCE_EXHAUSTED "
                              "queue_full: the queue is full\n"));
  EXPECT_THAT(text, HasSubstr("not sent        1 messages that were due\n"));
  EXPECT_THAT(text, HasSubstr("wrong answers   1; the first: session 3 has "
                              "the sum 4\n"));
  EXPECT_THAT(text, HasSubstr("not known without --metrics URL"));
}

TEST(ReportTest, OnlyOpeningTellsOnlyThat) {
  LoadResult result;
  result.options.open_only = true;
  result.open_seconds = 2;
  result.server_resident_bytes = 10 << 20;
  result.server_bytes_per_session = 1'234;
  const std::string text = ReportText(result);
  EXPECT_THAT(text, HasSubstr("1,000 sessions in 2.00 s, 500 /s"));
  EXPECT_THAT(text, HasSubstr("10.0 MiB resident, 1234 bytes per session"));
  EXPECT_THAT(text, Not(HasSubstr("latency")));
  EXPECT_TRUE(ReportJson(result)["steps_per_second"].is_null());
}

}  // namespace
}  // namespace recur::load
