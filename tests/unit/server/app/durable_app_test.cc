// The whole server with sessions on disk: what is acknowledged, on the wire.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <thread>
#include <vector>

#include "tests/unit/server/app/app_fixture.h"

namespace recur {
namespace {

class DurableAppTest : public AppTest {
 protected:
  using Stream =
      grpc::ClientReaderWriter<v1::StreamRequest, v1::StreamResponse>;

  DurableAppTest() { options_.store = "rocksdb:" + disk_.path().string(); }

  v1::GetSessionResponse Get(const std::string& id) {
    v1::GetSessionRequest request;
    request.set_session_id(id);
    v1::GetSessionResponse response;
    grpc::ClientContext context;
    SetDeadline(&context);
    const grpc::Status status =
        recur_->GetSession(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  v1::ObserveResponse Observe(const std::string& id, uint64_t step, float value,
                              bool wait_durable) {
    v1::ObserveRequest request;
    request.set_session_id(id);
    request.set_first_step(step);
    request.mutable_observations()->add_values(value);
    request.set_want(v1::WANT_FORECAST);
    request.set_wait_durable(wait_durable);
    v1::ObserveResponse response;
    grpc::ClientContext context;
    SetDeadline(&context);
    const grpc::Status status = recur_->Observe(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  static v1::StreamRequest Attaching(uint32_t handle, const std::string& id) {
    v1::StreamRequest request;
    request.add_attach()->set_handle(handle);
    request.mutable_attach(0)->set_session_id(id);
    return request;
  }

  static void AddItem(uint32_t handle, uint64_t step, float value,
                      v1::StreamRequest* request) {
    request->mutable_items()->add_handle(handle);
    request->mutable_items()->add_first_step(step);
    request->mutable_items()->add_values(value);
  }

  // Reads until the stream says that the handle is durable so far.
  static bool ReadUntilDurable(Stream* stream, uint32_t handle, uint64_t step) {
    v1::StreamResponse response;
    while (stream->Read(&response)) {
      const v1::Watermarks& durable = response.durable();
      for (int i = 0; i < durable.handle_size(); ++i) {
        if (durable.handle(i) == handle && durable.durable_step(i) >= step) {
          return true;
        }
      }
    }
    return false;
  }

  TemporaryDirectory disk_;
};

TEST_F(DurableAppTest, SaysThatSessionsSurviveTheProcess) {
  Start();
  ASSERT_TRUE(Open("sum", "a").ok());
  EXPECT_EQ(Get("a").session().durability(), v1::DURABILITY_LOCAL);
}

TEST_F(DurableAppTest, AnswersWhoWaitsOnceItIsDurable) {
  Start();
  ASSERT_TRUE(Open("sum", "a").ok());
  const v1::ObserveResponse response = Observe("a", 1, 3, true);
  EXPECT_EQ(response.durable_step(), 1u);
  EXPECT_EQ(response.forecast().point(0), 3);
}

TEST_F(DurableAppTest, TellsStreamsUnaskedHowFarTheyAreDurable) {
  Start();
  ASSERT_TRUE(Open("sum", "a").ok());
  grpc::ClientContext context;
  SetDeadline(&context);
  const auto stream = recur_->Stream(&context);
  v1::StreamRequest request = Attaching(7, "a");
  for (uint64_t step = 1; step <= 20; ++step) AddItem(7, step, 1, &request);
  ASSERT_TRUE(stream->Write(request));
  EXPECT_TRUE(ReadUntilDurable(stream.get(), 7, 20));
  stream->WritesDone();
  v1::StreamResponse response;
  while (stream->Read(&response)) {
  }
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(DurableAppTest, RepliesSayHowFarTheSessionIsDurable) {
  Start();
  ASSERT_TRUE(Open("sum", "a").ok());
  Observe("a", 1, 3, true);
  grpc::ClientContext context;
  SetDeadline(&context);
  const auto stream = recur_->Stream(&context);
  v1::StreamRequest request = Attaching(7, "a");
  AddItem(7, 2, 4, &request);
  request.set_wait_durable(true);
  ASSERT_TRUE(stream->Write(request));
  stream->WritesDone();
  std::vector<uint64_t> steps;
  std::vector<uint64_t> resume;
  v1::StreamResponse response;
  while (stream->Read(&response)) {
    for (const auto& attached : response.attached()) {
      resume.push_back(attached.resume_step());
      EXPECT_EQ(attached.session().durable_step(), 1u);
    }
    steps.insert(steps.end(), response.replies().durable_step().begin(),
                 response.replies().durable_step().end());
  }
  EXPECT_THAT(resume, ::testing::ElementsAre(2));
  EXPECT_THAT(steps, ::testing::ElementsAre(2));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(DurableAppTest, AGoAwaySaysHowFarTheHandlesAreDurable) {
  Start();
  ASSERT_TRUE(Open("sum", "a").ok());
  grpc::ClientContext context;
  SetDeadline(&context);
  const auto stream = recur_->Stream(&context);
  v1::StreamRequest request = Attaching(7, "a");
  AddItem(7, 1, 4, &request);
  ASSERT_TRUE(stream->Write(request));
  EXPECT_TRUE(ReadUntilDurable(stream.get(), 7, 1));
  app_->Drain();
  v1::StreamResponse response;
  v1::GoAway last;
  while (stream->Read(&response)) {
    if (response.has_go_away()) last = response.go_away();
  }
  EXPECT_THAT(last.durable().handle(), ::testing::ElementsAre(7));
  EXPECT_THAT(last.durable().durable_step(), ::testing::ElementsAre(1));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(DurableAppTest, TellsStreamsThatStepOnAndOnToGoAway) {
  options_.grace = std::chrono::seconds(16);
  Start();
  constexpr int kStreams = 4;
  std::latch busy(kStreams);
  std::atomic<int> told = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kStreams; ++i) {
    threads.emplace_back([&, id = absl::StrCat("s", i)] {
      EXPECT_TRUE(Open("sum", id).ok());
      grpc::ClientContext context;
      SetDeadline(&context);
      const auto stream = recur_->Stream(&context);
      v1::StreamRequest request = Attaching(7, id);
      v1::StreamResponse response;
      for (uint64_t step = 1; !response.has_go_away(); ++step) {
        AddItem(7, step, 1, &request);
        if (!stream->Write(request) || !stream->Read(&response)) break;
        request.Clear();
        if (step == 100) busy.count_down();
      }
      do {
        if (response.has_go_away()) ++told;
      } while (stream->Read(&response));
      EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
    });
  }
  busy.wait();
  const auto began = std::chrono::steady_clock::now();
  app_->Drain();
  EXPECT_LT(std::chrono::steady_clock::now() - began, options_.grace / 8);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(told, kStreams);
}

TEST_F(DurableAppTest, ComesBackWithEverythingAfterADrain) {
  Start();
  ASSERT_TRUE(Open("sum", "a").ok());
  for (uint64_t step = 1; step <= 10; ++step) Observe("a", step, 2, false);
  app_->Drain();
  app_.reset();
  Start();
  EXPECT_EQ(Get("a").session().applied_step(), 10u);
  EXPECT_EQ(Observe("a", 11, 2, false).forecast().point(0), 22);
}

TEST_F(DurableAppTest, TheSameRequestFindsItsSessionInTheNextRun) {
  v1::OpenSessionRequest request;
  request.set_model("sum");
  request.set_request_id("mine");
  std::vector<std::string> ids;
  for (int run = 0; run < 2; ++run) {
    Start();
    v1::OpenSessionResponse response;
    grpc::ClientContext context;
    SetDeadline(&context);
    ASSERT_TRUE(recur_->OpenSession(&context, request, &response).ok());
    ids.push_back(response.session().session_id());
    app_.reset();
  }
  EXPECT_EQ(ids[0], ids[1]);
}

}  // namespace
}  // namespace recur
