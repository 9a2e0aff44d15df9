// A whole server in this process, as recur-server runs it, with two models:
//   "sum"  forecasts the running sum of one column
//   "pair" the same of two columns
#ifndef RECUR_TESTS_UNIT_SERVER_APP_APP_FIXTURE_H_
#define RECUR_TESTS_UNIT_SERVER_APP_APP_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/format/model_directory.h"
#include "recur/v1/recur.grpc.pb.h"
#include "server/app/server_app.h"
#include "tests/unit/server/accumulator_model.h"
#include "tests/unit/server/repository/small_model.h"

namespace recur {

class AppTest : public ::testing::Test {
 protected:
  AppTest() {
    options_.models = root_.path().string();
    options_.listen = "127.0.0.1:0";
    options_.http = "127.0.0.1:0";
    options_.lanes = 2;
    options_.model_poll = std::chrono::seconds(0);
    Write(AccumulatorModel(1), "sum");
    Write(AccumulatorModel(2), "pair");
  }

  void Write(const Model& model, const std::string& name) {
    ASSERT_TRUE(WriteModel(model, root_.path() / name / "1").ok());
  }

  void Start() {
    auto app = ServerApp::Create(options_);
    ASSERT_TRUE(app.ok()) << app.status();
    app_ = *std::move(app);
    const absl::Status started = app_->Start();
    ASSERT_TRUE(started.ok()) << started;
    Connect(app_->grpc_port());
  }

  void Connect(int port) {
    channel_ = grpc::CreateChannel(absl::StrCat("127.0.0.1:", port),
                                   grpc::InsecureChannelCredentials());
    recur_ = v1::Recur::NewStub(channel_);
  }

  grpc::Status Open(const std::string& model, const std::string& id) {
    v1::OpenSessionRequest request;
    request.set_model(model);
    request.set_session_id(id);
    v1::OpenSessionResponse response;
    grpc::ClientContext context;
    SetDeadline(&context);
    return recur_->OpenSession(&context, request, &response);
  }

  static void SetDeadline(grpc::ClientContext* context) {
    context->set_deadline(std::chrono::system_clock::now() +
                          std::chrono::seconds(120));
  }

  TemporaryDirectory root_;
  ServerOptions options_;
  std::unique_ptr<ServerApp> app_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Recur::Stub> recur_;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_APP_APP_FIXTURE_H_
