#include "client/load/session_steps.h"

#include <gtest/gtest.h>

namespace recur::load {
namespace {

TEST(SessionStepsTest, EveryStepIsSentOnce) {
  SessionSteps steps(2);
  EXPECT_EQ(steps.Send(0, 1), 1u);
  EXPECT_EQ(steps.Send(0, 3), 2u);
  EXPECT_EQ(steps.Send(0, 1), 5u);
  EXPECT_EQ(steps.Send(1, 1), 1u);
  steps.Applied(0);
  EXPECT_EQ(steps.Send(0, 1), 6u);
}

TEST(SessionStepsTest, ASessionGoesOnWhereTheServerSays) {
  SessionSteps steps(1);
  steps.Resume(0, 42);
  EXPECT_EQ(steps.Send(0, 2), 42u);
  EXPECT_EQ(steps.Send(0, 2), 44u);
}

TEST(SessionStepsTest, AfterARefusalASessionRestsUntilAllIsAnswered) {
  SessionSteps steps(1);
  steps.Send(0, 1);
  steps.Send(0, 1);
  steps.Send(0, 1);
  steps.Applied(0);
  EXPECT_TRUE(steps.CanSend(0));
  steps.Refused(0, 2);  // step 2: the queue was full
  EXPECT_FALSE(steps.CanSend(0));
  steps.Refused(0, 2);  // step 3: a gap, of course
  EXPECT_TRUE(steps.CanSend(0));
  EXPECT_EQ(steps.Send(0, 1), 2u);
}

}  // namespace
}  // namespace recur::load
