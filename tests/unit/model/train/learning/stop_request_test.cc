#include "model/train/learning/stop_request.h"

#include <csignal>

#include "gtest/gtest.h"

namespace recur {
namespace {

TEST(StopRequestTest, ASignalIsAWish) {
  for (int signal : {SIGINT, SIGTERM}) {
    const StopSignals signals;
    EXPECT_FALSE(StopRequested());
    raise(signal);
    EXPECT_TRUE(StopRequested());
  }
}

TEST(StopRequestDeathTest, TheSecondSignalEnds) {
  EXPECT_EXIT(
      {
        const StopSignals signals;
        raise(SIGINT);
        raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "");
}

TEST(StopRequestTest, LeavesSignalsAsTheyWere) {
  struct sigaction before;
  sigaction(SIGINT, nullptr, &before);
  { const StopSignals signals; }
  struct sigaction after;
  sigaction(SIGINT, nullptr, &after);
  EXPECT_EQ(after.sa_handler, before.sa_handler);
}

}  // namespace
}  // namespace recur
