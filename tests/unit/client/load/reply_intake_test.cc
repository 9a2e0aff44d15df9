#include "client/load/reply_intake.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/load/message_builder.h"
#include "google/rpc/error_details.pb.h"

namespace recur::load {
namespace {

using std::chrono::microseconds;
using ::testing::HasSubstr;

TimePoint At(int64_t us) { return TimePoint(microseconds(us)); }

// Two sessions of two inputs, whose forecasts are sums; all is measured.
class ReplyIntakeTest : public ::testing::Test {
 protected:
  ReplyIntakeTest()
      : intake_({.answers_wanted = true, .checked = &checked_}, &sessions_,
                &stats_) {
    stats_.Measure(At(0), At(1'000'000));
  }

  void Send(int64_t us) {
    ASSERT_TRUE(builder_.Build(At(us), &sessions_, &request_));
  }

  // The right reply to item `number`, for a step of a session.
  void Reply(uint64_t number, uint32_t session, uint64_t step) {
    const int index = replies_.item_size();
    replies_.add_item(number);
    replies_.add_handle(session);
    replies_.add_step(step);
    replies_.add_applied_step(step);
    v1::ItemAnswer* answer = replies_.add_answers();
    answer->set_index(index);
    for (int c = 1; c <= 2; ++c) {
      answer->mutable_forecast()->add_point(c *
                                            checked_.Sum(10 + session, step));
    }
  }

  void Refuse(uint64_t number, uint32_t session, uint64_t applied) {
    v1::ItemError* error = replies_.add_errors();
    error->set_index(replies_.item_size());
    replies_.add_item(number);
    replies_.add_handle(session);
    replies_.add_step(0);
    replies_.add_applied_step(applied);
    error->mutable_status()->set_code(8);
    error->mutable_status()->set_message("lane 0 has 10 items; full");
    google::rpc::ErrorInfo info;
    info.set_domain("recur");
    info.set_reason("queue_full");
    error->mutable_status()->add_details()->PackFrom(info);
  }

  void Take(int64_t us) {
    intake_.Take(replies_, At(us));
    replies_.Clear();
  }

  const CheckedValues checked_{2, 4};
  StreamSessions sessions_{10, 2, SessionCursor::Order::kInOrder, 1};
  MessageBuilder builder_{{.items = 2, .features = 2, .checked = &checked_}};
  LoadStats stats_;
  ReplyIntake intake_;
  v1::StreamRequest request_;
  v1::ItemReplies replies_;
};

TEST_F(ReplyIntakeTest, CountsWhatIsAnsweredFromWhenItWasDue) {
  Send(100);
  Send(200);
  Reply(0, 0, 1);
  Reply(1, 1, 1);
  Reply(2, 0, 2);
  Take(300);
  EXPECT_EQ(stats_.steps(), 3u);
  EXPECT_EQ(stats_.messages(), 1u);
  EXPECT_EQ(stats_.latency().count(), 3u);
  EXPECT_EQ(stats_.latency().max(), microseconds(200));
  Reply(3, 1, 2);
  Take(900);
  EXPECT_EQ(stats_.messages(), 2u);
  EXPECT_EQ(stats_.latency().max(), microseconds(700));
  EXPECT_EQ(stats_.wrong_answers(), 0u) << stats_.first_wrong();
}

TEST_F(ReplyIntakeTest, DurableStepsComeWithRepliesAndBesideThem) {
  sessions_.durable.Keep();
  Send(100);
  Send(200);
  EXPECT_EQ(sessions_.durable.open(), 4u);
  Reply(0, 0, 1);
  Reply(1, 1, 1);
  replies_.add_durable_step(1);
  replies_.add_durable_step(0);
  Take(300);
  EXPECT_EQ(sessions_.durable.open(), 3u);
  v1::Watermarks marks;
  marks.add_handle(1);
  marks.add_durable_step(2);
  intake_.Take(marks, At(900));
  EXPECT_EQ(sessions_.durable.open(), 1u);
  EXPECT_EQ(stats_.durable_lag().count(), 3u);
  EXPECT_EQ(stats_.durable_lag().max(), microseconds(800));
  EXPECT_EQ(stats_.wrong_answers(), 0u) << stats_.first_wrong();
}

TEST_F(ReplyIntakeTest, AWrongSumIsNamed) {
  Send(0);
  Reply(0, 0, 1);
  Reply(1, 1, 1);
  replies_.mutable_answers(1)->mutable_forecast()->set_point(1, 41.5);
  Take(10);
  EXPECT_EQ(stats_.wrong_answers(), 1u);
  EXPECT_THAT(stats_.first_wrong(),
              HasSubstr("session 11 has the sum 41.5 of input 1 at step 1; it "
                        "is "));
}

TEST_F(ReplyIntakeTest, AnotherSessionsSumIsWrong) {
  Send(0);
  Reply(0, 0, 1);
  Reply(1, 1, 1);
  ASSERT_NE(checked_.Sum(10, 1), checked_.Sum(11, 1));
  replies_.mutable_answers(0)->set_index(1);
  replies_.mutable_answers(1)->set_index(0);
  Take(10);
  EXPECT_EQ(stats_.wrong_answers(), 2u);
}

TEST_F(ReplyIntakeTest, AnAnswerThatIsMissingIsWrong) {
  Send(0);
  Reply(0, 0, 1);
  Reply(1, 1, 1);
  replies_.mutable_answers()->RemoveLast();
  Take(10);
  EXPECT_EQ(stats_.wrong_answers(), 1u);
  EXPECT_EQ(stats_.first_wrong(),
            "a message has 1 answers and 0 errors for 2 items");
}

TEST_F(ReplyIntakeTest, TwoAnswersToAnItemAreWrong) {
  Send(0);
  Reply(0, 0, 1);
  Reply(0, 0, 1);
  Take(10);
  EXPECT_EQ(stats_.wrong_answers(), 1u);
  EXPECT_EQ(stats_.first_wrong(),
            "item 0 is answered, which waits for no answer");
  EXPECT_EQ(stats_.steps(), 1u);
}

TEST_F(ReplyIntakeTest, AReplyForAnotherStepOrHandleIsWrong) {
  Send(0);
  Reply(0, 0, 1);
  Reply(1, 1, 1);
  replies_.set_step(0, 7);
  replies_.set_handle(1, 0);
  Take(10);
  EXPECT_EQ(stats_.wrong_answers(), 2u);
  EXPECT_EQ(stats_.first_wrong(),
            "item 0 was step 1 of handle 0; the reply is for step 7 of handle "
            "0, with step 1 applied");
}

TEST_F(ReplyIntakeTest, ADuplicateIsWrongSinceStepsAreSentOnce) {
  Send(0);
  Reply(0, 0, 1);
  replies_.add_duplicate(0);
  Take(10);
  EXPECT_THAT(stats_.first_wrong(), HasSubstr("is called a duplicate"));
}

TEST_F(ReplyIntakeTest, UnevenColumnsAreWrong) {
  Send(0);
  Reply(0, 0, 1);
  replies_.add_step(2);
  Take(10);
  EXPECT_EQ(stats_.first_wrong(), "the columns of 1 replies are uneven");
}

TEST_F(ReplyIntakeTest, AFailedItemIsCountedAndItsStepSentAgain) {
  Send(0);
  Reply(0, 0, 1);
  Refuse(1, 1, 0);
  Take(10);
  EXPECT_EQ(stats_.steps(), 1u);
  EXPECT_EQ(stats_.messages(), 1u);
  EXPECT_EQ(stats_.wrong_answers(), 0u) << stats_.first_wrong();
  ASSERT_EQ(stats_.errors().size(), 1u);
  const auto& [key, error] = *stats_.errors().begin();
  EXPECT_EQ(key.first, absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(key.second, "queue_full");
  EXPECT_EQ(error.count, 1u);
  EXPECT_EQ(error.message, "lane 0 has 10 items; full");
  Send(20);
  EXPECT_THAT(request_.items().first_step(), ::testing::ElementsAre(2, 1));
}

TEST_F(ReplyIntakeTest, OnlyTheColumnOfItemsIsNeeded) {
  LoadStats stats;
  stats.Measure(At(0), At(100));
  ReplyIntake intake({}, &sessions_, &stats);
  Send(0);
  v1::ItemReplies replies;
  replies.add_item(1);
  replies.add_item(0);
  intake.Take(replies, At(10));
  EXPECT_EQ(stats.steps(), 2u);
  EXPECT_EQ(stats.wrong_answers(), 0u) << stats.first_wrong();
}

TEST_F(ReplyIntakeTest, SpeedCountsAnswersInTimeLatencyWhatWasDueInTime) {
  LoadStats stats;
  stats.Measure(At(100), At(200));
  ReplyIntake intake({}, &sessions_, &stats);
  v1::ItemReplies replies;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(builder_.Build(At(90 + 60 * i), &sessions_, &request_));
  }
  // Due at 90, 150, 210; answered at 110, 205, 220.
  const int64_t answered[] = {110, 205, 220};
  for (uint64_t i = 0; i < 3; ++i) {
    replies.Clear();
    replies.add_item(2 * i);
    intake.Take(replies, At(answered[i]));
  }
  EXPECT_EQ(stats.steps(), 1u);
  EXPECT_EQ(stats.latency().count(), 1u);
  EXPECT_EQ(stats.latency().max(), microseconds(55));
}

}  // namespace
}  // namespace recur::load
