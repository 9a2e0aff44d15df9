// What is behind a Stream: its shards, each with a Replay and one connection
// at a time, and a thread that keeps them going: it begins connections after
// their pauses and gives up those that are silent. All decisions are Replay's.
//
// Lock order: a connection's mutex, then mutex_; handlers run without either.
// gRPC objects are made and destroyed without, too, and not on gRPC's threads:
// to destroy the last channel of a process waits for them.
#ifndef RECUR_CLIENT_SDK_STREAM_CORE_H_
#define RECUR_CLIENT_SDK_STREAM_CORE_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "client/replay/replay.h"
#include "client/sdk/stream.h"
#include "client/sdk/stream_connection.h"
#include "client/sdk/stream_handlers.h"
#include "client/sdk/stream_intake.h"
#include "client/sdk/stream_outbox.h"

namespace recur::client {

class StreamCore {
 public:
  StreamCore(Stream::ChannelFactory new_channel, const Stream::Options& options,
             Stream::Handlers handlers);
  // After CancelAndWait.
  ~StreamCore();

  void Start();
  // As those of Stream.
  uint32_t Attach(const std::string& session_id,
                  std::optional<uint64_t> acknowledged_step,
                  Stream::OnAttached on_attached);
  void Detach(uint32_t handle);
  absl::StatusOr<uint64_t> Push(const StreamItem& item);
  absl::Status Drain();
  absl::Status Finish();
  void CancelAndWait();
  size_t unanswered() const;
  // What the handle's last connection ended with; OK if it has lost none.
  absl::Status LastLoss(uint32_t handle) const;

 private:
  using Clock = std::chrono::steady_clock;
  using Lock = std::unique_lock<std::mutex>;
  using Connection = std::shared_ptr<StreamConnection>;

  struct Shard final : StreamConnection::Owner {
    Shard(StreamCore* core, uint32_t index, Clock::time_point now);

    std::optional<v1::StreamRequest> NextMessage() override {
      return core->NextMessage(*this);
    }
    absl::Status OnMessage(const v1::StreamResponse& message) override {
      return core->OnMessage(*this, message);
    }
    void OnEnd(const absl::Status& status) override {
      core->OnEnd(*this, status);
    }

    StreamCore* const core;
    const uint32_t index;
    Replay replay;
    StreamOutbox outbox;
    Connection connection;        // null in a pause and at the end
    Clock::time_point reconnect;  // in a pause
    absl::Status last_loss;
    absl::Status silent;  // why it was cancelled
    bool ended = false;   // nothing will happen any more
  };

  std::optional<v1::StreamRequest> NextMessage(Shard& shard);
  absl::Status OnMessage(Shard& shard, const v1::StreamResponse& message);
  void OnEnd(Shard& shard, const absl::Status& status);

  // Of the thread.
  void Keep();
  std::optional<Clock::time_point> KeepAll(Lock& lock);
  void KeepShard(Shard& shard, Lock& lock);
  void Bury(Lock& lock);
  void Connect(Shard& shard, Lock& lock);

  Shard& ShardOfHandle(uint32_t handle) const;
  // The stream is over with this status; what is under way is cancelled.
  void Break(const absl::Status& status, Lock& lock);
  void EndShard(Shard& shard, Lock& lock);
  void WakeKeeperFor(const Shard& shard);
  void Deliver(std::vector<Delivery> deliveries);
  std::vector<Connection> Connections() const;
  // No connection is to follow.
  bool over() const { return broken_.has_value() || closing_; }
  bool idle() const;
  bool full() const;
  absl::Status AfterEnd() const;

  const Stream::ChannelFactory new_channel_;
  const Stream::Options options_;
  StreamHandlers handlers_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // for callers
  std::condition_variable keeper_;
  Clock::time_point keeper_wakes_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<Connection> ended_connections_;  // for the thread to destroy
  uint32_t attaches_ = 0;
  uint64_t pushed_ = 0;
  size_t delivering_ = 0;   // replies whose handler has not returned
  bool finishing_ = false;  // nothing more may be pushed
  bool closing_ = false;    // all is answered: goodbye
  std::optional<absl::Status> broken_;  // what the stream ends with, if early
  size_t ended_shards_ = 0;
  bool ended_ = false;  // and all handlers have returned
  std::thread thread_;
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_STREAM_CORE_H_
