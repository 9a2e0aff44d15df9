// A server in the test's process that speaks as little of recur.v1 as the load
// generator needs: OpenSession, and Stream with attaches and items. Its
// forecasts are running sums, one of which it can get wrong.
#ifndef RECUR_TESTS_UNIT_CLIENT_LOAD_FAKE_PEER_H_
#define RECUR_TESTS_UNIT_CLIENT_LOAD_FAKE_PEER_H_

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "recur/v1/recur.grpc.pb.h"

namespace recur::load {

class FakeRecur final : public v1::Recur::Service {
 public:
  // Added to the sum of item `wrong_item` of each stream.
  double wrong_by = 0;
  uint64_t wrong_item = 100;
  // A stream is ended after so many messages with items; 0: never.
  int end_after = 0;
  // Items are not answered.
  bool silent = false;
  std::atomic<int> opened{0};
  // Refused from this session on.
  int max_sessions = 1'000'000;

  grpc::Status OpenSession(grpc::ServerContext*,
                           const v1::OpenSessionRequest* request,
                           v1::OpenSessionResponse* response) override {
    if (++opened > max_sessions) {
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "no more sessions"};
    }
    response->mutable_session()->set_session_id(request->session_id());
    return grpc::Status::OK;
  }

  grpc::Status Stream(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<v1::StreamResponse, v1::StreamRequest>* call)
      override {
    std::map<uint32_t, double> sums;
    uint64_t item = 0;
    int messages = 0;
    v1::StreamRequest request;
    while (call->Read(&request)) {
      v1::StreamResponse response;
      for (const v1::Attach& attach : request.attach()) {
        response.add_attached()->set_handle(attach.handle());
      }
      AddReplies(request.items(), &item, &sums, response.mutable_replies());
      messages += request.items().handle().empty() ? 0 : 1;
      if (end_after > 0 && messages > end_after) {
        return {grpc::StatusCode::UNAVAILABLE, "gone for lunch"};
      }
      if (silent && messages > 0) continue;
      if (!call->Write(response)) break;
    }
    return grpc::Status::OK;
  }

 private:
  // One step of one input per item.
  void AddReplies(const v1::Items& items, uint64_t* item,
                  std::map<uint32_t, double>* sums, v1::ItemReplies* replies) {
    for (int i = 0; i < items.handle_size(); ++i) {
      const double sum = (*sums)[items.handle(i)] += items.values(i);
      v1::ItemAnswer* answer = replies->add_answers();
      answer->set_index(i);
      answer->mutable_forecast()->add_point(*item == wrong_item ? sum + wrong_by
                                                                : sum);
      replies->add_item((*item)++);
      replies->add_handle(items.handle(i));
      replies->add_step(items.first_step(i));
      replies->add_applied_step(items.first_step(i));
    }
  }
};

struct FakePeer {
  FakePeer() {
    grpc::EnableDefaultHealthCheckService(false);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.RegisterService(&recur);
    server = builder.BuildAndStart();
  }
  ~FakePeer() {
    server->Shutdown(std::chrono::system_clock::now());
    server->Wait();
  }
  std::string target() const { return "127.0.0.1:" + std::to_string(port); }

  int port = 0;
  FakeRecur recur;
  std::unique_ptr<grpc::Server> server;
};

}  // namespace recur::load

#endif  // RECUR_TESTS_UNIT_CLIENT_LOAD_FAKE_PEER_H_
