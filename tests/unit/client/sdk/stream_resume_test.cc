// Streams through the loss of connections and servers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "client/replay/shard.h"
#include "client/sdk/client.h"
#include "model/spec/error_reason.h"
#include "tests/unit/client/sdk/fake_server.h"
#include "tests/unit/client/sdk/remembering_server.h"

namespace recur::client {
namespace {

using grpc::StatusCode;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

const RetryOptions kSoon{.initial = milliseconds(1),
                         .max = milliseconds(4),
                         .budget = milliseconds(20'000),
                         .burst = 1'000};

class StreamResumeTest : public ::testing::Test {
 protected:
  StreamResumeTest() { Listen(0); }

  void Listen(int port) {
    server_ = std::make_unique<FakeServer>(port);
    server_->recur.on_stream = remote_.OnStream();
  }

  std::unique_ptr<Stream> Open(Stream::Options options = {.retry = kSoon},
                               milliseconds timeout = milliseconds(20'000)) {
    auto client =
        Client::Create({.target = server_->target(), .timeout = timeout});
    Stream::Handlers handlers;
    handlers.on_reply = [this](const StreamReply& reply) {
      std::lock_guard<std::mutex> lock(mutex_);
      replies_.push_back(reply);
    };
    handlers.on_end = [this](const absl::Status& status) { end_ = status; };
    handlers.on_go_away = [this](absl::string_view reason) {
      go_away_ = std::string(reason);
    };
    handlers.on_durable = [this](uint32_t handle, uint64_t step) {
      durable_[handle] = step;
    };
    handlers.on_session_over = [this](uint32_t handle,
                                      const absl::Status& status) {
      over_[handle] = status;
    };
    auto stream = client->OpenStream(options, std::move(handlers));
    EXPECT_TRUE(stream.ok()) << stream.status();
    return std::move(*stream);
  }

  absl::StatusOr<uint64_t> Push(Stream& stream, uint32_t handle,
                                uint64_t step) {
    const std::vector<double> value = {ValueOf(handle, step)};
    return stream.Push({.handle = handle,
                        .first_step = step,
                        .values = value,
                        .want = Want::kForecast});
  }

  static double ValueOf(uint32_t handle, uint64_t step) {
    return 1000.0 * handle + static_cast<double>(step * step);
  }

  // Every step of the handle is answered once, in order, and as it would be
  // without any failure. Duplicates may come without an answer.
  void ExpectAnswers(uint32_t handle, uint64_t steps) {
    double sum = 0;
    uint64_t step = 0;
    for (const StreamReply& reply : replies_) {
      if (reply.handle != handle) continue;
      ASSERT_TRUE(reply.status.ok()) << reply.status;
      ASSERT_EQ(reply.step, ++step);
      sum += ValueOf(handle, step);
      if (reply.forecast.has_value()) {
        EXPECT_EQ(reply.forecast->point[0], sum);
      } else {
        EXPECT_TRUE(reply.duplicate);
      }
    }
    EXPECT_EQ(step, steps);
  }

  size_t replies() {
    std::lock_guard<std::mutex> lock(mutex_);
    return replies_.size();
  }

  RememberingServer remote_;
  std::unique_ptr<FakeServer> server_;
  std::mutex mutex_;
  // Written by handlers; read after Finish or Drain, or under mutex_.
  std::vector<StreamReply> replies_;
  std::optional<absl::Status> end_;
  std::string go_away_;
  std::map<uint32_t, uint64_t> durable_;
  std::map<uint32_t, absl::Status> over_;
};

TEST_F(StreamResumeTest, GoesOnWhateverTheEndOfAConnectionLooksLike) {
  const std::vector<grpc::Status> ends = {
      {StatusCode::INTERNAL, "RST_STREAM with error code 2"},
      {StatusCode::CANCELLED, "RST_STREAM with error code 8"},
      {StatusCode::UNAVAILABLE, "502"},
      {StatusCode::UNKNOWN, "stream removed"},
      {StatusCode::DEADLINE_EXCEEDED, "proxy_read_timeout"},
      grpc::Status::OK};
  remote_.fail = [&](int call, int items) -> std::optional<grpc::Status> {
    if (items < 5 || call > static_cast<int>(ends.size())) return std::nullopt;
    return ends[call - 1];
  };
  auto stream = Open();
  const auto attached = stream->Attach("s");
  ASSERT_TRUE(attached.ok()) << attached.status();
  for (uint64_t step = 1; step <= 60; ++step) {
    ASSERT_TRUE(Push(*stream, attached->handle, step).ok());
  }
  EXPECT_TRUE(stream->Finish().ok());
  ExpectAnswers(attached->handle, 60);
  EXPECT_EQ(remote_.values("s").size(), 60u);
  EXPECT_EQ(remote_.calls(), 7);
  EXPECT_EQ(end_, absl::OkStatus());
}

TEST_F(StreamResumeTest, AServerThatComesBackIsSentWhatItHadNotMadeDurable) {
  remote_.durability = v1::DURABILITY_LOCAL;
  remote_.after = [this] { remote_.RollBack(); };
  remote_.fail = [](int call, int items) -> std::optional<grpc::Status> {
    if (call > 4 || items < 10 * call) return std::nullopt;
    return grpc::Status(StatusCode::UNAVAILABLE, "killed");
  };
  auto stream = Open();
  const uint32_t handle = stream->Attach("s")->handle;
  for (uint64_t step = 1; step <= 50; ++step) {
    ASSERT_TRUE(Push(*stream, handle, step).ok());
    if (step == 7) remote_.Commit();
  }
  while (replies() < 50) std::this_thread::yield();
  remote_.after = nullptr;
  remote_.Commit();
  EXPECT_TRUE(stream->Finish().ok());
  ExpectAnswers(handle, 50);
  EXPECT_EQ(remote_.values("s").size(), 50u);
  EXPECT_EQ(durable_[handle], 50u);
}

TEST_F(StreamResumeTest, FindsAServerThatIsRestarted) {
  auto stream = Open();
  const uint32_t handle = stream->Attach("s")->handle;
  for (uint64_t step = 1; step <= 20; ++step) {
    ASSERT_TRUE(Push(*stream, handle, step).ok());
  }
  const int port = server_->port;
  server_.reset();
  for (uint64_t step = 21; step <= 40; ++step) {
    ASSERT_TRUE(Push(*stream, handle, step).ok());
  }
  Listen(port);
  EXPECT_TRUE(stream->Finish().ok());
  ExpectAnswers(handle, 40);
}

TEST_F(StreamResumeTest, ASessionThatIsLostFailsAlone) {
  auto stream = Open();
  const uint32_t lost = stream->Attach("lost")->handle;
  const uint32_t other = stream->Attach("other")->handle;
  ASSERT_TRUE(Push(*stream, lost, 1).ok());
  ASSERT_TRUE(Push(*stream, other, 1).ok());
  ASSERT_TRUE(stream->Drain().ok());
  remote_.Refuse("lost",
                 ServerError(StatusCode::NOT_FOUND, "session_lost", "gone"),
                 /*times=*/1'000);
  remote_.fail = [](int call, int) -> std::optional<grpc::Status> {
    if (call > 1) return std::nullopt;
    return grpc::Status(StatusCode::INTERNAL, "killed");
  };
  ASSERT_TRUE(Push(*stream, lost, 2).ok());
  ASSERT_TRUE(Push(*stream, other, 2).ok());
  ASSERT_TRUE(stream->Drain().ok());
  EXPECT_EQ(ReasonOf(Push(*stream, lost, 3).status()), "session_lost");
  ASSERT_TRUE(Push(*stream, other, 3).ok());
  EXPECT_TRUE(stream->Finish().ok());
  ExpectAnswers(other, 3);
  ASSERT_THAT(over_, SizeIs(1));
  EXPECT_EQ(ReasonOf(over_[lost]), "session_lost");
  EXPECT_EQ(replies_.size(), 5u);
}

TEST_F(StreamResumeTest, AnItemRefusedForNowIsSentAgain) {
  auto stream = Open();
  const uint32_t handle = stream->Attach("s")->handle;
  remote_.Refuse("s", ServerError(StatusCode::UNAVAILABLE, "store_down", ""),
                 /*times=*/2);
  for (uint64_t step = 1; step <= 3; ++step) {
    ASSERT_TRUE(Push(*stream, handle, step).ok());
  }
  EXPECT_TRUE(stream->Finish().ok());
  ExpectAnswers(handle, 3);
  EXPECT_TRUE(over_.empty());
}

TEST_F(StreamResumeTest, MovesWhenTheServerIsAboutToLeave) {
  auto stream = Open();
  const uint32_t handle = stream->Attach("s")->handle;
  for (uint64_t step = 1; step <= 10; ++step) {
    ASSERT_TRUE(Push(*stream, handle, step).ok());
  }
  remote_.SayGoAway();
  for (uint64_t step = 11; step <= 20; ++step) {
    ASSERT_TRUE(Push(*stream, handle, step).ok());
  }
  while (remote_.calls() < 2) std::this_thread::yield();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(go_away_, "draining");
  ExpectAnswers(handle, 20);
}

TEST_F(StreamResumeTest, EndsWithTheLastErrorOnceTheBudgetIsSpent) {
  remote_.fail = [](int, int) {
    return grpc::Status(StatusCode::INTERNAL, "always");
  };
  RetryOptions retry = kSoon;
  retry.budget = milliseconds(300);
  auto stream = Open({.retry = retry});
  const auto attached = stream->Attach("s");
  ASSERT_TRUE(attached.ok()) << attached.status();
  ASSERT_TRUE(Push(*stream, attached->handle, 1).ok());
  const absl::Status status = stream->Finish();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(status.message(), "always");
  EXPECT_EQ(end_, status);
  ASSERT_THAT(replies_, SizeIs(1));
  EXPECT_EQ(replies_[0].status, status);
  EXPECT_GT(remote_.calls(), 2);
  EXPECT_TRUE(over_.empty());
}

TEST_F(StreamResumeTest, AStreamThatIsRefusedIsNotTriedAgain) {
  server_->recur.on_stream = [](FakeRecur::StreamCall*) {
    return ServerError(StatusCode::INVALID_ARGUMENT, "too_many_items", "no");
  };
  auto stream = Open();
  EXPECT_EQ(ReasonOf(stream->Attach("s").status()), "too_many_items");
  EXPECT_THAT(server_->recur.shards(), SizeIs(1));
}

TEST_F(StreamResumeTest, ASilentConnectionIsReplaced) {
  server_->recur.on_stream = [this](FakeRecur::StreamCall* call) {
    if (server_->recur.shards().size() > 1) return remote_.OnStream()(call);
    v1::StreamRequest request;
    while (call->Read(&request)) {
    }
    return grpc::Status::OK;
  };
  auto stream = Open({.retry = kSoon, .silence = milliseconds(30)});
  EXPECT_TRUE(stream->Attach("s").ok());
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(StreamResumeTest, WhatIsNotDurableIsKeptAndTheStreamSaysWhenItIsFull) {
  remote_.durability = v1::DURABILITY_SHARED;
  auto stream =
      Open({.max_kept_items = 3, .wait_when_full = false, .retry = kSoon});
  const uint32_t handle = stream->Attach("s")->handle;
  for (uint64_t step = 1; step <= 3; ++step) {
    ASSERT_TRUE(Push(*stream, handle, step).ok());
  }
  while (replies() < 3) std::this_thread::yield();
  const absl::Status full = Push(*stream, handle, 4).status();
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(full), "stream_full");
  remote_.Commit();
  ASSERT_TRUE(stream->Drain().ok());
  EXPECT_TRUE(Push(*stream, handle, 4).ok());
  while (replies() < 4) std::this_thread::yield();
  remote_.Commit();
  EXPECT_TRUE(stream->Finish().ok());
  ExpectAnswers(handle, 4);
}

TEST_F(StreamResumeTest, BytesAreBoundedToo) {
  remote_.durability = v1::DURABILITY_SHARED;
  auto stream =
      Open({.max_kept_bytes = 100, .wait_when_full = false, .retry = kSoon});
  const uint32_t handle = stream->Attach("s")->handle;
  ASSERT_TRUE(Push(*stream, handle, 1).ok());  // alone, any item has room
  EXPECT_EQ(ReasonOf(Push(*stream, handle, 2).status()), "stream_full");
}

TEST_F(StreamResumeTest, APushWaitsForRoom) {
  remote_.durability = v1::DURABILITY_LOCAL;
  auto stream = Open({.max_kept_items = 2, .retry = kSoon});
  const uint32_t handle = stream->Attach("s")->handle;
  for (uint64_t step = 1; step <= 2; ++step) {
    ASSERT_TRUE(Push(*stream, handle, step).ok());
  }
  while (replies() < 2) std::this_thread::yield();
  auto third = std::async(std::launch::async,
                          [&] { return Push(*stream, handle, 3).status(); });
  EXPECT_EQ(third.wait_for(milliseconds(5)), std::future_status::timeout);
  remote_.Commit();
  EXPECT_TRUE(third.get().ok());
}

TEST_F(StreamResumeTest, DestructionWakesCallsThatWaitAndStreamsInAPause) {
  remote_.durability = v1::DURABILITY_LOCAL;
  RetryOptions retry = kSoon;
  retry.initial = retry.max = milliseconds(600'000);
  retry.budget = milliseconds(6'000'000);
  auto stream = Open({.max_kept_items = 1, .retry = retry});
  const uint32_t handle = stream->Attach("s")->handle;
  ASSERT_TRUE(Push(*stream, handle, 1).ok());
  Stream* waiting = stream.get();
  std::promise<void> begun;
  auto second = std::async(std::launch::async, [&, waiting] {
    begun.set_value();
    return Push(*waiting, handle, 2).status();
  });
  begun.get_future().wait();
  EXPECT_EQ(second.wait_for(milliseconds(5)), std::future_status::timeout);
  server_.reset();
  stream.reset();
  EXPECT_EQ(second.get().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(end_->code(), absl::StatusCode::kCancelled);
}

TEST_F(StreamResumeTest, AnAttachThatCannotBeTellsWhatIsInTheWay) {
  const std::string target = server_->target();
  auto stream = Open({.retry = kSoon}, milliseconds(60));
  server_.reset();
  const absl::Status status = stream->Attach("s").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(status.message(), HasSubstr("within 60 ms: "));
}

TEST_F(StreamResumeTest, ShardsNameThemselvesAndCarryTheirSessions) {
  remote_.fail = [](int call, int items) -> std::optional<grpc::Status> {
    if (call > 3 || items < 10) return std::nullopt;
    return grpc::Status(StatusCode::UNAVAILABLE, "killed");
  };
  auto stream = Open({.streams = 3, .retry = kSoon});
  std::map<uint32_t, std::string> sessions;
  for (int i = 0; i < 12; ++i) {
    const std::string id = "s" + std::to_string(i);
    const auto attached = stream->Attach(id);
    ASSERT_TRUE(attached.ok()) << attached.status();
    EXPECT_EQ(attached->handle % 3, ShardOf(id, 3));
    sessions[attached->handle] = id;
  }
  EXPECT_THAT(server_->recur.shards(), UnorderedElementsAre("0", "1", "2"));
  for (uint64_t step = 1; step <= 20; ++step) {
    for (const auto& [handle, id] : sessions) {
      ASSERT_TRUE(Push(*stream, handle, step).ok());
    }
  }
  EXPECT_TRUE(stream->Finish().ok());
  for (const auto& [handle, id] : sessions) ExpectAnswers(handle, 20);
  EXPECT_THAT(server_->recur.shards(), SizeIs(6));
}

}  // namespace
}  // namespace recur::client
