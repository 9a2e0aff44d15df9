#include "server/session/answer_window.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "model/spec/error_reason.h"

namespace recur {
namespace {

std::shared_ptr<const Answer> Label(float p) {
  return std::make_shared<const Answer>(Classification{{p, 1 - p}});
}

TEST(PayloadDigestTest, DependsOnEveryValueAndOnTheTime) {
  const uint64_t plain = PayloadDigest({1.0, 2.0}, std::nullopt);
  EXPECT_EQ(plain, PayloadDigest({1.0, 2.0}, std::nullopt));
  EXPECT_NE(plain, PayloadDigest({1.0, 2.5}, std::nullopt));
  EXPECT_NE(plain, PayloadDigest({2.0, 1.0}, std::nullopt));
  EXPECT_NE(plain, PayloadDigest({1.0, 2.0}, 0));
  EXPECT_NE(PayloadDigest({1.0, 2.0}, 1), PayloadDigest({1.0, 2.0}, 2));
}

TEST(PayloadDigestTest, TakesEveryNanAsTheSame) {
  const double quiet = std::numeric_limits<double>::quiet_NaN();
  const double other = -std::nan("7");
  EXPECT_EQ(PayloadDigest({1.0, quiet}, 5), PayloadDigest({1.0, other}, 5));
  EXPECT_NE(PayloadDigest({1.0, quiet}, 5), PayloadDigest({quiet, 1.0}, 5));
}

TEST(AnswerWindowTest, RefusesAChangedPayloadWithinTheWindow) {
  AnswerWindow window(4);
  for (uint64_t step = 1; step <= 10; ++step) window.Record(step, step * 100);
  for (uint64_t step = 7; step <= 10; ++step) {
    EXPECT_TRUE(window.CheckUnchanged(step, step * 100).ok());
    const absl::Status changed = window.CheckUnchanged(step, 1);
    EXPECT_EQ(changed.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(ReasonOf(changed), "step_changed");
  }
}

TEST(AnswerWindowTest, SaysNothingAboutOlderSteps) {
  AnswerWindow window(4);
  for (uint64_t step = 1; step <= 10; ++step) window.Record(step, step * 100);
  EXPECT_TRUE(window.CheckUnchanged(6, 1).ok());
}

TEST(AnswerWindowTest, KeepsAnswersUntilTheirStepLeavesTheWindow) {
  AnswerWindow window(2);
  window.Record(1, 11);
  window.KeepAnswer(1, Label(0.25f));
  window.Record(2, 22);
  ASSERT_NE(window.AnswerAfter(1), nullptr);
  EXPECT_EQ(*window.AnswerAfter(1), *Label(0.25f));
  EXPECT_EQ(window.AnswerAfter(2), nullptr);
  window.Record(3, 33);
  EXPECT_EQ(window.AnswerAfter(1), nullptr);
}

TEST(AnswerWindowTest, CountsTheBytesOfWhatItKeeps) {
  AnswerWindow window(2);
  window.Record(1, 11);
  const size_t empty = window.bytes();
  window.KeepAnswer(1, Label(0.5f));
  EXPECT_GT(window.bytes(), empty);
  window.Record(2, 2);
  window.Record(3, 3);
  EXPECT_EQ(window.bytes(), empty);
}

TEST(AnswerWindowTest, GivesItsDigestsOldestFirst) {
  AnswerWindow window(4);
  EXPECT_TRUE(window.Digests().empty());
  for (uint64_t step = 8; step <= 13; ++step) window.Record(step, step * 10);
  const auto digests = window.Digests();
  EXPECT_EQ(std::vector<uint64_t>(digests.begin(), digests.end()),
            (std::vector<uint64_t>{100, 110, 120, 130}));
}

TEST(AnswerWindowTest, GivesTheAnswersOfEarlierStepsOldestFirst) {
  AnswerWindow window(4);
  EXPECT_TRUE(window.EarlierAnswers().empty());
  for (uint64_t step = 1; step <= 6; ++step) {
    window.Record(step, step);
    if (step != 4) window.KeepAnswer(step, Label(static_cast<float>(step)));
  }
  const auto earlier = window.EarlierAnswers();
  ASSERT_EQ(earlier.size(), 2u) << "1 and 2 have left the window";
  EXPECT_EQ(earlier[0].step, 3u);
  EXPECT_EQ(*earlier[0].answer, *Label(3));
  EXPECT_EQ(earlier[1].step, 5u);
}

}  // namespace
}  // namespace recur
