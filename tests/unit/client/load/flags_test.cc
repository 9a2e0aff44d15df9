#include "client/load/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"

namespace recur::load {
namespace {

using ::testing::HasSubstr;

struct Parsed {
  ParsedFlags flags;
  std::string out;
  std::string err;
};

// The words of a command line.
Parsed Parse(const std::string& line) {
  const std::vector<std::string> words =
      absl::StrSplit(line, ' ', absl::SkipEmpty());
  std::vector<const char*> argv = {"recur-load"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  std::ostringstream out;
  std::ostringstream err;
  Parsed parsed;
  parsed.flags =
      ParseLoadFlags(static_cast<int>(argv.size()), argv.data(), out, err);
  parsed.out = out.str();
  parsed.err = err.str();
  return parsed;
}

TEST(FlagsTest, AModelIsAllThatIsNeeded) {
  const Parsed parsed = Parse("--model m");
  ASSERT_FALSE(parsed.flags.exit_code.has_value()) << parsed.err;
  const LoadOptions& options = parsed.flags.options;
  EXPECT_EQ(options.server, "127.0.0.1:8001");
  EXPECT_EQ(options.sessions, 1'000u);
  EXPECT_EQ(options.streams, 4);
  EXPECT_EQ(options.items(), 250u);  // all sessions of a stream
  EXPECT_EQ(options.duration.count(), 10);
  EXPECT_EQ(options.warm_up.count(), 2);
  EXPECT_EQ(options.rate, 0);
  EXPECT_EQ(options.want, client::Want::kAck);
}

TEST(FlagsTest, EveryFlagIsTaken) {
  const Parsed parsed = Parse(
      "--model m --server h:1 --features 8 --sessions 64 --streams 2 -m 32 "
      "--steps-per-item 3 --order random --want class --rate 5e4 "
      "--max-in-flight 9 --warm-up 500ms --duration 1m --slow-reader 2 "
      "--bulk b --bulk-steps 10 --bulk-in-flight 3 --idle-ttl 1m "
      "--metrics h:2/metrics --json - --connections 2 --open-only --seed 7 "
      "--timeout 5 --poll");
  ASSERT_FALSE(parsed.flags.exit_code.has_value()) << parsed.err;
  const LoadOptions& options = parsed.flags.options;
  EXPECT_EQ(options.items(), 32u);
  EXPECT_EQ(options.message_steps(), 96u);
  EXPECT_EQ(options.order, SessionCursor::Order::kRandom);
  EXPECT_EQ(options.want, client::Want::kClass);
  EXPECT_EQ(options.rate, 50'000);
  EXPECT_EQ(options.warm_up.count(), 0.5);
  EXPECT_EQ(options.duration.count(), 60);
  EXPECT_EQ(options.slow_reader, 2);
  EXPECT_EQ(options.bulk, "b");
  EXPECT_EQ(options.idle_ttl.count(), 60);
  EXPECT_EQ(options.timeout.count(), 5);
  EXPECT_TRUE(options.open_only);
  EXPECT_TRUE(options.poll);
}

TEST(FlagsTest, HelpTellsWhatTheLoadIs) {
  const Parsed parsed = Parse("--help");
  EXPECT_EQ(parsed.flags.exit_code, 0);
  for (const char* word :
       {"--sessions", "--rate", "--check", "--metrics", "--slow-reader",
        "RECUR_SERVER", "Examples:", "Exit codes:"}) {
    EXPECT_THAT(parsed.out, HasSubstr(word));
  }
}

TEST(FlagsTest, CheckingSumsAsksForForecasts) {
  EXPECT_EQ(Parse("--model m --check accumulator").flags.options.want,
            client::Want::kForecast);
  const Parsed parsed = Parse("--model m --check accumulator --want ack");
  EXPECT_EQ(parsed.flags.exit_code, 2);
  EXPECT_THAT(parsed.err, HasSubstr("--want forecast"));
}

TEST(FlagsTest, WhatMakesNoSenseExitsWithTwoAndSaysWhy) {
  const auto error = [](const std::string& line) {
    const Parsed parsed = Parse(line);
    EXPECT_EQ(parsed.flags.exit_code, 2);
    return parsed.err;
  };
  EXPECT_THAT(error(""), HasSubstr("--model is required"));
  EXPECT_THAT(error("--model m --want tea"), HasSubstr("--want"));
  EXPECT_THAT(error("--model m --streams 0"), HasSubstr("--streams"));
  EXPECT_EQ(error("--model m --streams 4 -m 256"),
            "recur-load: --observations-per-message is 256, each of another "
            "session; 1000 sessions on 4 streams are only 250 on each\n"
            "`recur-load --help` tells how it is called.\n");
  EXPECT_THAT(error("--model m --sessions 3"),
              HasSubstr("--sessions is 3; 4 streams need at least one each"));
}

}  // namespace
}  // namespace recur::load
