#include "client/load/load_tool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/tiny_models.h"
#include "tests/unit/client/load/fake_peer.h"
#include "tests/unit/server/app/app_fixture.h"

namespace recur::load {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct Result {
  int code = 0;
  std::string out;
  std::string err;

  json Json() const { return json::parse(out, nullptr, false); }
};

// The words of a command line, as recur-load runs it.
Result RunWith(const std::string& line, bool terminal = false) {
  const std::vector<std::string> words =
      absl::StrSplit(line, ' ', absl::SkipEmpty());
  std::vector<const char*> argv = {"recur-load"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  std::ostringstream out;
  std::ostringstream err;
  const int code = RunLoadTool(static_cast<int>(argv.size()), argv.data(), out,
                               err, terminal);
  return {code, out.str(), err.str()};
}

// A whole server: "sum" and "pair" forecast the running sum of one and of two
// inputs, "trend" classifies.
class LoadToolTest : public AppTest {
 protected:
  LoadToolTest() {
    Write(TinyTrend(), "trend");
    Start();
  }

  void RestartWith(const std::string& store) {
    app_ = nullptr;
    options_.store = store;
    Start();
  }

  Result Load(const std::string& line, bool terminal = false) {
    return RunWith(
        absl::StrCat("--server 127.0.0.1:", app_->grpc_port(),
                     " --warm-up 50ms --duration 200ms --json - ", line),
        terminal);
  }
  std::string metrics() const {
    return absl::StrCat(" --metrics http://127.0.0.1:", app_->http_port(),
                        "/metrics ");
  }
};

TEST_F(LoadToolTest, EverySumOfAnAccumulatorIsRight) {
  const Result result = Load("--model pair --sessions 60 --check accumulator");
  ASSERT_EQ(result.code, 0) << result.err << result.out;
  const json told = result.Json();
  EXPECT_GT(told["steps_per_second"], 1'000);
  EXPECT_GT(told["messages_per_second"], 10);
  EXPECT_EQ(told["wrong_answers"], 0);
  EXPECT_THAT(told["errors"], IsEmpty());
  EXPECT_GT(told["latency_us"]["p50"], 0);
  EXPECT_LE(told["latency_us"]["p50"], told["latency_us"]["p999"]);
  EXPECT_LE(told["latency_us"]["p999"], told["latency_us"]["max"]);
  EXPECT_EQ(told["observations_per_message"], 15);
}

TEST_F(LoadToolTest, SumsAreRightInAnyOrderAndWithManyStepsPerItem) {
  const Result result = Load(
      "--model pair --sessions 60 --check accumulator --order random -m 7 "
      "--steps-per-item 5 --connections 2");
  EXPECT_EQ(result.code, 0) << result.err << result.out;
  EXPECT_GT(result.Json()["steps_per_second"], 1'000);
}

TEST_F(LoadToolTest, AnOpenLoopKeepsItsRate) {
  const Result result = Load(
      "--model sum --sessions 8 --streams 2 -m 2 --rate 2000 --duration 2s "
      "--check accumulator");
  ASSERT_EQ(result.code, 0) << result.err << result.out;
  const json told = result.Json();
  EXPECT_EQ(told["not_sent"], 0);
  // A machine may be busy at the end, and answer some in the drain.
  EXPECT_GT(told["steps_per_second"], 1'000);
  EXPECT_LT(told["steps_per_second"], 2'100);
}

TEST_F(LoadToolTest, PollingChangesWhatItCostsAlone) {
  const json told =
      Load("--model sum --rate 2000 --check accumulator --poll").Json();
  EXPECT_EQ(told["errors"], json::object());
  EXPECT_GT(told["steps_per_second"], 1'000);
  // What it polls in vain is no cost of a step.
  EXPECT_LT(told["load_cpu_us_per_step"], 400);
}

TEST_F(LoadToolTest, TheServersCostIsReadFromItsMetrics) {
  const json told = Load("--model sum" + metrics()).Json();
  EXPECT_TRUE(told["server_cpu_us_per_step"].is_number()) << told;
  EXPECT_GT(told["server_resident_bytes"], 1 << 20);
  EXPECT_GT(told["load_cpu_us_per_step"], 0);
}

TEST_F(LoadToolTest, WhatIsDurableIsWaitedForAndTold) {
  const TemporaryDirectory store;
  RestartWith("rocksdb:" + store.path().string());
  const Result result = Load("--model pair --sessions 60 --check accumulator");
  ASSERT_EQ(result.code, 0) << result.err << result.out;
  const json told = result.Json();
  EXPECT_THAT(told["errors"], IsEmpty());
  EXPECT_GT(told["durable_lag_us"]["p50"], told["latency_us"]["p50"]);
  EXPECT_GT(told["durable_lag_us"]["max"], 0);
  app_ = nullptr;  // before its store goes
}

TEST_F(LoadToolTest, OpeningAloneTellsWhatSessionsTake) {
  const Result result =
      Load("--model sum --sessions 500 --open-only" + metrics());
  ASSERT_EQ(result.code, 0) << result.err;
  const json told = result.Json();
  EXPECT_EQ(told["sessions"], 500);
  EXPECT_GT(told["open_seconds"], 0);
  EXPECT_TRUE(told["server_bytes_per_session"].is_number());
  EXPECT_TRUE(told["steps_per_second"].is_null());
}

TEST_F(LoadToolTest, BulkAndASlowReaderRunBesideTheLoad) {
  const Result result = Load(
      "--model sum --sessions 20 -m 5 --rate 1000 --check accumulator "
      "--bulk trend --bulk-steps 50 --bulk-in-flight 2 --slow-reader 5 "
      "--duration 1s");
  ASSERT_EQ(result.code, 0) << result.err << result.out;
  const json told = result.Json();
  EXPECT_GT(told["bulk_steps_per_second"], 100);
  EXPECT_GT(told["steps_per_second"], 100);
  EXPECT_EQ(told["sessions"], 20);
}

TEST_F(LoadToolTest, AModelThatIsNotThereIsNamedWithThoseThatAre) {
  const Result result = Load("--model summ");
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err,
            "recur-load: NOT_FOUND: there is no model \"summ\"; there are: "
            "pair, sum, trend\n");
}

TEST_F(LoadToolTest, WhatTheModelCannotDoIsSaidBeforehand) {
  EXPECT_THAT(Load("--model sum --want class").err,
              HasSubstr("model \"sum\" cannot answer --want class: its task is "
                        "forecast"));
  EXPECT_THAT(Load("--model sum --bulk pair").err,
              HasSubstr("--bulk needs a classifier; the task of model \"pair\" "
                        "is forecast"));
}

TEST_F(LoadToolTest, ATableIsPrintedBesideAFileOfJson) {
  const std::string path = (root_.path() / "result.json").string();
  const Result result = Load("--model sum --json " + path, true);
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, StartsWith("model \"sum\" at 127.0.0.1:"));
  EXPECT_THAT(result.out, HasSubstr("not known without --metrics URL"));
  EXPECT_THAT(result.err, HasSubstr("opening sessions: "));  // progress
  std::ifstream file(path);
  EXPECT_TRUE(json::parse(file)["steps_per_second"].is_number());
}

TEST(LoadToolPeerTest, AServerWithoutModelsNeedsTheNumberOfFeatures) {
  FakePeer peer;
  const std::string line =
      "--model any --sessions 8 --streams 2 --warm-up 0 --duration 200ms "
      "--check accumulator --json - --server " +
      peer.target();
  EXPECT_THAT(RunWith(line).err, HasSubstr("say with --features how many"));
  const Result result = RunWith(line + " --features 1");
  EXPECT_EQ(result.code, 0) << result.err << result.out;
  EXPECT_GT(result.Json()["steps_per_second"], 100);
}

TEST(LoadToolPeerTest, OneWrongSumFailsTheRun) {
  FakePeer peer;
  peer.recur.wrong_by = 1;
  const Result result = RunWith(
      "--model any --features 1 --sessions 8 --streams 1 --warm-up 0 "
      "--duration 200ms --check accumulator --json - --server " +
      peer.target());
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(
      result.err,
      HasSubstr(
          "recur-load: 1 wrong answer; the first: session 4 has the sum"));
  EXPECT_EQ(result.Json()["wrong_answers"], 1);
}

TEST(LoadToolPeerTest, AStreamThatEndsEarlyFailsTheRun) {
  FakePeer peer;
  peer.recur.end_after = 3;
  const Result result = RunWith(
      "--model any --features 1 --streams 1 --warm-up 0 --duration 10s "
      "--server " +
      peer.target());
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err, "recur-load: UNAVAILABLE: stream 0: gone for lunch\n");
}

TEST(LoadToolPeerTest, ASessionThatIsRefusedIsNamed) {
  FakePeer peer;
  peer.recur.max_sessions = 2;
  const Result result = RunWith(
      "--model any --features 1 --sessions 4 --open-in-flight 1 --server " +
      peer.target());
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err,
            "recur-load: RESOURCE_EXHAUSTED: opening session 3 of 4: no more "
            "sessions\n");
}

TEST(LoadToolPeerTest, WhatIsNeverAnsweredIsCountedAndNothingIsNotWell) {
  FakePeer peer;
  peer.recur.silent = true;
  const Result result = RunWith(
      "--model any --features 1 --sessions 2 --streams 1 --warm-up 0 "
      "--duration 50ms --timeout 0.1 --json - --rate 200 -m 1 "
      "--max-in-flight 3 --server " +
      peer.target());
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("no step was answered"));
  const json told = result.Json();
  EXPECT_EQ(told["errors"]["no_answer"], 3);
  EXPECT_EQ(told["not_sent"], 7);
}

TEST(LoadToolPeerTest, AServerThatIsNotThereIsNamed) {
  const Result result = RunWith("--model m --server 127.0.0.1:1");
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err,
              HasSubstr("cannot reach a server at 127.0.0.1:1: is it "
                        "running?"));
}

TEST(LoadToolPeerTest, AServerThatIsNotThereIsNamedWithFeaturesToo) {
  EXPECT_EQ(RunWith("--model m --features 1 --server 127.0.0.1:1").err,
            "recur-load: UNAVAILABLE: cannot reach a server at 127.0.0.1:1: is "
            "it running? (Connection refused)\n");
  EXPECT_EQ(RunWith("--model m --features 1 --server nowhere").err,
            "recur-load: INVALID_ARGUMENT: server \"nowhere\" is not "
            "host:port\n");
}

TEST(LoadToolPeerTest, AFileThatCannotBeWrittenIsFoundBeforeTheRun) {
  const Result result = RunWith("--model m --json /nowhere/result.json");
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err,
            "recur-load: UNAVAILABLE: cannot write /nowhere/result.json: No "
            "such file or directory\n");
}

}  // namespace
}  // namespace recur::load
