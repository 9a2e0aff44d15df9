#include "server/rpc/open_calls.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace recur {
namespace {

using Clock = std::chrono::system_clock;

TEST(OpenCallsTest, AreNoneAtFirstAndAfterTheLastOne) {
  OpenCalls calls;
  EXPECT_TRUE(calls.WaitForNone(Clock::now()));
  calls.Add();
  calls.Add();
  calls.Remove();
  EXPECT_FALSE(calls.WaitForNone(Clock::now()));
  calls.Remove();
  EXPECT_TRUE(calls.WaitForNone(Clock::now()));
}

TEST(OpenCallsTest, WakeWhoWaitsForTheLastOne) {
  OpenCalls calls;
  calls.Add();
  std::atomic<bool> over{false};
  std::thread call([&] {
    over = true;
    calls.Remove();
  });
  EXPECT_TRUE(calls.WaitForNone(Clock::now() + std::chrono::seconds(60)));
  EXPECT_TRUE(over);
  call.join();
}

}  // namespace
}  // namespace recur
