#include "server/session/step_rule.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "model/spec/error_reason.h"

namespace recur {
namespace {

TEST(StepRuleTest, AppliesTheNextStep) {
  const auto decision = DecideSteps(4, 5, 1);
  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(decision->first_step, 5u);
  EXPECT_EQ(decision->duplicates, 0);
  EXPECT_EQ(decision->fresh, 1);
}

TEST(StepRuleTest, TakesNoNumberAsTheNextStep) {
  const auto decision = DecideSteps(7, std::nullopt, 3);
  ASSERT_TRUE(decision.ok());
  EXPECT_EQ(decision->first_step, 8u);
  EXPECT_EQ(decision->fresh, 3);
}

TEST(StepRuleTest, RefusesAGapWithTheExpectedStep) {
  const auto decision = DecideSteps(4, 7, 1);
  EXPECT_EQ(decision.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(decision.status()), "step_gap");
  EXPECT_EQ(decision.status().message(),
            "step 7 does not follow; the session expects step 5");
  const auto details = DetailsOf(decision.status());
  ASSERT_EQ(details.size(), 1u);
  EXPECT_EQ(details[0],
            (std::pair<std::string, std::string>("expected_step", "5")));
}

TEST(StepRuleTest, RefusesStepZero) {
  const auto decision = DecideSteps(0, 0, 1);
  EXPECT_EQ(decision.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(decision.status()), "step_zero");
}

TEST(StepRuleTest, RefusesTheLargestNumbersWithoutOverflow) {
  const uint64_t largest = std::numeric_limits<uint64_t>::max();
  EXPECT_FALSE(DecideSteps(3, largest, 1000).ok());
}

// Against a set of applied step numbers under random items.
TEST(StepRuleTest, AppliesEveryStepOnceUnderRandomRetries) {
  std::mt19937_64 random(1);
  std::set<uint64_t> applied;
  for (int i = 0; i < 20000; ++i) {
    const uint64_t first = 1 + random() % (applied.size() + 4);
    const int count = 1 + static_cast<int>(random() % 5);
    const auto decision = DecideSteps(applied.size(), first, count);
    const bool gap = first > applied.size() + 1;
    ASSERT_EQ(decision.ok(), !gap);
    if (gap) continue;
    ASSERT_EQ(decision->duplicates + decision->fresh, count);
    for (int s = 0; s < count; ++s) {
      const bool seen = applied.count(first + s) > 0;
      ASSERT_EQ(seen, s < decision->duplicates);
      applied.insert(first + s);
    }
  }
}

}  // namespace
}  // namespace recur
