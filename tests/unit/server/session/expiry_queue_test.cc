#include "server/session/expiry_queue.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace recur {
namespace {

using std::chrono::seconds;

TimePoint At(int64_t s) { return TimePoint(seconds(s)); }

std::set<const Session*> Due(ExpiryQueue* queue, TimePoint now) {
  std::set<const Session*> due;
  while (const Session* session = queue->TakeDue(now)) due.insert(session);
  return due;
}

TEST(ExpiryQueueTest, ReturnsWhatIsDueAndKeepsWhatWasUsed) {
  ExpiryQueue queue;
  Session idle{.last_used = At(0), .idle_ttl = seconds(10)};
  Session used{.last_used = At(0), .idle_ttl = seconds(10)};
  queue.Add(&idle);
  queue.Add(&used);
  EXPECT_EQ(queue.TakeDue(At(9)), nullptr);
  used.last_used = At(15);
  EXPECT_EQ(Due(&queue, At(10)), std::set<const Session*>{&idle});
  EXPECT_EQ(queue.NextDeadline(), At(25));
  EXPECT_EQ(queue.size(), 1u);
}

TEST(ExpiryQueueTest, NamesThoseThatGoBackOnceInTheirTimeToLive) {
  ExpiryQueue queue;
  Session used{.last_used = At(0), .idle_ttl = seconds(10)};
  queue.Add(&used);
  used.last_used = At(6);
  std::vector<Session*> prolonged;
  EXPECT_EQ(queue.TakeDue(At(9), &prolonged), nullptr);
  EXPECT_TRUE(prolonged.empty());
  EXPECT_EQ(queue.TakeDue(At(10), &prolonged), nullptr);
  EXPECT_EQ(prolonged, std::vector<Session*>{&used});
  EXPECT_EQ(queue.TakeDue(At(15), &prolonged), nullptr);
  EXPECT_EQ(prolonged.size(), 1u);
  EXPECT_EQ(queue.TakeDue(At(16), &prolonged), &used);
}

TEST(ExpiryQueueTest, ForgetsSessionsThatLeave) {
  ExpiryQueue queue;
  Session gone{.last_used = At(0), .idle_ttl = seconds(1)};
  queue.Add(&gone);
  queue.Remove(&gone);
  queue.Remove(&gone);
  EXPECT_EQ(queue.TakeDue(At(5)), nullptr);
  EXPECT_EQ(queue.NextDeadline(), std::nullopt);
}

// Against a look at every session, under random use, time to live and removal.
TEST(ExpiryQueueTest, ExpiresExactlyWhatIsIdle) {
  std::mt19937 random(3);
  ExpiryQueue queue;
  std::vector<Session> sessions(60);
  std::set<const Session*> queued;
  size_t expired = 0;
  for (int now = 0; now < 5000; ++now) {
    Session& session = sessions[random() % sessions.size()];
    if (!queued.contains(&session)) {
      session.last_used = At(now);
      session.idle_ttl = seconds(1 + random() % 40);
      queue.Add(&session);
      queued.insert(&session);
    } else if (random() % 4 == 0) {
      queue.Remove(&session);
      queued.erase(&session);
    } else {
      session.last_used = At(now);
    }
    std::set<const Session*> expected;
    for (const Session* each : queued) {
      if (each->deadline() <= At(now)) expected.insert(each);
    }
    ASSERT_EQ(Due(&queue, At(now)), expected);
    for (const Session* each : expected) queued.erase(each);
    expired += expected.size();
    ASSERT_EQ(queue.size(), queued.size());
  }
  EXPECT_GT(expired, 500u);
}

}  // namespace
}  // namespace recur
