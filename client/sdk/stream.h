// Many steps of many sessions, answered as they come, through the loss of
// connections and servers.
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
// or with the status that its session or the stream ended with. Replies of one
// session that are OK come in the order of its items; an error may come before
// replies to earlier items that still wait.
//
// Items are kept until they are acknowledged: on a durable store once they are
// durable, else once they are answered. When a connection is lost, whatever
// that looks like, or the server leaves, the stream goes on on another one, to
// the same target: it attaches its sessions again and sends what the server
// lacks (client/replay/replay.h). It ends if the server refuses the stream
// itself, or if nothing has come of that for the retry budget. A session that
// cannot go on (lost, expired, ...) fails alone.
//
// With `streams` of more than one, sessions are spread over so many connections
// by a hash of their ids. Each names its shard in the header "recur-shard"
// (client/replay/shard.h), so that a balancer can route on it.
//
// All functions may be called from any thread. Handlers run one at a time on
// threads of the stream; they should be quick, and must not call what blocks
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
#include "client/replay/retry_schedule.h"
#include "client/sdk/types.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace recur::client {

class StreamCore;

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
  // It had been applied before; if its answer is no longer there, there is
  // none. An item that was sent again may be one.
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
  static constexpr uint32_t kMaxStreams = 256;

  struct Options {
    // For every item.
    ForecastOptions forecast;
    uint32_t top_k = 0;
    bool wait_durable = false;
    // Send values as 32 bit floats: half the bytes, 7 digits. A step that is
    // sent again must be sent in the same width.
    bool float32 = false;
    size_t max_message_values = 131'072;
    // Of one item, as it is sent. It goes in one message, of which a server
    // takes 16 MiB by default; some of that is for what it shares it with.
    size_t max_item_bytes = size_t{12} << 20;

    // What may be kept, over all sessions: then Push waits, or is refused.
    size_t max_kept_items = 65'536;
    size_t max_kept_bytes = size_t{64} << 20;
    bool wait_when_full = true;

    // Steps of one session that may be under way at once (client/replay/
    // replay.h): with 4 every answer comes, also through failures, but a
    // session waits for its answers. 0, no limit, is for throughput.
    uint64_t max_steps_ahead = 0;

    uint32_t streams = 1;
    // How connections follow each other; without a budget the stream ends with
    // the first.
    RetryOptions retry{.budget = std::chrono::milliseconds(60'000)};
    // A connection that owes an answer, or word that what it answered is
    // durable, and says nothing for so long is taken for dead.
    std::chrono::milliseconds silence{20'000};
  };

  struct Handlers {
    absl::AnyInvocable<void(const StreamReply&)> on_reply;
    // What has become durable since, unasked.
    absl::AnyInvocable<void(uint32_t handle, uint64_t durable_step)> on_durable;
    // An attached session cannot go on; its items are answered. The others do.
    absl::AnyInvocable<void(uint32_t handle, const absl::Status&)>
        on_session_over;
    // A server is about to leave; the stream moves by itself.
    absl::AnyInvocable<void(absl::string_view reason)> on_go_away;
    // The stream ended, after the last on_reply; OK after Finish.
    absl::AnyInvocable<void(const absl::Status&)> on_end;
  };

  using OnAttached =
      absl::AnyInvocable<void(const absl::StatusOr<StreamAttached>&)>;
  // Makes a channel with a connection of its own.
  using ChannelFactory =
      absl::AnyInvocable<std::shared_ptr<grpc::Channel>() const>;

  // Use Client::OpenStream. INVALID_ARGUMENT naming an option that cannot
  // work.
  static absl::StatusOr<std::unique_ptr<Stream>> Open(
      ChannelFactory new_channel, const Options& options, Handlers handlers,
      std::chrono::milliseconds attach_timeout);

  // Cancels what is under way and waits for the last handler to return. Calls
  // that block in other threads return CANCELLED.
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
  // at once: they follow the attach, or get its error as their answer.
  uint32_t Attach(const std::string& session_id,
                  std::optional<uint64_t> acknowledged_step,
                  OnAttached on_attached);
  // Frees the handle once the items pushed so far are acknowledged; that of a
  // session that is over at once.
  void Detach(uint32_t handle);

  // Sends an item. Returns its number on this stream, from 0.
  // INVALID_ARGUMENT for a handle that is not attached, an item without steps
  // or whose values or times do not fit its steps, and `item_too_large` for one
  // of more than max_item_bytes; the status with which the session or the
  // stream has ended; RESOURCE_EXHAUSTED `stream_full` if what
  // may be kept is kept and wait_when_full is off.
  absl::StatusOr<uint64_t> Push(const StreamItem& item);

  // Waits until every item pushed so far is answered and acknowledged.
  absl::Status Drain();

  // Drains, says goodbye and waits for the server to agree. Returns the status
  // the stream ended with: OK means that all is acknowledged. Nothing can be
  // pushed from the beginning of the call.
  absl::Status Finish();

  size_t unanswered() const;

 private:
  Stream(std::shared_ptr<StreamCore> core,
         std::chrono::milliseconds attach_timeout);

  std::shared_ptr<StreamCore> core_;
  const std::chrono::milliseconds attach_timeout_;
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_STREAM_H_
