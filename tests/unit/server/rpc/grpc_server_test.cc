#include "server/rpc/grpc_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <map>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/rpc/rpc_status.h"
#include "tests/unit/server/rpc/rpc_fixture.h"

namespace recur {
namespace {

using ::grpc::health::v1::HealthCheckResponse;

class GrpcServerTest : public RpcTest {
 protected:
  HealthCheckResponse::ServingStatus Health(const std::string& service) {
    auto stub = grpc::health::v1::Health::NewStub(channel_);
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    HealthCheckResponse response;
    const grpc::Status status = Call(
        stub.get(), &grpc::health::v1::Health::Stub::Check, request, &response);
    return status.ok() ? response.status()
                       : HealthCheckResponse::SERVICE_UNKNOWN;
  }
};

TEST_F(GrpcServerTest, TellsHealthOfEachService) {
  for (const char* name : {"", "recur.v1.Recur", "recur.v1.Models"}) {
    EXPECT_EQ(Health(name), HealthCheckResponse::SERVING) << name;
  }
  EXPECT_EQ(Health("nobody"), HealthCheckResponse::SERVICE_UNKNOWN);
  server_->SetServing(false);
  for (const char* name : {"", "recur.v1.Recur", "recur.v1.Models"}) {
    EXPECT_EQ(Health(name), HealthCheckResponse::NOT_SERVING) << name;
  }
}

// A client that nobody drives does not close its connection for seconds, and a
// watch of health never ends by itself.
TEST_F(GrpcServerTest, LeavesSoonWhenNoCallIsInProgress) {
  EXPECT_EQ(Health(""), HealthCheckResponse::SERVING);
  grpc::ClientContext context;
  const auto health = grpc::health::v1::Health::NewStub(channel_);
  const auto watch = health->Watch(&context, {});
  HealthCheckResponse response;
  ASSERT_TRUE(watch->Read(&response));
  const auto start = std::chrono::steady_clock::now();
  server_->Shutdown(std::chrono::system_clock::now() +
                    std::chrono::seconds(60));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
  while (watch->Read(&response)) {
  }
  EXPECT_FALSE(watch->Finish().ok());
}

TEST_F(GrpcServerTest, LetsAStreamFinishBeforeItLeaves) {
  Open("sum", "a");
  grpc::ClientContext context;
  const auto stream = recur_->Stream(&context);
  v1::StreamRequest request;
  request.add_attach()->set_session_id("a");
  ASSERT_TRUE(stream->Write(request));
  v1::StreamResponse response;
  ASSERT_TRUE(stream->Read(&response));
  const auto left = std::async(std::launch::async, [&] {
    server_->Shutdown(std::chrono::system_clock::now() +
                      std::chrono::seconds(60));
  });
  // Long enough for a server that does not wait to have cut the connection.
  EXPECT_EQ(left.wait_for(std::chrono::seconds(1)),
            std::future_status::timeout);
  request.Clear();
  request.mutable_items()->add_handle(0);
  request.mutable_items()->add_values(3);
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.replies().applied_step(0), 1u);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  left.wait();
}

TEST_F(GrpcServerTest, NoticesThatAPortIsInUse) {
  const auto second = GrpcServer::Create({.listen = address()}, service_.get(),
                                         repository_.get());
  EXPECT_THAT(
      ToRpcStatus(second.status()),
      IsError(grpc::StatusCode::FAILED_PRECONDITION, "cannot_listen",
              "cannot listen on " + address() + ": Address already in use"));
}

TEST_F(GrpcServerTest, SaysWhyItCannotHaveAnAddress) {
  const auto server = GrpcServer::Create({.listen = "192.0.2.1:0"},
                                         service_.get(), repository_.get());
  EXPECT_THAT(ToRpcStatus(server.status()),
              IsError(grpc::StatusCode::FAILED_PRECONDITION, "cannot_listen",
                      "192.0.2.1:0: Cannot assign requested address"));
}

TEST_F(GrpcServerTest, RefusesAMessageBeyondItsLimit) {
  v1::ForecastRequest request;
  request.set_model("sum");
  request.mutable_context()->mutable_values()->Resize(5'000'000, 1.0f);
  v1::ForecastResponse response;
  EXPECT_EQ(Call(recur_.get(), &v1::Recur::Stub::Forecast, request, &response)
                .error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(GrpcServerTest, ListsModelsAndWhatTheyAre) {
  v1::ListModelsResponse response;
  ASSERT_TRUE(Call(models_.get(), &v1::Models::Stub::ListModels,
                   v1::ListModelsRequest(), &response)
                  .ok());
  ASSERT_EQ(response.models_size(), 3);
  EXPECT_EQ(response.models(0).name(), "label");
  EXPECT_EQ(response.models(0).labels_size(), 2);
  EXPECT_EQ(response.models(1).name(), "pair");
  EXPECT_EQ(response.models(2).state(), v1::MODEL_STATE_READY);
  EXPECT_EQ(response.models(2).engine(), "reference");

  v1::GetModelRequest get;
  get.set_model("rain");
  v1::GetModelResponse got;
  EXPECT_THAT(Call(models_.get(), &v1::Models::Stub::GetModel, get, &got),
              IsError(grpc::StatusCode::NOT_FOUND, "model_unknown", "rain"));
}

TEST_F(GrpcServerTest, LoadsAndUnloadsModels) {
  ASSERT_TRUE(WriteModel(AccumulatorModel(1), root_.path() / "sum" / "2").ok());
  v1::LoadModelRequest load;
  load.set_model("sum");
  v1::LoadModelResponse loaded;
  ASSERT_TRUE(
      Call(models_.get(), &v1::Models::Stub::LoadModel, load, &loaded).ok());
  EXPECT_EQ(loaded.model().version(), 2);
  EXPECT_TRUE(loaded.model().latest());

  v1::UnloadModelRequest unload;
  unload.set_model("pair");
  v1::UnloadModelResponse unloaded;
  EXPECT_TRUE(
      Call(models_.get(), &v1::Models::Stub::UnloadModel, unload, &unloaded)
          .ok());
  EXPECT_FALSE(repository_->Find("pair", std::nullopt).ok());
}

TEST_F(GrpcServerTest, ListsAModelThatIsCorruptAsFailed) {
  WriteBrokenModel(root_.path() / "broken" / "1");
  repository_->Poll();
  v1::GetModelRequest request;
  request.set_model("broken");
  v1::GetModelResponse response;
  ASSERT_TRUE(
      Call(models_.get(), &v1::Models::Stub::GetModel, request, &response)
          .ok());
  EXPECT_EQ(response.model().state(), v1::MODEL_STATE_FAILED);
  EXPECT_THAT(response.model().error(),
              ::testing::HasSubstr("weights.safetensors"));
}

}  // namespace
}  // namespace recur
