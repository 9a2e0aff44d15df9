#include "server/session/expiry_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

namespace recur {
namespace {

using std::chrono::seconds;

TimePoint At(int64_t s) { return TimePoint(seconds(s)); }

TEST(ExpiryQueueTest, ReturnsWhatIsDueAndKeepsWhatWasUsed) {
  ExpiryQueue queue;
  queue.Add("idle", At(10));
  queue.Add("used", At(10));
  const auto due = queue.Due(At(10), [](const std::string& id) {
    return std::optional(id == "used" ? At(25) : At(10));
  });
  EXPECT_EQ(due, std::vector<std::string>{"idle"});
  EXPECT_EQ(queue.NextDeadline(), At(25));
}

TEST(ExpiryQueueTest, ForgetsSessionsThatAreGone) {
  ExpiryQueue queue;
  queue.Add("gone", At(1));
  EXPECT_TRUE(queue
                  .Due(At(5),
                       [](const std::string&) -> std::optional<TimePoint> {
                         return std::nullopt;
                       })
                  .empty());
  EXPECT_EQ(queue.NextDeadline(), std::nullopt);
}

// Against a map of deadlines under random use.
TEST(ExpiryQueueTest, ExpiresExactlyWhatIsIdle) {
  std::mt19937 random(3);
  ExpiryQueue queue;
  std::map<std::string, TimePoint> deadlines;
  for (int now = 0; now < 3000; ++now) {
    const std::string id = std::to_string(random() % 50);
    const TimePoint deadline = At(now + 1 + random() % 40);
    if (deadlines.emplace(id, deadline).second) {
      queue.Add(id, deadline);
    } else {
      deadlines[id] = std::max(deadlines[id], deadline);
    }
    std::set<std::string> expected;
    for (const auto& [key, at] : deadlines) {
      if (at <= At(now)) expected.insert(key);
    }
    const auto due = queue.Due(
        At(now), [&](const std::string& key) -> std::optional<TimePoint> {
          const auto found = deadlines.find(key);
          if (found == deadlines.end()) return std::nullopt;
          return found->second;
        });
    ASSERT_EQ(std::set<std::string>(due.begin(), due.end()), expected);
    for (const std::string& key : due) deadlines.erase(key);
  }
}

}  // namespace
}  // namespace recur
