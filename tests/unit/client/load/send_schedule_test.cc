#include "client/load/send_schedule.h"

#include <gtest/gtest.h>

namespace recur::load {
namespace {

using std::chrono::microseconds;

TEST(SendScheduleTest, MessagesAreDueEvenlyFromTheStart) {
  const TimePoint start{std::chrono::seconds(100)};
  SendSchedule schedule(start, 10'000);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(schedule.number(), static_cast<uint64_t>(i));
    EXPECT_EQ(schedule.next(), start + microseconds(100 * i));
    schedule.Advance();
  }
}

TEST(SendScheduleTest, AMillionMessagesAddUpNoRounding) {
  const TimePoint start{};
  SendSchedule schedule(start, 3.0);  // 333.3... ms apart
  for (int i = 0; i < 3'000'000; ++i) schedule.Advance();
  EXPECT_EQ(schedule.next(), start + std::chrono::seconds(1'000'000));
}

}  // namespace
}  // namespace recur::load
