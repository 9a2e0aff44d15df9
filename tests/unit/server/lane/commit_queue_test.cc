#include "server/lane/commit_queue.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/server/lane/lane_fixture.h"

namespace recur {
namespace {

class CommitQueueTest : public ::testing::Test {
 protected:
  using Choice = CommitQueue::Choice;

  SessionPtr Session(const std::string& id) {
    return SessionRecord::Create(id, "", model_, 4);
  }
  std::vector<CommitQueue::Entry> TakeAll(size_t limit = 100) {
    return queue_.Take(limit, now_,
                       [](const SessionRecord&) { return Choice::kTake; });
  }

  std::shared_ptr<const Servable> model_ =
      ServableOf(AccumulatorModel(1), "sum");
  TimePoint now_ = TimePoint(std::chrono::seconds(10));
  CommitQueue queue_;
};

TEST_F(CommitQueueTest, TakesEachSessionOnceWithItsOldestChange) {
  const SessionPtr a = Session("a");
  queue_.Mark(a, now_);
  queue_.Mark(a, now_ + std::chrono::seconds(1));
  const auto taken = TakeAll();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].since, now_);
  EXPECT_EQ(queue_.waiting(), 0u);
  EXPECT_EQ(queue_.in_flight(), 1u);
}

TEST_F(CommitQueueTest, HasOneCommitOfASessionInFlight) {
  const SessionPtr a = Session("a");
  queue_.Mark(a, now_);
  TakeAll();
  queue_.Mark(a, now_);
  EXPECT_TRUE(TakeAll().empty());
  queue_.Settle(a, /*stored=*/true, now_, now_);
  EXPECT_EQ(TakeAll().size(), 1u) << "what changed meanwhile";
}

TEST_F(CommitQueueTest, WhatWasNotStoredWaitsAgain) {
  const SessionPtr a = Session("a");
  queue_.Mark(a, now_);
  TakeAll();
  queue_.Settle(a, /*stored=*/false, now_, now_);
  EXPECT_EQ(TakeAll().size(), 1u);
}

TEST_F(CommitQueueTest, TellsSinceWhenSomethingIsNotSettled) {
  const SessionPtr a = Session("a");
  const SessionPtr b = Session("b");
  const TimePoint start = now_;
  const auto after = [&](int s) { return start + std::chrono::seconds(s); };
  EXPECT_EQ(queue_.unsettled_since(), TimePoint::max());
  queue_.Mark(a, start);
  now_ = after(1);
  TakeAll();
  queue_.Mark(a, after(2));
  queue_.Mark(b, after(3));
  EXPECT_EQ(queue_.unsettled_since(), start) << "in flight";
  now_ = after(4);
  TakeAll();
  queue_.Settle(a, /*stored=*/true, after(1), after(5));
  EXPECT_EQ(queue_.unsettled_since(), after(2));
  now_ = after(6);
  TakeAll();
  EXPECT_EQ(queue_.unsettled_since(), after(2));
  queue_.Settle(a, /*stored=*/true, after(6), after(7));
  EXPECT_EQ(queue_.unsettled_since(), after(3));
  EXPECT_LT(queue_.refused_at(), start);
  queue_.Settle(b, /*stored=*/false, after(4), after(8));
  EXPECT_EQ(queue_.unsettled_since(), after(8));
  EXPECT_EQ(queue_.refused_at(), after(8));
}

TEST_F(CommitQueueTest, TakesTheOldestFirstAndLeavesTheRest) {
  const std::vector<SessionPtr> sessions = {Session("a"), Session("b"),
                                            Session("c")};
  for (const SessionPtr& session : sessions) queue_.Mark(session, now_);
  auto taken = TakeAll(2);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(taken[0].session, sessions[0]);
  EXPECT_EQ(taken[1].session, sessions[1]);
  taken = TakeAll();
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].session, sessions[2]);
}

TEST_F(CommitQueueTest, LeavesThoseThatMayNotBeTaken) {
  const SessionPtr a = Session("a");
  const SessionPtr b = Session("b");
  queue_.Mark(a, now_);
  queue_.Mark(b, now_);
  const auto not_a = [&](const SessionRecord& of) {
    return &of != a.get() ? Choice::kTake : Choice::kLeave;
  };
  EXPECT_EQ(queue_.Take(10, now_, not_a).size(), 1u);
  EXPECT_EQ(TakeAll().size(), 1u);
}

TEST_F(CommitQueueTest, LooksAtNoMoreOnceItIsToldToStop) {
  std::vector<SessionPtr> sessions;
  for (int i = 0; i < 100; ++i) {
    sessions.push_back(Session(std::to_string(i)));
    queue_.Mark(sessions.back(), now_);
  }
  int looked_at = 0;
  const auto two = [&](const SessionRecord&) {
    return ++looked_at <= 2 ? Choice::kTake : Choice::kStop;
  };
  EXPECT_EQ(queue_.Take(10, now_, two).size(), 2u);
  EXPECT_EQ(looked_at, 3);
  EXPECT_EQ(queue_.waiting(), 98u);
  EXPECT_EQ(TakeAll()[0].session, sessions[2]);
}

// Against the order in which they were marked, kept in a plain list.
TEST_F(CommitQueueTest, TakesInOrderWhateverIsLeftOrGivenUpBetween) {
  std::mt19937 random(3);
  std::vector<SessionPtr> sessions;
  for (int i = 0; i < 60; ++i) sessions.push_back(Session(std::to_string(i)));
  std::deque<SessionPtr> waiting;
  std::vector<SessionPtr> flying;
  for (int round = 0; round < 20'000; ++round) {
    const SessionPtr& one = sessions[random() % sessions.size()];
    if (!one->dirty && !one->moved) waiting.push_back(one);
    queue_.Mark(one, now_);
    if (random() % 50 == 0) {
      sessions[random() % sessions.size()] = Session("new");
      for (const SessionPtr& of : waiting) of->moved |= random() % 20 == 0;
    }
    if (random() % 8 == 0) {
      const uint32_t salt = random();
      const size_t limit = random() % 20;
      const auto choose = [&](const SessionRecord& of) {
        const size_t hash = std::hash<const void*>()(&of) / 16 + salt;
        return hash % 7 == 0   ? Choice::kLeave
               : hash % 9 == 0 ? Choice::kStop
                               : Choice::kTake;
      };
      std::vector<SessionPtr> expected;
      for (auto at = waiting.begin();
           at != waiting.end() && expected.size() < limit;) {
        const bool flies = (*at)->in_flight;
        const Choice choice =
            (*at)->moved || flies ? Choice::kLeave : choose(**at);
        if (choice == Choice::kStop) break;
        if (choice == Choice::kTake) expected.push_back(*at);
        const bool gone = (*at)->moved || choice == Choice::kTake;
        at = gone ? waiting.erase(at) : at + 1;
      }
      std::vector<SessionPtr> taken;
      for (const auto& entry : queue_.Take(limit, now_, choose)) {
        taken.push_back(entry.session);
      }
      ASSERT_EQ(taken, expected);
      ASSERT_EQ(queue_.waiting(), waiting.size());
      flying.insert(flying.end(), taken.begin(), taken.end());
    }
    while (!flying.empty() && random() % 2 == 0) {
      queue_.Settle(flying.back(), /*stored=*/true, now_, now_);
      flying.pop_back();
    }
    std::set<const SessionRecord*> either;
    for (const SessionPtr& of : waiting) either.insert(of.get());
    for (const SessionPtr& of : flying) either.insert(of.get());
    ASSERT_EQ(queue_.sessions(), either.size());
  }
}

TEST_F(CommitQueueTest, DropsSessionsThatWereGivenUp) {
  const SessionPtr a = Session("a");
  queue_.Mark(a, now_);
  a->moved = true;
  EXPECT_TRUE(TakeAll().empty());
  EXPECT_EQ(queue_.waiting(), 0u);
  queue_.Mark(a, now_);
  EXPECT_EQ(queue_.waiting(), 0u);
}

}  // namespace
}  // namespace recur
