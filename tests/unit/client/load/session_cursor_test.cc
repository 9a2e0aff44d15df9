#include "client/load/session_cursor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace recur::load {
namespace {

using ::testing::ElementsAre;
using Order = SessionCursor::Order;

std::vector<uint32_t> Message(SessionCursor& cursor, int items) {
  std::vector<uint32_t> sessions;
  cursor.BeginMessage();
  for (int i = 0; i < items; ++i) {
    const auto next = cursor.Next();
    if (next.has_value()) sessions.push_back(*next);
  }
  return sessions;
}

TEST(SessionCursorTest, InOrderItWalksRoundAndRound) {
  SessionCursor cursor(5, Order::kInOrder, 1);
  EXPECT_THAT(Message(cursor, 3), ElementsAre(0, 1, 2));
  EXPECT_THAT(Message(cursor, 3), ElementsAre(3, 4, 0));
  EXPECT_THAT(Message(cursor, 2), ElementsAre(1, 2));
}

TEST(SessionCursorTest, AMessageHasNoSessionTwice) {
  for (Order order : {Order::kInOrder, Order::kRandom}) {
    SessionCursor cursor(10, order, 3);
    for (int message = 0; message < 1'000; ++message) {
      const auto sessions = Message(cursor, 7);
      const std::set<uint32_t> different(sessions.begin(), sessions.end());
      EXPECT_EQ(different.size(), 7u);
      EXPECT_LT(*different.rbegin(), 10u);
    }
    EXPECT_EQ(Message(cursor, 50).size(), 10u);  // no more than there are
  }
}

TEST(SessionCursorTest, AtRandomEverySessionHasTheSameChance) {
  constexpr int kSessions = 50;
  constexpr int kMessages = 20'000;
  constexpr int kItems = 5;
  SessionCursor cursor(kSessions, Order::kRandom, 11);
  std::vector<int> times(kSessions);
  for (int i = 0; i < kMessages; ++i) {
    for (uint32_t session : Message(cursor, kItems)) ++times[session];
  }
  const double expected = double{kMessages} * kItems / kSessions;
  for (int count : times) {
    EXPECT_NEAR(count, expected, 5 * std::sqrt(expected));
  }
}

TEST(SessionCursorTest, TheSameSeedDrawsTheSame) {
  SessionCursor a(100, Order::kRandom, 5);
  SessionCursor b(100, Order::kRandom, 5);
  SessionCursor c(100, Order::kRandom, 6);
  const auto drawn = Message(a, 20);
  EXPECT_EQ(Message(b, 20), drawn);
  EXPECT_NE(Message(c, 20), drawn);
}

}  // namespace
}  // namespace recur::load
