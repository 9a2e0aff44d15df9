#include "client/load/sent_messages.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace recur::load {
namespace {

TimePoint At(int64_t ns) { return TimePoint(std::chrono::nanoseconds(ns)); }

void Send(SentMessages& sent, int64_t time, std::vector<uint32_t> sessions) {
  SentMessages::Message* message = sent.Begin(At(time));
  for (uint32_t session : sessions) message->items.push_back({session, 1});
  sent.End();
}

TEST(SentMessagesTest, ItemsAreNumberedOverAllMessages) {
  SentMessages sent;
  Send(sent, 10, {7, 8});
  Send(sent, 20, {9});
  const auto last = sent.Answer(2);
  ASSERT_NE(last.message, nullptr);
  EXPECT_EQ(last.item.session, 9u);
  EXPECT_EQ(last.message->intended, At(20));
  EXPECT_EQ(last.message->unanswered, 0u);
  EXPECT_EQ(sent.open(), 1u);
  EXPECT_EQ(sent.open_items(), 2u);
  const auto first = sent.Answer(0);
  EXPECT_EQ(first.item.session, 7u);
  EXPECT_EQ(first.message->unanswered, 1u);
}

TEST(SentMessagesTest, WhatWasNotSentOrIsAnsweredIsNotFound) {
  SentMessages sent;
  EXPECT_EQ(sent.Answer(0).message, nullptr);
  Send(sent, 1, {1, 2});
  Send(sent, 2, {3});
  EXPECT_EQ(sent.Answer(3).message, nullptr);
  EXPECT_NE(sent.Answer(1).message, nullptr);
  EXPECT_EQ(sent.Answer(1).message, nullptr);
  EXPECT_NE(sent.Answer(0).message, nullptr);
  EXPECT_EQ(sent.Answer(0).message, nullptr);
}

TEST(SentMessagesTest, AnEmptyMessageIsForgotten) {
  SentMessages sent;
  Send(sent, 1, {});
  EXPECT_EQ(sent.open(), 0u);
  Send(sent, 2, {5});
  EXPECT_EQ(sent.Answer(0).message->intended, At(2));
}

TEST(SentMessagesTest, AgreesWithAMapWhateverTheOrderOfReplies) {
  std::mt19937 random(5);
  const auto below = [&random](int n) {
    return std::uniform_int_distribution(0, n - 1)(random);
  };
  SentMessages sent;
  struct Expected {
    uint32_t session;
    int64_t time;
  };
  std::map<uint64_t, Expected> open;
  uint64_t next = 0;
  for (int round = 0; round < 20'000; ++round) {
    if (below(10) == 0 && open.size() < 500) {
      std::vector<uint32_t> sessions(1 + below(20));
      for (uint32_t& session : sessions) {
        session = below(1'000);
        open[next++] = {session, round};
      }
      Send(sent, round, sessions);
    }
    // Mostly the oldest, sometimes any, sometimes one that is not there.
    const uint64_t item = below(4) > 0 && !open.empty()
                              ? open.begin()->first + below(3)
                              : below(static_cast<int>(next) + 3);
    const auto answered = sent.Answer(item);
    const auto expected = open.find(item);
    ASSERT_EQ(answered.message != nullptr, expected != open.end()) << item;
    if (expected == open.end()) continue;
    EXPECT_EQ(answered.item.session, expected->second.session);
    EXPECT_EQ(answered.message->intended, At(expected->second.time));
    open.erase(expected);
    ASSERT_EQ(sent.open_items(), open.size());
  }
}

}  // namespace
}  // namespace recur::load
