// An echo server on gRPC's callback API: the library's own threads.

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "recur/v1/recur.grpc.pb.h"
#include "tests/bench/echo/echo_answer.h"

namespace recur {
namespace {

// One stream: reads a message, writes its answer, reads the next. Both
// messages live as long as the stream, so their memory is used again.
class EchoReactor
    : public grpc::ServerBidiReactor<v1::StreamRequest, v1::StreamResponse> {
 public:
  EchoReactor() { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    echo_.Answer(request_, &response_);
    StartWrite(&response_);
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      StartRead(&request_);
    } else {
      Finish(grpc::Status::OK);
    }
  }

  void OnDone() override { delete this; }

 private:
  v1::StreamRequest request_;
  v1::StreamResponse response_;
  StreamEcho echo_;
};

class EchoService : public v1::Recur::CallbackService {
 public:
  grpc::ServerUnaryReactor* OpenSession(
      grpc::CallbackServerContext* context,
      const v1::OpenSessionRequest* request,
      v1::OpenSessionResponse* response) override {
    AnswerOpen(*request, response);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerBidiReactor<v1::StreamRequest, v1::StreamResponse>* Stream(
      grpc::CallbackServerContext*) override {
    return new EchoReactor;
  }
};

int Main(int argc, char** argv) {
  const int wanted_port = PortFromCommandLine(argc, argv);
  if (wanted_port < 0) return 2;
  // Blocked before any thread starts, so that sigwait below is the only taker.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  EchoService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(wanted_port),
                           grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) return 1;
  std::printf("listening on 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  int taken = 0;
  sigwait(&ends, &taken);
  server->Shutdown(std::chrono::system_clock::now());
  return 0;
}

}  // namespace
}  // namespace recur

int main(int argc, char** argv) { return recur::Main(argc, argv); }
