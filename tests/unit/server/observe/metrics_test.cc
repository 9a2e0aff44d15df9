#include "server/observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <fstream>
#include <regex>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "model/network/reference/reference_engine.h"
#include "tests/unit/server/repository/small_model.h"

namespace recur {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

std::shared_ptr<const Servable> SmallServable(int64_t version) {
  const Model model = SmallModel(version);
  auto engine = CreateReferenceEngine(model.spec.network, model.weights);
  Servable servable = *MakeServable(model.spec, {}, *engine);
  servable.name = "m";
  servable.version = version;
  servable.fingerprint = "f00d";
  servable.same_bits_in_any_batch = true;
  return std::make_shared<const Servable>(std::move(servable));
}

ModelStatus Ready(std::shared_ptr<const Servable> servable) {
  return {.name = "m",
          .version = servable->version,
          .state = ModelState::kReady,
          .servable = servable,
          .latest = true};
}

ServerReading FullReading() {
  ServerReading reading;
  RequestStats requests;
  Histogram* ok = requests.Series({"Observe", "m", absl::StatusCode::kOk});
  ok->Observe(0.0015);
  ok->Observe(0.0015);
  ok->Observe(100);
  requests.Series({"Classify", "unknown", absl::StatusCode::kNotFound})
      ->Observe(1e-5);
  reading.requests = requests.Read();
  LaneStats lane;
  lane.steps_applied.Add(1234567);
  lane.steps_duplicate.Add(2);
  lane.steps_refused.Add(3);
  lane.whole_sequence_steps.Add(4);
  lane.sessions_live.Set(5);
  lane.sessions_opened.Add(8);
  lane.sessions_closed.Add(2);
  lane.sessions_expired.Add(1);
  lane.sessions_lost.Add(4);
  lane.session_bytes.Set(4096);
  lane.queued_items.Set(6);
  lane.batch_rows.Observe(3);
  lane.batch_rows.Observe(64);
  lane.queue_wait_seconds.Observe(0.25);
  lane.step_seconds.Observe(0.5);
  AddLane(lane, &reading.lanes);
  reading.models = {Ready(SmallServable(2))};
  reading.models.push_back(
      {.name = "m", .version = 3, .state = ModelState::kFailed});
  reading.repository = {
      .loads_ok = 1, .loads_failed = 2, .load_seconds = 1.5, .scans_failed = 4};
  reading.process = ProcessReading{.cpu_seconds = 1.25,
                                   .start_time_seconds = 1393632000.5,
                                   .resident_memory_bytes = 1e6,
                                   .virtual_memory_bytes = 2e9,
                                   .threads = 7,
                                   .open_fds = 9,
                                   .max_fds = 1024};
  reading.build_labels = {{"version", "0.1.0"}};
  return reading;
}

std::vector<std::string> Lines(const ServerReading& reading) {
  return absl::StrSplit(MetricsText(BuildMetrics(reading)), '\n');
}

TEST(MetricsTest, TellsEveryCounterAndGauge) {
  const std::vector<std::string> lines = Lines(FullReading());
  for (const char* line : {
           "recur_steps_total{outcome=\"applied\"} 1234567",
           "recur_steps_total{outcome=\"duplicate\"} 2",
           "recur_steps_total{outcome=\"refused\"} 3",
           "recur_sequence_steps_total 4",
           "recur_sessions{state=\"live\"} 5",
           "recur_sessions_total{event=\"opened\"} 8",
           "recur_sessions_total{event=\"closed\"} 2",
           "recur_sessions_total{event=\"expired\"} 1",
           "recur_sessions_total{event=\"lost\"} 4",
           "recur_session_bytes 4096",
           "recur_queued_items 6",
           "recur_lanes 1",
           "recur_models{state=\"loading\"} 0",
           "recur_models{state=\"ready\"} 1",
           "recur_models{state=\"retiring\"} 0",
           "recur_models{state=\"failed\"} 1",
           "recur_model_loads_total{result=\"ok\"} 1",
           "recur_model_loads_total{result=\"error\"} 2",
           "recur_model_load_seconds_total 1.5",
           "recur_model_scan_errors_total 4",
           "recur_draining 0",
           "recur_build_info{version=\"0.1.0\"} 1",
           "process_cpu_seconds_total 1.25",
           "process_start_time_seconds 1393632000.5",
           "process_resident_memory_bytes 1000000",
           "process_virtual_memory_bytes 2000000000",
           "process_threads 7",
           "process_open_fds 9",
           "process_max_fds 1024",
       }) {
    EXPECT_THAT(lines, Contains(line));
  }
}

TEST(MetricsTest, HistogramsAreCumulativeAndEndInInfinity) {
  const std::vector<std::string> lines = Lines(FullReading());
  const std::string labels = "{method=\"Observe\",model=\"m\",code=\"OK\"";
  const std::string name = "recur_request_duration_seconds";
  for (const std::string& line : {
           name + "_bucket" + labels + ",le=\"0.001\"} 0",
           name + "_bucket" + labels + ",le=\"0.002\"} 2",
           name + "_bucket" + labels + ",le=\"10\"} 2",
           name + "_bucket" + labels + ",le=\"+Inf\"} 3",
           name + "_count" + labels + "} 3",
           name + "_sum" + labels + "} 100.003",
           "recur_requests_total" + labels + "} 3",
           std::string("recur_batch_rows_bucket{le=\"2\"} 0"),
           std::string("recur_batch_rows_bucket{le=\"4\"} 1"),
           std::string("recur_batch_rows_bucket{le=\"64\"} 2"),
           std::string("recur_batch_rows_sum 67"),
           std::string("recur_queue_wait_seconds_sum 0.25"),
           std::string("recur_step_seconds_sum 0.5"),
       }) {
    EXPECT_THAT(lines, Contains(line));
  }
  EXPECT_THAT(lines, Contains("recur_requests_total{method=\"Classify\",model="
                              "\"unknown\",code=\"NOT_FOUND\"} 1"));
}

TEST(MetricsTest, SaysWhatALoadedModelIs) {
  const ServerReading reading = FullReading();
  const std::vector<std::string> lines = Lines(reading);
  const Engine& engine = *reading.models[0].servable->engine;
  EXPECT_THAT(
      lines,
      Contains(absl::StrCat(
          "recur_model_info{model=\"m\",version=\"2\",state=\"ready\",latest="
          "\"true\",task=\"classify\",cell=\"lstm\",engine=\"reference\","
          "numerics=\"",
          engine.numerics(),
          "\",precision=\"f32\",fingerprint=\"f00d\",same_bits_in_any_batch="
          "\"true\"} 1")));
  EXPECT_THAT(lines, Contains(absl::StrCat("recur_model_weight_bytes{model="
                                           "\"m\",version=\"2\"} ",
                                           engine.bytes())));
}

TEST(MetricsTest, TellOfAStoreWhereThereIsOne) {
  ServerReading reading = FullReading();
  EXPECT_THAT(MetricsText(BuildMetrics(reading)),
              Not(HasSubstr("recur_store")));
  StoreStats stats;
  stats.commits.Add(3);
  stats.rows_committed.Add(9);
  stats.rows_fenced.Add(1);
  stats.rows_unknown.Add(2);
  stats.loads_found.Add(4);
  stats.breaker_state.Set(2);
  stats.durable_lag_seconds.Observe(0.03);
  reading.store = ReadStore(stats);
  reading.lanes.sessions_dirty = 5;
  const std::string text = MetricsText(BuildMetrics(reading));
  for (const char* line :
       {"recur_store_commits_total 3\n",
        "recur_store_rows_total{outcome=\"committed\"} 9\n",
        "recur_store_rows_total{outcome=\"fenced\"} 1\n",
        "recur_store_rows_total{outcome=\"unknown\"} 2\n",
        "recur_store_loads_total{result=\"found\"} 4\n",
        "recur_store_breaker_state 2\n", "recur_store_dirty_sessions 5\n",
        "recur_store_durable_lag_seconds_count 1\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MetricsTest, TellHowFarAModelInAnotherPrecisionIsFromF32) {
  ServerReading reading;
  Servable narrow = *SmallServable(3);
  narrow.precision = Precision::kBf16;
  narrow.difference_to_f32 = 0.0078125;
  reading.models = {Ready(SmallServable(2)),
                    Ready(std::make_shared<const Servable>(std::move(narrow)))};
  const std::string text = MetricsText(BuildMetrics(reading));
  EXPECT_THAT(text, HasSubstr("recur_model_precision_difference{model=\"m\","
                              "version=\"3\"} 0.0078125\n"));
  EXPECT_THAT(text, Not(HasSubstr("precision_difference{model=\"m\",version="
                                  "\"2\"")));
  EXPECT_THAT(text, HasSubstr("precision=\"bf16\""));
}

TEST(MetricsTest, AModelThatIsHeldTwiceIsOneSample) {
  ServerReading reading;
  reading.models = {Ready(SmallServable(1)), Ready(SmallServable(1))};
  reading.models[0].state = ModelState::kRetiring;
  reading.models.push_back(reading.models[0]);
  std::multiset<std::string> series;
  for (const std::string& line : Lines(reading)) {
    if (absl::StartsWith(line, "#") || line.empty()) continue;
    series.insert(line.substr(0, line.rfind(' ')));
  }
  for (const std::string& one : series) EXPECT_EQ(series.count(one), 1u) << one;
}

TEST(MetricsTest, LeavesOutTheProcessWhenTheSystemDoesNotTell) {
  EXPECT_THAT(MetricsText(BuildMetrics(ServerReading())),
              Not(HasSubstr("process_")));
}

TEST(MetricsTest, NamesFollowTheConventions) {
  std::set<std::string> names;
  for (const auto& family : BuildMetrics(FullReading())) {
    EXPECT_TRUE(
        std::regex_match(family.name, std::regex("(recur|process)(_[a-z]+)+")))
        << family.name;
    EXPECT_EQ(absl::EndsWith(family.name, "_total"),
              family.type == prometheus::MetricType::Counter)
        << family.name;
    EXPECT_GT(family.help.size(), 20u) << family.name;
    EXPECT_EQ(family.help.back(), '.') << family.name;
    EXPECT_TRUE(names.insert(family.name).second) << family.name;
  }
}

TEST(MetricsTest, PromtoolFindsNothingToComplainOf) {
  if (std::system("promtool --version >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "promtool is not installed";
  }
  TemporaryDirectory directory;
  const std::string file = (directory.path() / "metrics").string();
  WriteText(file, MetricsText(BuildMetrics(FullReading())));
  const std::string output = file + ".out";
  const int code = std::system(
      absl::StrCat("promtool check metrics <", file, " >", output, " 2>&1")
          .c_str());
  std::ifstream said(output);
  EXPECT_EQ(WEXITSTATUS(code), 0) << said.rdbuf();
}

}  // namespace
}  // namespace recur
