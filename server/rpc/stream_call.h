// One Stream call: reads messages, attaches handles, hands items to the core
// and writes the replies.
//
// Messages are handled one after the other: a message's detaches first, then
// its attaches, then its items, once all its attaches are resolved. Writing is
// coalesced: one write is in flight, and what has come in meanwhile goes into
// the next one. Nothing is read while too much is unanswered or unwritten, so
// that a client that does not read its answers is held up and costs no memory.
//
// The stream ends OK when the client has closed its side and everything is
// answered; with INVALID_ARGUMENT after a message that cannot be read, once
// what came before is answered; and UNAVAILABLE draining, in the same way, when
// the server is about to leave. Items that were read after that are not
// applied.
//
// Lanes answer within Submit, or later on other threads and even after the call
// has ended: the object is shared, and lives until gRPC is done with it and the
// last item is answered.
#ifndef RECUR_SERVER_RPC_STREAM_CALL_H_
#define RECUR_SERVER_RPC_STREAM_CALL_H_

#include <grpcpp/alarm.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "recur/v1/recur.pb.h"
#include "server/core/service.h"
#include "server/lane/item_batch.h"
#include "server/rpc/batch_pool.h"
#include "server/rpc/connection.h"
#include "server/rpc/live_streams.h"
#include "server/rpc/open_calls.h"
#include "server/rpc/stream_items.h"
#include "server/rpc/stream_replies.h"
#include "server/rpc/stream_watermarks.h"

namespace recur {

class StreamCall
    : public grpc::ServerBidiReactor<v1::StreamRequest, v1::StreamResponse>,
      public ItemSink,
      public Leaver,
      public DurableWatcher,
      public std::enable_shared_from_this<StreamCall> {
 public:
  // Handles per stream.
  static constexpr size_t kMaxHandles = 100'000;
  static constexpr int kMaxAttachesPerMessage = 65'536;
  // Nothing is read while more items and attaches, or more bytes of
  // observations and answers, than this are unanswered or unwritten.
  static constexpr size_t kMaxOpenItems = 16'384;
  static constexpr size_t kMaxOpenBytes = size_t{16} << 20;

  // What the Stream handler returns: a call that gRPC owns from then on.
  // `service`, `calls` and `streams` must outlive it. `connection` is the one
  // that the call came on, or null.
  static grpc::ServerBidiReactor<v1::StreamRequest, v1::StreamResponse>* Start(
      grpc::CallbackServerContext* context, Service* service, OpenCalls* calls,
      LiveStreams* streams, std::shared_ptr<BatchPool> batches,
      std::shared_ptr<Connection> connection);

  StreamCall(grpc::CallbackServerContext* context, Service* service,
             OpenCalls* calls, LiveStreams* streams,
             std::shared_ptr<BatchPool> batches,
             std::shared_ptr<Connection> connection);

  // gRPC's.
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  // The lanes'.
  void ItemsDone(const std::shared_ptr<ItemBatch>& batch,
                 absl::Span<const uint32_t> indices) override;

  void BecameDurable(absl::Span<const Watermark> marks) override;

  // The server's.
  void GoAway(const std::string& reason) override;

 private:
  // Handling one message; `request_` is not read into meanwhile.
  void HandleMessage();
  void StartAttach(int index);
  void AttachResolved();
  void FinishAttaches();
  void Bind(uint32_t handle, const SessionInfo& session);
  void Unbind(uint32_t handle);
  void HandleItems();
  void SubmitItems(std::shared_ptr<StreamBatch> batch);
  void MessageDone();

  // No more is read; the call ends with `status` when all is answered. What
  // comes first counts.
  void CloseLocked(absl::Status status);

  // Starts whatever can be started: a write, a read, or the end.
  void Pump();
  bool CanWrite() const;
  bool CanRead() const;
  bool CanFinish() const;
  void WriteNext(std::unique_lock<std::mutex>* lock);
  void ReadNext(std::unique_lock<std::mutex>* lock);

  Service* const service_;
  OpenCalls* const calls_;
  LiveStreams* const streams_;
  const std::shared_ptr<BatchPool> batches_;
  std::shared_ptr<Connection> connection_;  // until OnDone
  const bool durable_;                      // sessions outlive the process
  const std::optional<TimePoint> deadline_;
  std::shared_ptr<StreamCall> self_;  // until OnDone

  // The present message's: touched by whoever handles it.
  v1::StreamRequest request_;
  Bindings bindings_;
  uint64_t next_item_ = 0;
  std::vector<absl::StatusOr<SessionInfo>> attach_results_;
  std::atomic<int> attaches_left_{0};
  // Takes the end of an attach off the lane's thread.
  std::unique_ptr<grpc::Alarm> alarm_;
  std::shared_ptr<StreamCall> until_alarm_;

  v1::StreamResponse response_;     // the present write's
  v1::Watermarks go_away_durable_;  // complete before a write goes away

  std::mutex mutex_;
  bool reading_ = false;   // a read is in flight
  bool handling_ = false;  // a message is being handled
  bool writing_ = false;
  int starting_ = 0;  // threads between deciding on an operation and its start
  StreamWatermarks watermarks_;  // with a store
  bool closing_ = false;
  bool cancelled_ = false;
  bool finished_ = false;  // Finish was called, or is about to be
  absl::Status end_;
  StreamReplies::Amount open_;  // handed in and not yet written
  StreamReplies::Amount in_write_;
  StreamReplies replies_;
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_STREAM_CALL_H_
