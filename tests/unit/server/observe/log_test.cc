#include "server/observe/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <string>

namespace recur {
namespace {

std::string Format(LogFormat format, spdlog::level::level_enum level,
                   const std::string& text) {
  const spdlog::log_clock::time_point time(
      std::chrono::milliseconds(1393632000123));
  const spdlog::details::log_msg message(time, {}, "recur", level, text);
  spdlog::memory_buf_t out;
  MakeLogFormatter(format)->clone()->format(message, out);
  return {out.data(), out.size()};
}

TEST(LogTest, ATextLineHasTheUtcTimeAndTheLevel) {
  EXPECT_EQ(Format(LogFormat::kText, spdlog::level::info, "loaded"),
            "2014-03-01T00:00:00.123Z info loaded\n");
}

TEST(LogTest, AJsonLineHasThree) {
  EXPECT_EQ(Format(LogFormat::kJson, spdlog::level::warn, "loaded \"m\""),
            "{\"time\":\"2014-03-01T00:00:00.123Z\",\"level\":\"warning\","
            "\"message\":\"loaded \\\"m\\\"\"}\n");
}

TEST(LogTest, AMessageCannotForgeALine) {
  EXPECT_EQ(Format(LogFormat::kText, spdlog::level::info,
                   "a\n2014 error b\r\x1b[31m"),
            "2014-03-01T00:00:00.123Z info a\\n2014 error b\\x0d\\x1b[31m\n");
  EXPECT_THAT(Format(LogFormat::kJson, spdlog::level::info, "a\nb\\"),
              ::testing::HasSubstr("\"a\\u000ab\\\\\""));
}

TEST(LogTest, JsonIsUtf8WhateverAMessageHolds) {
  const std::string valid = "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82";
  EXPECT_THAT(Format(LogFormat::kJson, spdlog::level::info, valid),
              ::testing::HasSubstr("\"" + valid + "\""));
  // A lone continuation, an overlong slash, a surrogate, a cut character.
  EXPECT_THAT(
      Format(LogFormat::kJson, spdlog::level::info,
             "\x80|\xc0\xaf|\xed\xa0\x80|\xe2\x82"),
      ::testing::HasSubstr("\"\\ufffd|\\ufffd\\ufffd|\\ufffd\\ufffd\\ufffd|"
                           "\\ufffd\\ufffd\""));
}

TEST(LogTest, RefusesUnknownLevelsAndFormatsNamingTheKnown) {
  EXPECT_EQ(ConfigureLog("loud", LogFormat::kText).message(),
            "log level \"loud\" is not one of trace, debug, info, warning, "
            "error, critical, off");
  EXPECT_EQ(ParseLogFormat("xml").status().message(),
            "log format \"xml\" is not one of text, json");
  EXPECT_EQ(*ParseLogFormat("json"), LogFormat::kJson);
  EXPECT_EQ(*ParseLogFormat("text"), LogFormat::kText);
}

TEST(LogTest, WritesWhatIsOfTheLevelToStderr) {
  ASSERT_TRUE(ConfigureLog("warn", LogFormat::kText).ok());
  ::testing::internal::CaptureStderr();
  spdlog::info("not this");
  spdlog::warn("model {} is late", "m");
  const std::string written = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(written, ::testing::EndsWith("Z warning model m is late\n"));
  EXPECT_THAT(written, ::testing::Not(::testing::HasSubstr("not this")));
  ASSERT_TRUE(ConfigureLog("off", LogFormat::kText).ok());
}

}  // namespace
}  // namespace recur
