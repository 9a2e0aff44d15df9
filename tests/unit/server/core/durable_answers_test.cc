// Answers that outlive a server: of the steps in its window a session gives
// them again, whatever happens in between.

#include "tests/unit/server/core/durable_fixture.h"

namespace recur {
namespace {

class DurableAnswersTest : public DurableTest,
                           public ::testing::WithParamInterface<bool> {
 protected:
  std::shared_ptr<ItemBatch> Send(uint64_t step) {
    return Step("a", step, static_cast<double>(step),
                /*wait_durable=*/GetParam());
  }

  // Steps 1 to 4 with values 1 to 4 at once, of which the store has the last.
  void SendFour() {
    for (uint64_t step = 1; step <= 4; ++step) Send(step);
    server_->driver.CommitPass(now_);
    EXPECT_EQ(store_.Row("a").step, 4u);
  }

  // The same steps once more are answered as they were, or would have been.
  void ExpectTheSameAgain(uint64_t first = 1) {
    std::vector<std::shared_ptr<ItemBatch>> again;
    for (uint64_t step = first; step <= 4; ++step) again.push_back(Send(step));
    server_->Settle();
    for (const auto& batch : again) {
      ASSERT_TRUE(Answered(*batch));
      const ItemResult& result = batch->results[0];
      EXPECT_TRUE(result.duplicate);
      EXPECT_EQ(SumOf(*batch),
                static_cast<double>(result.step * (result.step + 1)) / 2)
          << "step " << result.step;
    }
  }
};

TEST_P(DurableAnswersTest, TheNextServerAnswersAgain) {
  ASSERT_TRUE(Open("a").ok());
  SendFour();
  Crash();
  ExpectTheSameAgain();
}

TEST_P(DurableAnswersTest, AndSoDoesTheOneAfterThat) {
  ASSERT_TRUE(Open("a").ok());
  SendFour();
  Crash();
  ASSERT_TRUE(Get("a").ok());
  Send(4);  // its answer is not in the row, but in the state
  Send(5);
  Advance(std::chrono::milliseconds(50));
  server_->Settle();
  EXPECT_EQ(store_.Row("a").step, 5u);
  Crash();
  ExpectTheSameAgain(2);
}

TEST_P(DurableAnswersTest, AForkAnswersAgainAsWell) {
  ASSERT_TRUE(Open("a").ok());
  SendFour();
  server_->Settle();
  Reply<SessionInfo> reply;
  server_->service.ForkSession({.session_id = "a", .new_session_id = "b"},
                               reply.Take());
  server_->Settle();
  ASSERT_TRUE(reply.Get().ok()) << reply.Get().status();
  EXPECT_EQ(SumOf(*Step("b", 2, 2)), 3);
}

INSTANTIATE_TEST_SUITE_P(WhoeverWaitsAndWhoeverDoesNot, DurableAnswersTest,
                         ::testing::Bool());

}  // namespace
}  // namespace recur
