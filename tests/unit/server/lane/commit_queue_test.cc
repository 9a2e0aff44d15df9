#include "server/lane/commit_queue.h"

#include <gtest/gtest.h>

#include "tests/unit/server/lane/lane_fixture.h"

namespace recur {
namespace {

class CommitQueueTest : public ::testing::Test {
 protected:
  SessionPtr Session(const std::string& id) {
    return SessionRecord::Create(id, "", model_, 4);
  }
  std::vector<CommitQueue::Entry> TakeAll(size_t limit = 100) {
    return queue_.Take(limit, now_, [](const SessionRecord&) { return true; });
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
  const auto not_a = [&](const SessionRecord& of) { return &of != a.get(); };
  EXPECT_EQ(queue_.Take(10, now_, not_a).size(), 1u);
  EXPECT_EQ(TakeAll().size(), 1u);
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
