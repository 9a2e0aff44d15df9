// A real gRPC server on loopback with three models, and a client of it:
//   "sum"   forecasts the running sum of one column
//   "pair"  the same of two columns
//   "label" classifies two columns
#ifndef RECUR_TESTS_UNIT_SERVER_RPC_RPC_FIXTURE_H_
#define RECUR_TESTS_UNIT_SERVER_RPC_RPC_FIXTURE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/format/model_directory.h"
#include "model/network/reference/reference_engine.h"
#include "recur/v1/models.grpc.pb.h"
#include "recur/v1/recur.grpc.pb.h"
#include "server/core/service.h"
#include "server/lane/lane_thread.h"
#include "server/repository/repository.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/write_turn.h"
#include "tests/unit/server/accumulator_model.h"
#include "tests/unit/server/repository/small_model.h"
#include "tests/unit/server/rpc/wire_error.h"

namespace recur {

class RpcTest : public ::testing::Test {
 protected:
  RpcTest()
      : lanes_(2, {},
               {.before_turn = BeginWriteTurn, .after_turn = EndWriteTurn}) {
    Write(AccumulatorModel(1), "sum");
    Write(AccumulatorModel(2), "pair");
    Write(SmallModel(1), "label");
    auto repository = Repository::Create(
        {.root = root_.path(),
         .warm =
             [this](const std::shared_ptr<const Servable>& model) {
               return service_->Warm(model);
             },
         .create_engine = CreateReferenceEngine});
    EXPECT_TRUE(repository.ok()) << repository.status();
    repository_ = *std::move(repository);
    service_ = std::make_unique<Service>(Service::Options{}, repository_.get(),
                                         &lanes_);
    repository_->Poll();
    auto server = GrpcServer::Create({.listen = "127.0.0.1:0"}, service_.get(),
                                     repository_.get());
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    server_->SetServing(true);
    channel_ =
        grpc::CreateChannel(address(), grpc::InsecureChannelCredentials());
    recur_ = v1::Recur::NewStub(channel_);
    models_ = v1::Models::NewStub(channel_);
  }

  std::string address() const {
    return absl::StrCat("127.0.0.1:", server_->bound_port());
  }

  void Write(const Model& model, const std::string& name) {
    ASSERT_TRUE(WriteModel(model, root_.path() / name / "1").ok());
  }

  // Calls a method with a deadline of its own.
  template <typename Stub, typename Request, typename Response>
  grpc::Status Call(Stub* stub,
                    grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                 const Request&, Response*),
                    const Request& request, Response* response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(20));
    return (stub->*method)(&context, request, response);
  }

  std::string Open(const std::string& model, const std::string& id) {
    v1::OpenSessionRequest request;
    request.set_model(model);
    request.set_session_id(id);
    v1::OpenSessionResponse response;
    const grpc::Status status =
        Call(recur_.get(), &v1::Recur::Stub::OpenSession, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.session().session_id();
  }

  grpc::Status Observe(const v1::ObserveRequest& request,
                       v1::ObserveResponse* response) {
    return Call(recur_.get(), &v1::Recur::Stub::Observe, request, response);
  }

  static v1::ObserveRequest ObserveOf(const std::string& id, uint64_t step,
                                      const std::vector<float>& values) {
    v1::ObserveRequest request;
    request.set_session_id(id);
    request.set_first_step(step);
    request.set_want(v1::WANT_FORECAST);
    for (float value : values)
      request.mutable_observations()->add_values(value);
    return request;
  }

  TemporaryDirectory root_;
  LaneThreads lanes_;
  std::unique_ptr<Repository> repository_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<GrpcServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Recur::Stub> recur_;
  std::unique_ptr<v1::Models::Stub> models_;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_RPC_RPC_FIXTURE_H_
