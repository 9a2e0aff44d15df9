#include "server/app/server_app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "model/spec/error_reason.h"
#include "server/rpc/rpc_status.h"
#include "tests/unit/server/app/app_fixture.h"
#include "tests/unit/server/rpc/wire_error.h"

namespace recur {
namespace {

class ServerAppTest : public AppTest {};

TEST_F(ServerAppTest, ServesAndStops) {
  Start();
  EXPECT_GT(app_->grpc_port(), 0);
  EXPECT_GT(app_->http_port(), 0);
  EXPECT_TRUE(Open("sum", "a").ok());
  app_->Drain();
  EXPECT_EQ(Open("sum", "b").error_code(), grpc::StatusCode::UNAVAILABLE);
  app_->Stop();
  app_->Stop();
}

TEST_F(ServerAppTest, NamesAModelsDirectoryThatIsMissing) {
  options_.models = (root_.path() / "nowhere").string();
  const auto app = ServerApp::Create(options_);
  EXPECT_EQ(app.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(app.status().message()),
              ::testing::HasSubstr(options_.models));
}

TEST_F(ServerAppTest, NamesAStoreThatItDoesNotKnow) {
  options_.store = "tape:reel";
  const absl::Status status = ServerApp::Create(options_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(status), "bad_option");
  EXPECT_THAT(std::string(status.message()),
              ::testing::StartsWith("--store: "));
}

TEST_F(ServerAppTest, NoticesThatAPortIsInUse) {
  Start();
  const std::string grpc = absl::StrCat("127.0.0.1:", app_->grpc_port());
  const std::string http = absl::StrCat("127.0.0.1:", app_->http_port());
  options_.listen = grpc;
  auto second = ServerApp::Create(options_);
  ASSERT_TRUE(second.ok()) << second.status();
  absl::Status status = (*second)->Start();
  EXPECT_EQ(ReasonOf(status), "cannot_listen");
  EXPECT_THAT(std::string(status.message()),
              ::testing::HasSubstr(grpc + ": Address already in use"));
  options_.listen = "127.0.0.1:0";
  options_.http = http;
  second = ServerApp::Create(options_);
  ASSERT_TRUE(second.ok()) << second.status();
  status = (*second)->Start();
  EXPECT_THAT(std::string(status.message()),
              ::testing::HasSubstr("Address already in use"));
}

TEST_F(ServerAppTest, RefusesAnAddressThatIsNone) {
  for (const char* address : {"8001", "localhost:", "localhost:99999", ":1"}) {
    options_.listen = address;
    EXPECT_THAT(ToRpcStatus(ServerApp::Create(options_).status()),
                IsError(grpc::StatusCode::INVALID_ARGUMENT, "bad_option",
                        absl::StrCat("--listen is \"", address, "\"")));
  }
  options_.listen = "127.0.0.1:0";
  options_.http = "8002";
  EXPECT_THAT(ToRpcStatus(ServerApp::Create(options_).status()),
              IsError(grpc::StatusCode::INVALID_ARGUMENT, "bad_option",
                      "--http is \"8002\""));
}

TEST_F(ServerAppTest, ServesTheOthersWhenAModelIsCorrupt) {
  WriteBrokenModel(root_.path() / "broken" / "1");
  Start();
  EXPECT_TRUE(Open("sum", "a").ok());
  EXPECT_EQ(Open("broken", "b").error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerAppTest, RefusesSessionsBeyondItsLimit) {
  options_.lanes = 1;
  options_.max_sessions = 2;
  Start();
  EXPECT_TRUE(Open("sum", "a").ok());
  EXPECT_TRUE(Open("sum", "b").ok());
  EXPECT_THAT(Open("sum", "c"), IsError(grpc::StatusCode::RESOURCE_EXHAUSTED,
                                        "too_many_sessions", "2"));
}

TEST_F(ServerAppTest, RefusesATimeThatIsLate) {
  Model model = AccumulatorModel(1);
  model.spec.features.interval = std::chrono::hours(24);
  Write(model, "daily");
  Start();
  ASSERT_TRUE(Open("daily", "d").ok());
  v1::ObserveRequest request;
  request.set_session_id("d");
  request.mutable_observations()->add_values(1);
  request.mutable_observations()->add_time_us(1'388'620'800'000'000);
  v1::ObserveResponse response;
  for (int step : {1, 2}) {
    request.set_first_step(step);
    grpc::ClientContext context;
    const grpc::Status status = recur_->Observe(&context, request, &response);
    if (step == 1) {
      EXPECT_TRUE(status.ok()) << status.error_message();
      continue;
    }
    EXPECT_THAT(status, IsError(grpc::StatusCode::INVALID_ARGUMENT, "time_late",
                                "2014-01-02T00:00:00Z is late"));
    EXPECT_EQ(ErrorOf(status).metadata.at("expected_time"),
              "2014-01-03T00:00:00Z");
  }
}

}  // namespace
}  // namespace recur
