#include "server/store/redis_reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"

namespace recur {
namespace {

using ::testing::HasSubstr;
using std::string_literals::operator""s;
using Kind = RedisReply::Kind;

// Feeds in pieces of that size, and returns what comes of it.
absl::StatusOr<std::vector<RedisReply>> Read(absl::string_view bytes,
                                             size_t piece) {
  RedisReplyReader reader;
  std::vector<RedisReply> replies;
  for (size_t i = 0; i < bytes.size(); i += piece) {
    absl::Status fed = reader.Feed(bytes.substr(i, piece));
    if (!fed.ok()) return fed;
    for (;;) {
      auto reply = reader.Next();
      if (!reply.ok()) return reply.status();
      if (!reply->has_value()) break;
      replies.push_back(**std::move(reply));
    }
  }
  return replies;
}

TEST(RedisReplyTest, EveryKindIsReadInPiecesOfAnySize) {
  const std::string bytes =
      "+OK\r\n-ERR no\r\n:-12\r\n$-1\r\n*-1\r\n$0\r\n\r\n$4\r\na\r\0b\r\n"
      "*0\r\n*3\r\n:1\r\n*2\r\n$1\r\nx\r\n$-1\r\n+y\r\n"s;
  for (const size_t piece : {1, 2, 3, 7, 100}) {
    const auto replies = Read(bytes, piece);
    ASSERT_TRUE(replies.ok()) << replies.status();
    ASSERT_EQ(replies->size(), 9u);
    const std::vector<RedisReply>& r = *replies;
    EXPECT_EQ(r[0].kind, Kind::kText);
    EXPECT_EQ(r[0].text, "OK");
    EXPECT_EQ(r[1].kind, Kind::kError);
    EXPECT_EQ(r[1].text, "ERR no");
    EXPECT_EQ(r[2].integer, -12);
    EXPECT_EQ(r[3].kind, Kind::kNil);
    EXPECT_EQ(r[4].kind, Kind::kNil);
    EXPECT_EQ(r[5].kind, Kind::kText);
    EXPECT_EQ(r[6].text, std::string("a\r\0b", 4));
    EXPECT_EQ(r[7].kind, Kind::kArray);
    ASSERT_EQ(r[8].elements.size(), 3u);
    EXPECT_EQ(r[8].elements[0].integer, 1);
    EXPECT_EQ(r[8].elements[1].elements[0].text, "x");
    EXPECT_EQ(r[8].elements[1].elements[1].kind, Kind::kNil);
    EXPECT_EQ(r[8].elements[2].text, "y");
  }
}

TEST(RedisReplyTest, WhatIsLeftBehindAReplyIsKnown) {
  RedisReplyReader reader;
  EXPECT_TRUE(reader.empty());
  ASSERT_TRUE(reader.Feed(":1\r\n:2").ok());
  EXPECT_EQ(reader.Next().value()->integer, 1);
  EXPECT_FALSE(reader.empty());
  ASSERT_TRUE(reader.Feed("3\r\n").ok());
  EXPECT_EQ(reader.Next().value()->integer, 23);
  EXPECT_TRUE(reader.empty());
}

TEST(RedisReplyTest, WhatIsNoReplyIsRefused) {
  for (const char* bytes :
       {"garbage\r\n", "\r\n", "GET / HTTP/1.1\r\n", "$-2\r\n", "*-2\r\n",
        "$x\r\n", ":\r\n", ":1x\r\n", ":99999999999999999999\r\n",
        "$99999999999999999999\r\n", "*2147483648\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"}) {
    const auto replies = Read(bytes, 1000);
    EXPECT_EQ(replies.status().code(), absl::StatusCode::kUnavailable) << bytes;
  }
}

TEST(RedisReplyTest, ArraysAreLimitedBeforeTheyAreMade) {
  EXPECT_TRUE(Read("*65536\r\n", 100).ok());
  std::string two = "*2\r\n*40000\r\n";
  for (int i = 0; i < 40000; ++i) two += ":1\r\n";
  EXPECT_TRUE(Read(two, 1000).ok());
  two += "*40000\r\n";
  for (const std::string& bytes : {std::string("*65537\r\n"), two}) {
    const absl::Status status = Read(bytes, 1 << 20).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("does not speak as a Redis does"));
  }
}

TEST(RedisReplyTest, ATextWithoutEndIsGivenUp) {
  RedisReplyReader reader;
  ASSERT_TRUE(reader.Feed("$1000000000000\r\n").ok());
  const std::string piece(1 << 20, 'x');
  absl::Status fed;
  size_t count = 0;
  while (fed.ok() && count < 1000) {
    fed = reader.Feed(piece);
    if (fed.ok()) {
      EXPECT_FALSE(reader.Next().value().has_value());
    }
    ++count;
  }
  EXPECT_EQ(fed.code(), absl::StatusCode::kUnavailable);
  EXPECT_LE(count, 129u);
}

TEST(RedisReplyTest, ManyRepliesOnOneConnectionAreNotOneLongOne) {
  RedisReplyReader reader;
  const std::string reply =
      absl::StrCat("$1048576\r\n", std::string(1 << 20, 'x'), "\r\n");
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(reader.Feed(reply).ok());
    ASSERT_TRUE(reader.Next().value().has_value());
  }
}

TEST(RedisReplyTest, GarbageDoesNoHarm) {
  std::mt19937 random(5);
  const std::string alphabet = "+-:$*0123456789\r\n\r\n\r\nax";
  for (int i = 0; i < 20000; ++i) {
    std::string bytes;
    for (size_t n = random() % 60; n > 0; --n) {
      bytes += alphabet[random() % alphabet.size()];
    }
    Read(bytes, 1 + random() % 20).IgnoreError();
  }
}

}  // namespace
}  // namespace recur
