// Many steps of many sessions on one connection, answered as they come.
//
//   Stream::Handlers handlers;
//   handlers.on_reply = [](const StreamReply& reply) { ... };
//   auto stream = client.OpenStream({}, std::move(handlers));
//   auto attached = (*stream)->Attach("boiler-7");
//   (*stream)->Push({.handle = attached->handle,
//                    .first_step = attached->resume_step,
//                    .values = values, .want = Want::kForecast});
//   (*stream)->Finish();
//
// Items are packed by themselves: while one message is being written, what is
// pushed gathers in the next, so a slow trickle leaves at once and a flood
// leaves in large messages.
//
// Every pushed item is answered exactly once through on_reply: by the server,
// or, if the stream ends before, with the status it ended with. Replies of one
// session come in the order of its items. A stream that has ended stays ended;
// items without an answer can be sent again on a new one with their numbers.
//
// All functions may be called from any thread. Handlers run one at a time on
// the transport's threads; they should be quick, and must not call what blocks
// (Attach without a callback, Push when full, Drain, Finish, the destructor).
#ifndef RECUR_CLIENT_SDK_STREAM_H_
#define RECUR_CLIENT_SDK_STREAM_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/sdk/types.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace recur::client {

// One or more steps of one attached session. Spans are borrowed for the call.
struct StreamItem {
  uint32_t handle = 0;
  uint64_t first_step = 1;
  uint32_t steps = 1;
  absl::Span<const double> values;     // [steps, features]
  absl::Span<const int64_t> times_us;  // one per step, or empty
  Want want = Want::kAck;
  // Known inputs of the forecast, [horizon, known inputs]; empty: those of
  // the stream's options. Items with different ones share no message.
  absl::Span<const double> known;
};

struct StreamReply {
  uint64_t item = 0;  // as Push returned it
  uint32_t handle = 0;
  uint64_t step = 0;  // the item's last
  absl::Status status;
  // If OK:
  uint64_t applied_step = 0;
  std::optional<uint64_t> durable_step;  // nullopt: the store is not durable
  bool duplicate = false;
  std::optional<Classification> classification;
  std::optional<Forecast> forecast;
};

struct StreamAttached {
  uint32_t handle = 0;
  SessionInfo session;
  uint64_t resume_step = 1;  // send from this step on
};

class Stream {
 public:
  struct Options {
    // For every item.
    ForecastOptions forecast;
    uint32_t top_k = 0;
    bool wait_durable = false;
    // Send values as 32 bit floats: half the bytes, 7 digits. A step that is
    // sent again must be sent in the same width.
    bool float32 = false;
    size_t max_unanswered = 65'536;  // then Push waits
    size_t max_message_values = 131'072;
  };

  struct Handlers {
    absl::AnyInvocable<void(const StreamReply&)> on_reply;
    // What has become durable since, unasked.
    absl::AnyInvocable<void(uint32_t handle, uint64_t durable_step)> on_durable;
    // The server is about to leave: no new work should be started on it.
    absl::AnyInvocable<void(absl::string_view reason)> on_go_away;
    // The stream ended, after the last on_reply; OK after Finish.
    absl::AnyInvocable<void(const absl::Status&)> on_end;
  };

  using OnAttached =
      absl::AnyInvocable<void(const absl::StatusOr<StreamAttached>&)>;

  // Use Client::OpenStream.
  static absl::StatusOr<std::unique_ptr<Stream>> Open(
      std::shared_ptr<grpc::Channel> channel, const Options& options,
      Handlers handlers, std::chrono::milliseconds attach_timeout);

  // Cancels what is under way and waits for the last handler to return.
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Binds a session to a new handle and waits for the answer. The server's
  // error, DEADLINE_EXCEEDED after the client's timeout, or the status the
  // stream ended with.
  absl::StatusOr<StreamAttached> Attach(
      const std::string& session_id,
      std::optional<uint64_t> acknowledged_step = std::nullopt);
  // The same without waiting. Returns the handle, to which items may be pushed
  // at once: they follow the attach.
  uint32_t Attach(const std::string& session_id,
                  std::optional<uint64_t> acknowledged_step,
                  OnAttached on_attached);
  // Frees the handle once the items pushed so far are answered for.
  void Detach(uint32_t handle);

  // Sends an item, waiting while max_unanswered are under way. Returns its
  // number on this stream, from 0. INVALID_ARGUMENT for an item without steps
  // or whose values or times do not fit its steps; else the status with which
  // the stream has ended.
  absl::StatusOr<uint64_t> Push(const StreamItem& item);

  // Waits until every item pushed so far is answered.
  absl::Status Drain();

  // Drains, says goodbye and waits for the server to agree. Returns the status
  // the stream ended with. Nothing can be pushed afterwards.
  absl::Status Finish();

  size_t unanswered() const;

 private:
  class Core;

  explicit Stream(std::shared_ptr<Core> core);

  std::shared_ptr<Core> core_;
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_STREAM_H_
