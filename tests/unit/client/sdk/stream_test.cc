#include "client/sdk/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "client/sdk/client.h"
#include "model/spec/error_reason.h"
#include "tests/unit/client/sdk/fake_server.h"

namespace recur::client {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using StreamCall = FakeRecur::StreamCall;

// Attaches every session but "missing", and answers item i with applied_step
// = first step of the item; the answer to WANT_FORECAST is the item's first
// value.
class Echo {
 public:
  grpc::Status operator()(StreamCall* call) {
    v1::StreamRequest request;
    while (call->Read(&request)) {
      v1::StreamResponse response;
      for (const v1::Attach& attach : request.attach()) {
        Answer(attach, response.add_attached());
      }
      if (request.has_items()) {
        Answer(request.items(), response.mutable_replies());
      }
      call->Write(response);
    }
    return grpc::Status::OK;
  }

 private:
  static void Answer(const v1::Attach& attach, v1::Attached* attached) {
    attached->set_handle(attach.handle());
    if (attach.session_id() == "missing") {
      attached->mutable_status()->set_code(5);
      attached->mutable_status()->set_message("no session \"missing\"");
      return;
    }
    attached->mutable_session()->set_session_id(attach.session_id());
    attached->set_resume_step(attach.acknowledged_step() + 1);
  }

  void Answer(const v1::Items& items, v1::ItemReplies* replies) {
    const bool forecast = items.want_size() > 0;
    for (int i = 0; i < items.handle_size(); ++i) {
      replies->add_item(next_item_++);
      replies->add_handle(items.handle(i));
      replies->add_step(items.first_step(i));
      replies->add_applied_step(items.first_step(i));
      if (!forecast) continue;
      v1::ItemAnswer* answer = replies->add_answers();
      answer->set_index(i);
      answer->mutable_forecast()->add_point(items.values_f64(i));
    }
  }

  uint64_t next_item_ = 0;
};

// A stream that ends with its first connection.
const RetryOptions kOnce{.budget = milliseconds(0)};

class StreamTest : public ::testing::Test {
 protected:
  StreamTest()
      : client_(std::move(*Client::Create(
            {.target = server_.target(), .timeout = milliseconds(20'000)}))) {
    server_.recur.on_stream = [](StreamCall* call) { return Echo()(call); };
  }

  std::unique_ptr<Stream> Open(Stream::Options options = {}) {
    Stream::Handlers handlers;
    handlers.on_reply = [this](const StreamReply& reply) {
      replies_.push_back(reply);
    };
    handlers.on_end = [this](const absl::Status& status) { end_ = status; };
    auto stream = client_.OpenStream(options, std::move(handlers));
    EXPECT_TRUE(stream.ok()) << stream.status();
    return std::move(*stream);
  }

  FakeServer server_;
  Client client_;
  // Written by handlers; read after Finish or Drain.
  std::vector<StreamReply> replies_;
  std::optional<absl::Status> end_;
};

TEST_F(StreamTest, AttachesPushesAndFinishes) {
  auto stream = Open();
  const auto attached = stream->Attach("boiler-7", 12);
  ASSERT_TRUE(attached.ok()) << attached.status();
  EXPECT_EQ(attached->resume_step, 13u);
  EXPECT_EQ(attached->session.session_id, "boiler-7");
  const std::vector<double> value = {4.5};
  const auto item = stream->Push({.handle = attached->handle,
                                  .first_step = 13,
                                  .values = value,
                                  .want = Want::kForecast});
  ASSERT_TRUE(item.ok()) << item.status();
  EXPECT_TRUE(stream->Finish().ok());
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_TRUE(replies_[0].status.ok());
  EXPECT_EQ(replies_[0].item, *item);
  EXPECT_EQ(replies_[0].handle, attached->handle);
  EXPECT_EQ(replies_[0].applied_step, 13u);
  EXPECT_THAT(replies_[0].forecast->point, ElementsAre(4.5));
  ASSERT_TRUE(end_.has_value());
  EXPECT_TRUE(end_->ok());
}

TEST_F(StreamTest, AnswersEveryOneOfManyItemsInOrder) {
  auto stream = Open({.max_message_values = 64, .max_kept_items = 100});
  const auto attached = stream->Attach("s");
  ASSERT_TRUE(attached.ok());
  for (int i = 0; i < 20'000; ++i) {
    const std::vector<double> value = {i * 0.5};
    ASSERT_TRUE(stream
                    ->Push({.handle = attached->handle,
                            .first_step = uint64_t(i + 1),
                            .values = value,
                            .want = Want::kForecast})
                    .ok());
  }
  EXPECT_TRUE(stream->Drain().ok());
  EXPECT_EQ(stream->unanswered(), 0u);
  ASSERT_EQ(replies_.size(), 20'000u);
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_EQ(replies_[i].step, uint64_t(i + 1));
    ASSERT_EQ(replies_[i].forecast->point[0], i * 0.5);
  }
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamTest, ItemsMayFollowAnAttachAtOnce) {
  auto stream = Open();
  std::promise<uint64_t> resume;
  const uint32_t handle = stream->Attach(
      "s", 4, [&](const absl::StatusOr<StreamAttached>& attached) {
        resume.set_value(attached.ok() ? attached->resume_step : 0);
      });
  const std::vector<double> value = {1};
  ASSERT_TRUE(
      stream->Push({.handle = handle, .first_step = 5, .values = value}).ok());
  EXPECT_EQ(resume.get_future().get(), 5u);
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(replies_.size(), 1u);
}

TEST_F(StreamTest, AMissingSessionFailsItsAttachAlone) {
  auto stream = Open();
  const auto missing = stream->Attach("missing");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(missing.status().message(), "no session \"missing\"");
  EXPECT_TRUE(stream->Attach("s").ok());
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamTest, WhatIsUnansweredGetsTheStatusTheStreamEndedWith) {
  server_.recur.on_stream = [](StreamCall* call) {
    v1::StreamRequest request;
    call->Read(&request);
    return ServerError(grpc::StatusCode::UNAVAILABLE, "draining", "leaving");
  };
  auto stream = Open({.retry = kOnce});
  const uint32_t handle = stream->Attach("s", std::nullopt, nullptr);
  const std::vector<double> values = {1, 2};
  ASSERT_TRUE(
      stream
          ->Push(
              {.handle = handle, .first_step = 7, .steps = 2, .values = values})
          .ok());
  const absl::Status status = stream->Drain();
  EXPECT_EQ(ReasonOf(status), "draining");
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_EQ(replies_[0].step, 8u);
  EXPECT_EQ(replies_[0].status.message(), "leaving");
  EXPECT_EQ(stream->Push({.handle = handle, .first_step = 9, .values = values})
                .status(),
            status);
  EXPECT_EQ(stream->Attach("s").status(), status);
  EXPECT_EQ(stream->Finish(), status);
}

TEST_F(StreamTest, AServerThatLeavesWithoutAnsweringIsUnavailable) {
  server_.recur.on_stream = [](StreamCall*) { return grpc::Status::OK; };
  auto stream = Open({.retry = kOnce});
  const auto attached = stream->Attach("s");
  EXPECT_EQ(attached.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(attached.status().message(), "the server ended the stream");
}

TEST_F(StreamTest, AnAnswerToAnItemThatWasNotSentEndsTheStream) {
  server_.recur.on_stream = [](StreamCall* call) {
    v1::StreamResponse response;
    response.mutable_replies()->add_item(3);
    response.mutable_replies()->add_handle(1);
    response.mutable_replies()->add_step(1);
    response.mutable_replies()->add_applied_step(1);
    call->Write(response);
    v1::StreamRequest request;
    while (call->Read(&request)) {
    }
    return grpc::Status::OK;
  };
  auto stream = Open();
  const auto attached = stream->Attach("s");
  EXPECT_EQ(attached.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(attached.status().message(), HasSubstr("answered item 3"));
}

TEST_F(StreamTest, DestructionCancelsAndAnswersWhatIsLeft) {
  server_.recur.on_stream = [](StreamCall* call) {
    v1::StreamRequest request;
    while (call->Read(&request)) {
    }
    return grpc::Status::OK;
  };
  auto stream = Open();
  const uint32_t handle = stream->Attach("s", std::nullopt, nullptr);
  const std::vector<double> value = {1};
  ASSERT_TRUE(stream->Push({.handle = handle, .values = value}).ok());
  stream.reset();
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_EQ(replies_[0].status.code(), absl::StatusCode::kCancelled);
}

TEST_F(StreamTest, RefusesItemsThatDoNotFitTheirSteps) {
  auto stream = Open();
  const std::vector<double> three = {1, 2, 3};
  const std::vector<int64_t> times = {1};
  EXPECT_THAT(stream->Push({.steps = 2, .values = three}).status().message(),
              HasSubstr("3 values, which is not a multiple of its 2 steps"));
  EXPECT_THAT(stream->Push({.steps = 3, .values = three, .times_us = times})
                  .status()
                  .message(),
              HasSubstr("1 times for 3 steps"));
  EXPECT_THAT(
      stream->Push({.first_step = 0, .values = three}).status().message(),
      HasSubstr("start at 1"));
  EXPECT_FALSE(stream->Push({.steps = 0}).ok());
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(replies_.empty());
}

TEST_F(StreamTest, RefusesAnItemThatNoServerWouldTake) {
  auto stream = Open({.max_item_bytes = 100});
  const auto attached = stream->Attach("s");
  ASSERT_TRUE(attached.ok()) << attached.status();
  const std::vector<double> values(13);
  const absl::Status status =
      stream->Push({.handle = attached->handle, .steps = 13, .values = values})
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "item_too_large");
  EXPECT_THAT(status.message(), HasSubstr("item has 104 bytes; the limit is"));
  EXPECT_TRUE(stream
                  ->Push({.handle = attached->handle,
                          .steps = 12,
                          .values = absl::MakeConstSpan(values).first(12)})
                  .ok());
  EXPECT_TRUE(stream->Finish().ok()) << "the others go on";
}

TEST_F(StreamTest, NothingCanBePushedToAHandleThatIsNotAttached) {
  auto stream = Open();
  const std::vector<double> value = {1};
  EXPECT_EQ(stream->Push({.handle = 7, .values = value}).status().message(),
            "handle 7 is not attached");
  const auto attached = stream->Attach("s");
  ASSERT_TRUE(attached.ok()) << attached.status();
  stream->Detach(attached->handle);
  EXPECT_EQ(stream->Push({.handle = attached->handle, .values = value})
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(StreamTest, RefusesOptionsThatCannotWork) {
  for (const Stream::Options& options :
       {Stream::Options{.max_message_values = 0},
        Stream::Options{.max_kept_items = 0},
        Stream::Options{.max_kept_bytes = 0}, Stream::Options{.streams = 0},
        Stream::Options{.streams = 257},
        Stream::Options{.retry = {.initial = milliseconds(0)}},
        Stream::Options{.silence = milliseconds(0)}}) {
    EXPECT_EQ(client_.OpenStream(options, {}).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(StreamTest, NothingCanBePushedAfterFinish) {
  auto stream = Open();
  EXPECT_TRUE(stream->Finish().ok());
  const std::vector<double> value = {1};
  const auto pushed = stream->Push({.handle = 1, .values = value});
  EXPECT_EQ(pushed.status().message(), "the stream is finished");
}

}  // namespace
}  // namespace recur::client
