// One bidirectional call under a Stream: writes the messages it is given one
// at a time, reads until the end. It knows nothing of items; when a connection
// is lost, a Stream puts another under itself.
#ifndef RECUR_CLIENT_SDK_STREAM_CONNECTION_H_
#define RECUR_CLIENT_SDK_STREAM_CONNECTION_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/client_callback.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "recur/v1/recur.grpc.pb.h"

namespace recur::client {

class StreamConnection final
    : public grpc::ClientBidiReactor<v1::StreamRequest, v1::StreamResponse> {
 public:
  // Called from transport threads, and NextMessage also from within Wake.
  class Owner {
   public:
    virtual ~Owner() = default;
    // What to write next; nullopt: nothing now, Wake will tell.
    virtual std::optional<v1::StreamRequest> NextMessage() = 0;
    // An error ends the connection with that status.
    virtual absl::Status OnMessage(const v1::StreamResponse& message) = 0;
    // The last call; the connection touches nothing of itself after it began,
    // and may be destroyed, but on another thread: on gRPC's, the last channel
    // of a process would wait for itself.
    virtual void OnEnd(const absl::Status& status) = 0;
  };

  // `owner` must outlive the OnEnd call. `shard` is what the header of
  // client/replay/shard.h says.
  StreamConnection(std::shared_ptr<grpc::Channel> channel,
                   const std::string& shard, Owner* owner);

  // The other calls may come before; they take effect with this one.
  void Start();
  // There may be something to write.
  void Wake();
  // No message will follow those the owner has now.
  void HalfClose();
  void Cancel();

 private:
  void WriteNext();
  void ReleaseHold();
  void OnWriteDone(bool ok) override;
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

  std::unique_ptr<v1::Recur::Stub> stub_;
  Owner* owner_;
  grpc::ClientContext context_;
  v1::StreamResponse incoming_;  // of the reading thread

  std::mutex mutex_;
  v1::StreamRequest outgoing_;  // while writing_
  bool writing_ = false;
  bool half_close_ = false;
  bool closed_ = true;  // nothing is written: not yet, or not any more
  absl::Status failure_;
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_STREAM_CONNECTION_H_
