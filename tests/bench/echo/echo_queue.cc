// An echo server on gRPC's completion queues: one queue, one thread.

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "recur/v1/recur.grpc.pb.h"
#include "tests/bench/echo/echo_answer.h"

namespace recur {
namespace {

using Service = v1::Recur::AsyncService;
using Queue = grpc::ServerCompletionQueue;

// What a completion's tag points at. A call owns itself: it deletes itself with
// its last event.
class Call {
 public:
  virtual ~Call() = default;
  virtual void OnEvent(bool ok) = 0;
};

class OpenCall : public Call {
 public:
  OpenCall(Service* service, Queue* queue) : service_(service), queue_(queue) {
    service->RequestOpenSession(&context_, &request_, &writer_, queue, queue,
                                this);
  }

  void OnEvent(bool ok) override {
    if (!ok || finished_) {
      delete this;
      return;
    }
    new OpenCall(service_, queue_);
    finished_ = true;
    AnswerOpen(request_, &response_);
    writer_.Finish(response_, grpc::Status::OK, this);
  }

 private:
  Service* const service_;
  Queue* const queue_;
  grpc::ServerContext context_;
  v1::OpenSessionRequest request_;
  v1::OpenSessionResponse response_;
  grpc::ServerAsyncResponseWriter<v1::OpenSessionResponse> writer_{&context_};
  bool finished_ = false;
};

// One stream: reads a message, writes its answer, reads the next. Both
// messages live as long as the stream, so their memory is used again.
class StreamCall : public Call {
 public:
  StreamCall(Service* service, Queue* queue)
      : service_(service), queue_(queue) {
    service->RequestStream(&context_, &stream_, queue, queue, this);
  }

  void OnEvent(bool ok) override {
    switch (waits_for_) {
      case kAccept:
        if (!ok) return delete this;
        new StreamCall(service_, queue_);
        return Read();
      case kRead:
        if (!ok) return Finish();
        echo_.Answer(request_, &response_);
        waits_for_ = kWrite;
        return stream_.Write(response_, this);
      case kWrite:
        return ok ? Read() : Finish();
      case kFinish:
        delete this;
    }
  }

 private:
  enum Event { kAccept, kRead, kWrite, kFinish };

  void Read() {
    waits_for_ = kRead;
    stream_.Read(&request_, this);
  }

  void Finish() {
    waits_for_ = kFinish;
    stream_.Finish(grpc::Status::OK, this);
  }

  Service* const service_;
  Queue* const queue_;
  grpc::ServerContext context_;
  grpc::ServerAsyncReaderWriter<v1::StreamResponse, v1::StreamRequest> stream_{
      &context_};
  v1::StreamRequest request_;
  v1::StreamResponse response_;
  StreamEcho echo_;
  Event waits_for_ = kAccept;
};

// Until the queue is shut down. From the tag nullptr on, which it answers with
// `stopped`, it starts nothing more: each call has at most one event to come,
// and ends with it.
void Serve(Queue* queue, std::promise<void>* stopped) {
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok) && tag != nullptr) {
    static_cast<Call*>(tag)->OnEvent(ok);
  }
  stopped->set_value();
  while (queue->Next(&tag, &ok)) delete static_cast<Call*>(tag);
}

int Main(int argc, char** argv) {
  const int wanted_port = PortFromCommandLine(argc, argv);
  if (wanted_port < 0) return 2;
  // Blocked before any thread starts, so that sigwait below is the only taker.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);

  Service service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:" + std::to_string(wanted_port),
                           grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<Queue> queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) return 1;
  new OpenCall(&service, queue.get());
  new StreamCall(&service, queue.get());
  std::promise<void> stopped;
  std::thread thread(Serve, queue.get(), &stopped);
  std::printf("listening on 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  int taken = 0;
  sigwait(&ends, &taken);
  grpc::Alarm alarm;
  alarm.Set(queue.get(), std::chrono::system_clock::now(), nullptr);
  stopped.get_future().wait();
  server->Shutdown(std::chrono::system_clock::now());
  queue->Shutdown();
  thread.join();
  return 0;
}

}  // namespace
}  // namespace recur

int main(int argc, char** argv) { return recur::Main(argc, argv); }
