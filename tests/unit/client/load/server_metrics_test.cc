#include "client/load/server_metrics.h"

#include <gtest/gtest.h>

namespace recur::load {
namespace {

constexpr char kText[] = R"(# HELP recur_steps_total Observations ...
# TYPE recur_steps_total counter
recur_steps_total{outcome="applied"} 1200
recur_steps_total{outcome="duplicate"} 7
recur_sequence_steps_total 300
recur_step_seconds_bucket{le="+Inf"} 9
process_cpu_seconds_total 12.5
process_resident_memory_bytes 1.5e+08 1700000000000
)";

TEST(ServerMetricsTest, ReadsWhatTheServerTellsOfItself) {
  const ServerMetrics metrics = ParseMetrics(kText);
  EXPECT_EQ(metrics.cpu_seconds, 12.5);
  EXPECT_EQ(metrics.resident_bytes, 1.5e8);
  EXPECT_EQ(metrics.steps, 1500);
}

TEST(ServerMetricsTest, WhatIsNotToldIsNotThere) {
  const ServerMetrics metrics =
      ParseMetrics("process_cpu_seconds_total 3\nnonsense\n{} x\n\n");
  EXPECT_EQ(metrics.cpu_seconds, 3);
  EXPECT_EQ(metrics.resident_bytes, std::nullopt);
  EXPECT_EQ(metrics.steps, std::nullopt);
}

TEST(ServerMetricsTest, CpuTimeIsPerStepOfTheServerOrElseOfTheClient) {
  const ServerMetrics before{.cpu_seconds = 1, .steps = 100};
  const ServerMetrics after{.cpu_seconds = 3, .steps = 500};
  EXPECT_DOUBLE_EQ(*CpuSecondsPerStep(before, after, 1), 2.0 / 400);
  EXPECT_DOUBLE_EQ(
      *CpuSecondsPerStep({.cpu_seconds = 1}, {.cpu_seconds = 3}, 200), 0.01);
  EXPECT_EQ(CpuSecondsPerStep({}, after, 200), std::nullopt);
  EXPECT_EQ(CpuSecondsPerStep(before, before, 200), std::nullopt);
}

}  // namespace
}  // namespace recur::load
