#include "server/app/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <sstream>
#include <string>
#include <vector>

namespace recur {
namespace {

using ::testing::HasSubstr;

struct Outcome {
  ParsedFlags parsed;
  std::string out;
  std::string err;
};

Outcome Parse(std::vector<const char*> flags) {
  flags.insert(flags.begin(), "recur-server");
  std::ostringstream out;
  std::ostringstream err;
  Outcome outcome{.parsed = ParseServerFlags(static_cast<int>(flags.size()),
                                             flags.data(), out, err)};
  outcome.out = out.str();
  outcome.err = err.str();
  return outcome;
}

TEST(FlagsTest, HaveDefaultsForAllButTheModels) {
  const Outcome outcome = Parse({"--models", "/models"});
  ASSERT_FALSE(outcome.parsed.exit_code.has_value()) << outcome.err;
  const ServerOptions& options = outcome.parsed.options;
  EXPECT_EQ(options.models, "/models");
  EXPECT_EQ(options.listen, "127.0.0.1:8001");
  EXPECT_EQ(options.http, "127.0.0.1:8002");
  EXPECT_EQ(options.idle_ttl, std::chrono::hours(24));
  EXPECT_EQ(options.grace, std::chrono::seconds(25));
  EXPECT_EQ(options.model_poll, std::chrono::seconds(5));
}

TEST(FlagsTest, TakeUnits) {
  const Outcome outcome =
      Parse({"--models", "/m", "--idle-ttl", "2h", "--max-session-bytes",
             "512MB", "--grace-seconds", "7", "--model-poll-seconds", "0"});
  ASSERT_FALSE(outcome.parsed.exit_code.has_value()) << outcome.err;
  EXPECT_EQ(outcome.parsed.options.idle_ttl, std::chrono::hours(2));
  EXPECT_EQ(outcome.parsed.options.max_session_bytes, uint64_t{512} << 20);
  EXPECT_EQ(outcome.parsed.options.grace, std::chrono::seconds(7));
  EXPECT_EQ(outcome.parsed.options.model_poll, std::chrono::seconds(0));
  EXPECT_EQ(
      Parse({"--models", "/m", "--idle-ttl", "365d"}).parsed.options.idle_ttl,
      std::chrono::hours(24 * 365));
  EXPECT_EQ(
      Parse({"--models", "/m", "--idle-ttl", "90"}).parsed.options.idle_ttl,
      std::chrono::seconds(90));
}

TEST(FlagsTest, CanComeFromTheEnvironmentAndTheFlagWins) {
  setenv("RECUR_MODELS", "/from-environment", 1);
  setenv("RECUR_LANES", "3", 1);
  const Outcome outcome = Parse({"--lanes", "5"});
  unsetenv("RECUR_MODELS");
  unsetenv("RECUR_LANES");
  EXPECT_EQ(outcome.parsed.options.models, "/from-environment");
  EXPECT_EQ(outcome.parsed.options.lanes, 5);
}

TEST(FlagsTest, ChooseAPrecisionForAllModelsAndForOne) {
  EXPECT_EQ(Parse({"--models", "/m"}).parsed.options.precision, "");
  const Outcome outcome =
      Parse({"--models", "/m", "--precision", "bf16,weather=f32"});
  ASSERT_FALSE(outcome.parsed.exit_code.has_value()) << outcome.err;
  EXPECT_EQ(outcome.parsed.options.precision, "bf16,weather=f32");
  setenv("RECUR_PRECISION", "weather=bf16", 1);
  EXPECT_EQ(Parse({"--models", "/m"}).parsed.options.precision, "weather=bf16");
  EXPECT_EQ(
      Parse({"--models", "/m", "--precision", "f32"}).parsed.options.precision,
      "f32");
  unsetenv("RECUR_PRECISION");
  EXPECT_THAT(Parse({"--models", "/m", "--precision", "fp8"}).err,
              HasSubstr("--precision: precision is \"fp8\"; it must be f32 or "
                        "bf16, for one model MODEL=bf16"));
}

TEST(FlagsTest, AreExplained) {
  const Outcome outcome = Parse({"--help"});
  EXPECT_EQ(outcome.parsed.exit_code, 0);
  for (const char* words :
       {"--models", "RECUR_MODELS", "--listen", "127.0.0.1:8001", "--http",
        "--lanes", "--max-batch", "--max-sessions", "--max-session-bytes",
        "--idle-ttl", "--model-poll-seconds", "--all-versions", "--precision",
        "--store", "--grace-seconds", "--log-level", "--log-format",
        "SIGTERM"}) {
    EXPECT_THAT(outcome.out, HasSubstr(words));
  }
}

TEST(FlagsTest, TellTheVersion) {
  const Outcome outcome = Parse({"--version"});
  EXPECT_EQ(outcome.parsed.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("recur-server 0."));
}

TEST(FlagsTest, AreRefusedWithTheReason) {
  EXPECT_EQ(Parse({}).parsed.exit_code, 2);
  EXPECT_THAT(Parse({}).err, HasSubstr("--models is required"));
  EXPECT_EQ(Parse({"--models", "/m", "--max-batch", "65"}).parsed.exit_code, 2);
  EXPECT_THAT(Parse({"--models", "/m", "--max-batch", "65"}).err,
              HasSubstr("--max-batch"));
  EXPECT_EQ(Parse({"--models", "/m", "--lane", "1"}).parsed.exit_code, 2);
  const std::vector<std::vector<const char*>> refused = {
      {"--log-level", "loud"},      {"--spill-after", "-1"},
      {"--idle-ttl", "0"},          {"--idle-ttl", "366d"},
      {"--idle-ttl", "-5"},         {"--idle-ttl", "soon"},
      {"--max-sessions", "0"},      {"--max-session-bytes", "0"},
      {"--grace-seconds", "-1"},    {"--model-poll-seconds", "x"},
      {"--max-message-bytes", "9"}, {"--precision", "fp8"},
      {"--precision", "m=int8"},    {"--precision", "bf16,f32"},
      {"--commit-interval", "0"}};
  for (const auto& flag : refused) {
    const Outcome outcome = Parse({"--models", "/m", flag[0], flag[1]});
    EXPECT_EQ(outcome.parsed.exit_code, 2) << flag[0] << " " << flag[1];
    EXPECT_THAT(outcome.err, HasSubstr(flag[0])) << flag[1];
  }
}

}  // namespace
}  // namespace recur
