// One Stream call under load: attaches its sessions, then sends messages and
// takes in replies until it is closed. In a closed loop so many messages are
// always unanswered; in an open one each is sent when it is due, or as soon as
// the transport takes it, and counts from when it was due.
//
// A stream that fails or ends by itself fails the stats, and with them the
// run.
#ifndef RECUR_CLIENT_LOAD_LOAD_STREAM_H_
#define RECUR_CLIENT_LOAD_LOAD_STREAM_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "client/load/event_loop.h"
#include "client/load/load_clock.h"
#include "client/load/load_connection.h"
#include "client/load/load_stats.h"
#include "client/load/message_builder.h"
#include "client/load/reply_intake.h"
#include "client/load/stream_sessions.h"
#include "recur/v1/recur.grpc.pb.h"

namespace recur::load {

class LoadStream {
 public:
  struct Options {
    std::string name;       // for messages, such as "stream 3"
    std::string id_prefix;  // of its sessions' ids
    uint32_t first_session = 0;
    uint32_t sessions = 0;
    SessionCursor::Order order = SessionCursor::Order::kInOrder;
    uint64_t seed = 1;
    bool open_loop = false;
    // Unanswered messages: kept at that number in a closed loop, at most that
    // many in an open one.
    size_t max_open = 4;
    // Messages are so small that several should leave together.
    bool hold_writes = false;
    // If above 0, a reply message is read only that long after the last.
    std::chrono::nanoseconds read_interval{0};
    ReplyIntake::Options replies;
  };

  // All must outlive the stream. An operation may be under way when it is
  // destroyed only if the loop has been drained.
  LoadStream(const Options& options, EventLoop* loop,
             LoadConnection* connection, MessageBuilder* builder,
             LoadStats* stats);

  // Opens the call and attaches the sessions.
  void Start();
  uint32_t attached() const { return attached_; }
  bool ready() const { return attached_ == sessions_.steps.size(); }

  // In a closed loop: sends from now on.
  void Go();
  // In an open loop: a message is due.
  void Due(TimePoint intended);
  // Reads if it is time to, for a slow reader.
  void ReadIfDue(TimePoint now);
  // When that will be; never for others and while a read is under way.
  TimePoint next_read() const { return next_read_; }

  // Nothing more becomes due; what was due is still sent.
  void Stop() { going_ = false; }
  bool answered() const {
    return pending_.empty() && sessions_.sent.open() == 0;
  }
  // Of what is answered, so many items are not durable yet; 0 if the server
  // stores no sessions.
  uint64_t not_durable() const { return sessions_.durable.open(); }
  uint64_t open_items() const { return sessions_.sent.open_items(); }

  // Ends the call; what comes of it no longer matters.
  void Close();
  bool closed() const { return closed_; }
  void Cancel();

 private:
  void SendAttaches();
  void SendNext();
  void OnWritten(bool ok);
  void OnRead(bool ok);
  void TakeAttached(const v1::Attached& attached);

  const Options options_;
  EventLoop* const loop_;
  LoadConnection* const connection_;
  MessageBuilder* const builder_;
  LoadStats* const stats_;
  StreamSessions sessions_;
  ReplyIntake intake_;

  const std::unique_ptr<v1::Recur::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientAsyncReaderWriter<v1::StreamRequest, v1::StreamResponse>>
      call_;
  v1::StreamRequest request_;
  v1::StreamResponse response_;
  grpc::Status status_;
  Completion on_started_;
  Completion on_written_;
  Completion on_half_closed_;
  Completion on_read_;
  Completion on_finished_;

  uint32_t attach_sent_ = 0;
  uint32_t attached_ = 0;
  std::deque<TimePoint> pending_;  // due and not sent
  TimePoint next_read_ = TimePoint::max();
  bool going_ = false;
  bool writing_ = false;
  bool closing_ = false;
  bool closed_ = false;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_LOAD_STREAM_H_
