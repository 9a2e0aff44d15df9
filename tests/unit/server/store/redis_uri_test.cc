#include "server/store/redis_uri.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/spec/error_reason.h"

namespace recur {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RedisUri Parse(absl::string_view text) {
  auto uri = ParseRedisUri(text);
  EXPECT_TRUE(uri.ok()) << uri.status();
  return uri.ok() ? *std::move(uri) : RedisUri();
}

TEST(RedisUriTest, AHostIsEnough) {
  const RedisUri uri = Parse("redis://localhost");
  EXPECT_FALSE(uri.tls);
  EXPECT_EQ(uri.host, "localhost");
  EXPECT_EQ(uri.port, 6379);
  EXPECT_EQ(uri.user, "");
  EXPECT_EQ(uri.password, "");
  EXPECT_EQ(uri.database, 0);
  EXPECT_EQ(uri.prefix, "recur:");
  EXPECT_EQ(uri.timeout, std::chrono::milliseconds(2000));
  EXPECT_EQ(uri.Name(), "redis://localhost:6379/0");
}

TEST(RedisUriTest, EveryPartIsRead) {
  const RedisUri uri = Parse(
      "rediss://us%40er:pa:s%2Fs@[::1]:7000/3"
      "?prefix=a%3Ab:&ca=/etc/ca.pem&timeout_ms=250");
  EXPECT_TRUE(uri.tls);
  EXPECT_EQ(uri.user, "us@er");
  EXPECT_EQ(uri.password, "pa:s/s");
  EXPECT_EQ(uri.host, "::1");
  EXPECT_EQ(uri.port, 7000);
  EXPECT_EQ(uri.database, 3);
  EXPECT_EQ(uri.prefix, "a:b:");
  EXPECT_EQ(uri.ca_file, "/etc/ca.pem");
  EXPECT_EQ(uri.timeout, std::chrono::milliseconds(250));
  EXPECT_EQ(uri.Name(), "rediss://us@er@[::1]:7000/3");
}

TEST(RedisUriTest, APasswordMayComeAlone) {
  const RedisUri uri = Parse("redis://:secret@host:1/");
  EXPECT_EQ(uri.user, "");
  EXPECT_EQ(uri.password, "secret");
  EXPECT_EQ(uri.Name(), "redis://host:1/0");
}

TEST(RedisUriTest, WhatIsWrongIsSaid) {
  const std::pair<const char*, const char*> cases[] = {
      {"http://host", "begins with neither redis:// nor rediss://"},
      {"redis://", "has no host"},
      {"redis://:6379", "has no host"},
      {"redis://host:0", "a port that is no number from 1 to 65535"},
      {"redis://host:70000", "a port that is no number"},
      {"redis://[::1", "a [ without a ]"},
      {"redis://[::1]x", "between ] and the port"},
      {"redis://host/x", "a database that is no number from 0"},
      {"redis://user@host", "a user without a password"},
      {"redis://u:p%4@host", "a % in its password"},
      {"redis://host?prefix=", "a prefix that is not 1 to 128"},
      {"redis://host?prefix=a%20b", "a prefix that is not 1 to 128"},
      {"redis://host?timeout_ms=0", "a timeout_ms that is no number from 1"},
      {"redis://host?colour=red", "a value other than prefix, ca and"},
      {"redis://host?ca=file", "a ca, which only rediss:// uses"}};
  for (const auto& [text, words] : cases) {
    const absl::Status status = ParseRedisUri(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(ReasonOf(status), "bad_option");
    EXPECT_THAT(std::string(status.message()), HasSubstr(words)) << text;
  }
}

TEST(RedisUriTest, NoPieceOfAPasswordIsTold) {
  for (const char* text :
       {"redis://u:hush?hush@host", "redis://u:hush/hush?x@host",
        "redis://u:7/hush?hush@host", "redis://u:7?hush=hush@host",
        "redis://u:hush%@host", "redi://u:hush@host",
        "redis://u:hush@host:hush"}) {
    const absl::Status status = ParseRedisUri(text).status();
    EXPECT_FALSE(status.ok()) << text;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hush")));
  }
}

}  // namespace
}  // namespace recur
