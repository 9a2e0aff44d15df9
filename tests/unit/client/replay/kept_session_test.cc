#include "client/replay/kept_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/spec/error_reason.h"

namespace recur::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Item Step(uint64_t step, uint32_t steps = 1) {
  return {.number = 100 + step,
          .first_step = step,
          .steps = steps,
          .values = std::vector<double>(steps, 1.0),
          .want = Want::kForecast};
}

class KeptSessionTest : public ::testing::Test {
 protected:
  // The steps that go out now; answers are left to the test.
  std::vector<uint64_t> Send(KeptSession& kept) {
    std::vector<uint64_t> steps;
    places_.clear();
    while (const auto out = kept.Next()) {
      steps.push_back(out->item->first_step);
      wants_.push_back(out->want);
      places_.push_back(out->place);
    }
    return steps;
  }

  KeptTotals totals_;
  std::vector<uint64_t> places_;
  std::vector<Want> wants_;
};

TEST_F(KeptSessionTest, InMemoryAnAnswerIsAllThatAnItemIsKeptFor) {
  KeptSession kept("s", std::nullopt, false, &totals_);
  kept.Add(Step(1));
  kept.Add(Step(2));
  ASSERT_TRUE(kept.Resume(/*durable=*/false, 1, 0).ok());
  EXPECT_THAT(Send(kept), ElementsAre(1, 2));
  EXPECT_EQ(totals_.items, 2u);
  EXPECT_EQ(kept.Answer(places_[0]), 101u);
  EXPECT_EQ(totals_.items, 1u);
  EXPECT_EQ(totals_.unanswered, 1u);
  EXPECT_EQ(kept.acknowledged_step(), 1u);
  EXPECT_EQ(kept.Answer(places_[1]), 102u);
  EXPECT_TRUE(kept.empty());
  EXPECT_EQ(totals_.bytes, 0u);
}

TEST_F(KeptSessionTest, OnADurableStoreAnItemIsKeptUntilItIsDurable) {
  KeptSession kept("s", std::nullopt, false, &totals_);
  for (uint64_t step : {1, 2, 3}) kept.Add(Step(step));
  ASSERT_TRUE(kept.Resume(/*durable=*/true, 1, 0).ok());
  Send(kept);
  for (uint64_t place : places_) kept.Answer(place);
  EXPECT_EQ(totals_.items, 3u);
  EXPECT_EQ(totals_.unanswered, 0u);
  EXPECT_FALSE(kept.acknowledged_step().has_value());
  EXPECT_TRUE(kept.Acknowledge(2));
  EXPECT_FALSE(kept.Acknowledge(1));
  EXPECT_EQ(totals_.items, 1u);
  EXPECT_EQ(kept.acknowledged_step(), 2u);
}

TEST_F(KeptSessionTest, AnAnswerThatWaitedForDurabilityAcknowledges) {
  KeptSession kept("s", std::nullopt, /*wait_durable=*/true, &totals_);
  kept.Add(Step(1));
  ASSERT_TRUE(kept.Resume(/*durable=*/true, 1, 0).ok());
  Send(kept);
  kept.Answer(places_[0]);
  EXPECT_TRUE(kept.empty());
  EXPECT_EQ(kept.acknowledged_step(), 1u);
}

TEST_F(KeptSessionTest, WhatIsDurableBeforeItIsAnsweredStillWantsItsAnswer) {
  KeptSession kept("s", std::nullopt, false, &totals_);
  kept.Add(Step(1));
  ASSERT_TRUE(kept.Resume(true, 1, 0).ok());
  Send(kept);
  kept.Acknowledge(1);
  EXPECT_FALSE(kept.empty());
  ASSERT_TRUE(kept.Resume(true, 2, 1).ok());
  EXPECT_THAT(Send(kept), ElementsAre(1));
  EXPECT_EQ(kept.Answer(places_[0]), 101u);
  EXPECT_TRUE(kept.empty());
}

TEST_F(KeptSessionTest, SendsAgainWhatTheServerLacksAndWhatIsNotAnswered) {
  KeptSession kept("s", std::nullopt, false, &totals_);
  for (uint64_t step : {1, 2, 3, 4}) kept.Add(Step(step));
  ASSERT_TRUE(kept.Resume(true, 1, 0).ok());
  Send(kept);
  for (int i = 0; i < 3; ++i) kept.Answer(places_[i]);
  // The server has been set back to step 2.
  wants_.clear();
  ASSERT_TRUE(kept.Resume(true, 3, 0).ok());
  EXPECT_THAT(Send(kept), ElementsAre(3, 4));
  EXPECT_THAT(wants_, ElementsAre(Want::kAck, Want::kForecast));
  EXPECT_EQ(kept.Answer(places_[0]), std::nullopt);  // the caller has it
  EXPECT_EQ(kept.Answer(places_[1]), 104u);
}

TEST_F(KeptSessionTest, AnItemThatTheServerHasInPartGoesWhole) {
  KeptSession kept("s", std::nullopt, false, &totals_);
  kept.Add(Step(1, /*steps=*/4));
  ASSERT_TRUE(kept.Resume(true, 1, 0).ok());
  Send(kept);
  kept.Answer(places_[0]);
  ASSERT_TRUE(kept.Resume(true, 3, 2).ok());
  EXPECT_THAT(Send(kept), ElementsAre(1));
}

TEST_F(KeptSessionTest, AServerBehindWhatWasAcknowledgedIsRefused) {
  KeptSession kept("s", std::nullopt, false, &totals_);
  kept.Add(Step(1));
  kept.Add(Step(2));
  ASSERT_TRUE(kept.Resume(true, 1, 0).ok());
  Send(kept);
  kept.Acknowledge(1);
  const absl::Status status = kept.Resume(true, 1, 0);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), "session_behind");
  EXPECT_TRUE(kept.Resume(true, 2, 1).ok());
}

TEST_F(KeptSessionTest, WhatTheCallerKnowsToBeSafeCountsFromTheBeginning) {
  KeptSession kept("s", 7, false, &totals_);
  EXPECT_EQ(kept.acknowledged_step(), 7u);
  EXPECT_EQ(ReasonOf(kept.Resume(false, 7, 0)), "session_behind");
  EXPECT_TRUE(kept.Resume(false, 8, 0).ok());
}

TEST_F(KeptSessionTest, AnErrorIsAnAnswerAndLeavesNothingToKeep) {
  KeptSession kept("s", std::nullopt, false, &totals_);
  kept.Add(Step(1));
  kept.Add(Step(2, 50));
  ASSERT_TRUE(kept.Resume(true, 1, 0).ok());
  Send(kept);
  const size_t before = totals_.bytes;
  EXPECT_EQ(kept.Refuse(places_[1]), 102u);
  EXPECT_LT(totals_.bytes, before - 50 * sizeof(double) + 1);
  EXPECT_EQ(kept.Refuse(places_[1]), std::nullopt);
  ASSERT_TRUE(kept.Resume(true, 1, 0).ok());
  EXPECT_THAT(Send(kept), ElementsAre(1));
}

TEST_F(KeptSessionTest, GivesUpWhatIsNotAnswered) {
  KeptSession kept("s", std::nullopt, false, &totals_);
  for (uint64_t step : {1, 2, 3}) kept.Add(Step(step));
  ASSERT_TRUE(kept.Resume(true, 1, 0).ok());
  Send(kept);
  kept.Answer(places_[0]);
  using Unanswered = KeptSession::Unanswered;
  EXPECT_THAT(kept.TakeUnanswered(),
              ElementsAre(Unanswered{102, 2}, Unanswered{103, 3}));
  EXPECT_THAT(kept.TakeUnanswered(), IsEmpty());
  EXPECT_FALSE(kept.Keeps(places_[0]));
  EXPECT_EQ(totals_.items, 0u);
  EXPECT_EQ(totals_.unanswered, 0u);
  EXPECT_EQ(totals_.bytes, 0u);
}

}  // namespace
}  // namespace recur::client
