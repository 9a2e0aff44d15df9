// Whole sequences classified beside the live load: so many Classify calls, of
// one long sequence each, are under way all the time.
#ifndef RECUR_CLIENT_LOAD_BULK_CALLS_H_
#define RECUR_CLIENT_LOAD_BULK_CALLS_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "client/load/event_loop.h"
#include "client/load/load_connection.h"
#include "client/load/load_stats.h"
#include "recur/v1/recur.grpc.pb.h"

namespace recur::load {

class BulkCalls {
 public:
  struct Options {
    std::string model;
    int steps = 1'000;
    int features = 1;
    int in_flight = 4;
    uint64_t seed = 1;
  };

  // All must outlive this. Calls may be under way when it is destroyed only if
  // the loop has been drained after Cancel.
  BulkCalls(const Options& options, EventLoop* loop, LoadConnection* connection,
            LoadStats* stats);

  void Start();
  // Ends all calls; what comes of them is not counted.
  void Cancel();

 private:
  struct Call {
    std::optional<grpc::ClientContext> context;
    v1::ClassifyResponse response;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<v1::ClassifyResponse>>
        reader;
    TimePoint sent;
    Completion on_done;
  };

  void Next(Call* call);
  void OnDone(Call* call);

  const Options options_;
  EventLoop* const loop_;
  LoadConnection* const connection_;
  LoadStats* const stats_;
  const std::unique_ptr<v1::Recur::Stub> stub_;
  v1::ClassifyRequest request_;
  std::deque<Call> calls_;
  bool cancelled_ = false;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_BULK_CALLS_H_
