#include "client/sdk/stream.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/sdk/message_conversion.h"
#include "client/sdk/reply_columns.h"
#include "client/sdk/status_conversion.h"
#include "client/sdk/stream_connection.h"
#include "client/sdk/stream_outbox.h"
#include "client/sdk/unanswered_items.h"

namespace recur::client {
namespace {

absl::Status CheckItem(const StreamItem& item) {
  if (item.steps == 0) {
    return absl::InvalidArgumentError("an item needs at least 1 step");
  }
  if (item.first_step == 0) {
    return absl::InvalidArgumentError("step numbers start at 1");
  }
  if (item.values.size() % item.steps != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("item has ", item.values.size(), " values, which is not a",
                     " multiple of its ", item.steps, " steps"));
  }
  if (!item.times_us.empty() && item.times_us.size() != item.steps) {
    return absl::InvalidArgumentError(
        absl::StrCat("item has ", item.times_us.size(), " times for ",
                     item.steps, " steps"));
  }
  return absl::OkStatus();
}

// What a stream's calls get once it has ended well.
absl::Status AfterEnd(const absl::Status& end) {
  return end.ok() ? absl::FailedPreconditionError("the stream is finished")
                  : end;
}

}  // namespace

// Lock order: the connection's mutex, then this one. Handlers run without.
class Stream::Core final : public StreamConnection::Owner {
 public:
  Core(std::shared_ptr<grpc::Channel> channel, const Options& options,
       Handlers handlers, std::chrono::milliseconds attach_timeout)
      : options_(options),
        handlers_(std::move(handlers)),
        attach_timeout_(attach_timeout),
        outbox_(options),
        connection_(std::move(channel), this) {}

  void Start() { connection_.Start(); }
  uint32_t Attach(const std::string& session_id,
                  std::optional<uint64_t> acknowledged_step,
                  OnAttached on_attached);
  void Detach(uint32_t handle);
  absl::StatusOr<uint64_t> Push(const StreamItem& item);
  absl::Status Drain();
  absl::Status Finish();
  void CancelAndWait();
  size_t unanswered() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return unanswered_count_;
  }
  std::chrono::milliseconds attach_timeout() const { return attach_timeout_; }

  std::optional<v1::StreamRequest> NextMessage() override;
  absl::Status OnMessage(const v1::StreamResponse& message) override;
  void OnEnd(const absl::Status& status) override;

 private:
  absl::Status HandleAttached(const v1::Attached& message);
  absl::Status HandleReplies(const v1::ItemReplies& message);
  void HandleDurable(const v1::Watermarks& message);
  void Deliver(absl::Span<const StreamReply> replies);

  const Options options_;
  Handlers handlers_;  // of the reading thread
  const std::chrono::milliseconds attach_timeout_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  StreamOutbox outbox_;
  UnansweredItems unanswered_;
  size_t unanswered_count_ = 0;  // includes those whose handler still runs
  std::map<uint32_t, OnAttached> attaching_;
  uint32_t next_handle_ = 1;
  bool finishing_ = false;
  std::optional<absl::Status> broken_;  // set once nothing can be pushed
  bool ended_ = false;                  // and all handlers have returned

  StreamConnection connection_;
};

uint32_t Stream::Core::Attach(const std::string& session_id,
                              std::optional<uint64_t> acknowledged_step,
                              OnAttached on_attached) {
  std::unique_lock<std::mutex> lock(mutex_);
  const uint32_t handle = next_handle_++;
  if (broken_.has_value() || finishing_) {
    const absl::Status end = AfterEnd(broken_.value_or(absl::OkStatus()));
    lock.unlock();
    if (on_attached) on_attached(end);
    return handle;
  }
  attaching_[handle] = std::move(on_attached);
  outbox_.Attach(handle, session_id, acknowledged_step);
  lock.unlock();
  connection_.Wake();
  return handle;
}

void Stream::Core::Detach(uint32_t handle) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (broken_.has_value() || finishing_) return;
    outbox_.Detach(handle);
  }
  connection_.Wake();
}

absl::StatusOr<uint64_t> Stream::Core::Push(const StreamItem& item) {
  if (absl::Status status = CheckItem(item); !status.ok()) return status;
  uint64_t number = 0;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] {
      return broken_.has_value() || finishing_ ||
             unanswered_count_ < options_.max_unanswered;
    });
    if (broken_.has_value() || finishing_) {
      return AfterEnd(broken_.value_or(absl::OkStatus()));
    }
    outbox_.Add(item);
    number = unanswered_.Add(item.handle, item.first_step + item.steps - 1);
    ++unanswered_count_;
  }
  connection_.Wake();
  return number;
}

absl::Status Stream::Core::Drain() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return ended_ || unanswered_count_ == 0; });
  return broken_.value_or(absl::OkStatus());
}

absl::Status Stream::Core::Finish() {
  Drain().IgnoreError();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    finishing_ = true;
  }
  changed_.notify_all();
  connection_.HalfClose();
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return ended_; });
  return *broken_;
}

void Stream::Core::CancelAndWait() {
  connection_.Cancel();
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return ended_; });
}

std::optional<v1::StreamRequest> Stream::Core::NextMessage() {
  std::lock_guard<std::mutex> lock(mutex_);
  return outbox_.Take();
}

absl::Status Stream::Core::OnMessage(const v1::StreamResponse& message) {
  for (const v1::Attached& attached : message.attached()) {
    absl::Status status = HandleAttached(attached);
    if (!status.ok()) return status;
  }
  if (message.has_replies()) {
    absl::Status status = HandleReplies(message.replies());
    if (!status.ok()) return status;
  }
  if (message.has_durable()) HandleDurable(message.durable());
  if (message.has_go_away()) {
    HandleDurable(message.go_away().durable());
    if (handlers_.on_go_away) handlers_.on_go_away(message.go_away().reason());
  }
  return absl::OkStatus();
}

absl::Status Stream::Core::HandleAttached(const v1::Attached& message) {
  OnAttached on_attached;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    const auto found = attaching_.find(message.handle());
    if (found == attaching_.end()) {
      return absl::InternalError(absl::StrCat("the server attached handle ",
                                              message.handle(),
                                              ", which was not asked for"));
    }
    on_attached = std::move(found->second);
    attaching_.erase(found);
  }
  if (!on_attached) return absl::OkStatus();
  if (message.status().code() != 0) {
    on_attached(ToAbslStatus(message.status()));
  } else {
    on_attached(StreamAttached{message.handle(), FromMessage(message.session()),
                               message.resume_step()});
  }
  return absl::OkStatus();
}

absl::Status Stream::Core::HandleReplies(const v1::ItemReplies& message) {
  const absl::StatusOr<std::vector<StreamReply>> replies = ToReplies(message);
  if (!replies.ok()) return replies.status();
  size_t expected = 0;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    while (expected < replies->size() &&
           unanswered_.Answer((*replies)[expected].item)) {
      ++expected;
    }
  }
  Deliver(absl::MakeConstSpan(*replies).first(expected));
  if (expected == replies->size()) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("the server answered item ", (*replies)[expected].item,
                   ", which does not wait for an answer"));
}

void Stream::Core::Deliver(absl::Span<const StreamReply> replies) {
  if (handlers_.on_reply) {
    for (const StreamReply& reply : replies) handlers_.on_reply(reply);
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    unanswered_count_ -= replies.size();
  }
  changed_.notify_all();
}

void Stream::Core::HandleDurable(const v1::Watermarks& message) {
  if (!handlers_.on_durable) return;
  const int count =
      std::min(message.handle_size(), message.durable_step_size());
  for (int i = 0; i < count; ++i) {
    handlers_.on_durable(message.handle(i), message.durable_step(i));
  }
}

void Stream::Core::OnEnd(const absl::Status& status) {
  std::vector<UnansweredItems::Item> left;
  std::map<uint32_t, OnAttached> attaching;
  absl::Status end = status;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    left = unanswered_.TakeAll();
    attaching = std::move(attaching_);
    attaching_.clear();
    const bool early = !left.empty() || !attaching.empty() || !finishing_;
    if (end.ok() && early) {
      end = absl::UnavailableError("the server ended the stream");
    }
    broken_ = end;
  }
  changed_.notify_all();
  for (auto& [handle, on_attached] : attaching) {
    if (on_attached) on_attached(end);
  }
  std::vector<StreamReply> replies;
  replies.reserve(left.size());
  for (const UnansweredItems::Item& item : left) {
    replies.push_back({.item = item.number,
                       .handle = item.handle,
                       .step = item.last_step,
                       .status = end});
  }
  Deliver(replies);
  if (handlers_.on_end) handlers_.on_end(end);
  std::lock_guard<std::mutex> lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

absl::StatusOr<std::unique_ptr<Stream>> Stream::Open(
    std::shared_ptr<grpc::Channel> channel, const Options& options,
    Handlers handlers, std::chrono::milliseconds attach_timeout) {
  if (options.max_unanswered == 0 || options.max_message_values == 0) {
    return absl::InvalidArgumentError(
        "max_unanswered and max_message_values must be more than 0");
  }
  auto core = std::make_shared<Core>(std::move(channel), options,
                                     std::move(handlers), attach_timeout);
  core->Start();
  return std::unique_ptr<Stream>(new Stream(std::move(core)));
}

Stream::Stream(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Stream::~Stream() { core_->CancelAndWait(); }

absl::StatusOr<StreamAttached> Stream::Attach(
    const std::string& session_id, std::optional<uint64_t> acknowledged_step) {
  // Shared with the callback, which may come after the wait is over.
  struct Waiting {
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<absl::StatusOr<StreamAttached>> result;
  };
  auto waiting = std::make_shared<Waiting>();
  core_->Attach(session_id, acknowledged_step,
                [waiting](const absl::StatusOr<StreamAttached>& result) {
                  std::lock_guard<std::mutex> lock(waiting->mutex);
                  waiting->result = result;
                  waiting->arrived.notify_all();
                });
  std::unique_lock<std::mutex> lock(waiting->mutex);
  const bool in_time =
      waiting->arrived.wait_for(lock, core_->attach_timeout(),
                                [&] { return waiting->result.has_value(); });
  if (in_time) return *waiting->result;
  return absl::DeadlineExceededError(
      absl::StrCat("session \"", session_id, "\" was not attached within ",
                   core_->attach_timeout().count(), " ms"));
}

uint32_t Stream::Attach(const std::string& session_id,
                        std::optional<uint64_t> acknowledged_step,
                        OnAttached on_attached) {
  return core_->Attach(session_id, acknowledged_step, std::move(on_attached));
}

void Stream::Detach(uint32_t handle) { core_->Detach(handle); }

absl::StatusOr<uint64_t> Stream::Push(const StreamItem& item) {
  return core_->Push(item);
}

absl::Status Stream::Drain() { return core_->Drain(); }
absl::Status Stream::Finish() { return core_->Finish(); }
size_t Stream::unanswered() const { return core_->unanswered(); }

}  // namespace recur::client
