#include "client/sdk/stream.h"

#include <condition_variable>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/sdk/stream_core.h"

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

absl::Status CheckOptions(const Stream::Options& options) {
  if (options.max_kept_items == 0 || options.max_kept_bytes == 0 ||
      options.max_message_values == 0 || options.max_item_bytes == 0) {
    return absl::InvalidArgumentError(
        "max_kept_items, max_kept_bytes, max_message_values and "
        "max_item_bytes must be more than 0");
  }
  if (options.streams == 0 || options.streams > Stream::kMaxStreams) {
    return absl::InvalidArgumentError(
        absl::StrCat("streams is ", options.streams, "; it must be 1 to ",
                     Stream::kMaxStreams));
  }
  if (options.silence.count() <= 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "silence is ", options.silence.count(), " ms; it must be more than 0"));
  }
  return CheckRetryOptions(options.retry);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Stream>> Stream::Open(
    ChannelFactory new_channel, const Options& options, Handlers handlers,
    std::chrono::milliseconds attach_timeout) {
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  auto core = std::make_shared<StreamCore>(std::move(new_channel), options,
                                           std::move(handlers));
  core->Start();
  return std::unique_ptr<Stream>(new Stream(std::move(core), attach_timeout));
}

Stream::Stream(std::shared_ptr<StreamCore> core,
               std::chrono::milliseconds attach_timeout)
    : core_(std::move(core)), attach_timeout_(attach_timeout) {}

Stream::~Stream() { core_->CancelAndWait(); }

absl::StatusOr<StreamAttached> Stream::Attach(
    const std::string& session_id, std::optional<uint64_t> acknowledged_step) {
  // Shared with the callback, which may come after the wait is over.
  struct Waiting {
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<absl::StatusOr<StreamAttached>> result;
  };
  const std::shared_ptr<StreamCore> core = core_;
  auto waiting = std::make_shared<Waiting>();
  const uint32_t handle =
      core->Attach(session_id, acknowledged_step,
                   [waiting](const absl::StatusOr<StreamAttached>& result) {
                     std::lock_guard<std::mutex> lock(waiting->mutex);
                     waiting->result = result;
                     waiting->arrived.notify_all();
                   });
  std::unique_lock<std::mutex> lock(waiting->mutex);
  waiting->arrived.wait_for(lock, attach_timeout_,
                            [&] { return waiting->result.has_value(); });
  absl::StatusOr<StreamAttached> result =
      waiting->result.value_or(absl::DeadlineExceededError(
          absl::StrCat("session \"", session_id, "\" was not attached within ",
                       attach_timeout_.count(), " ms")));
  const bool in_time = waiting->result.has_value();
  lock.unlock();
  if (!result.ok()) core->Detach(handle);
  if (const absl::Status loss = core->LastLoss(handle);
      !in_time && !loss.ok()) {
    return absl::DeadlineExceededError(
        absl::StrCat(result.status().message(), ": ", loss.message()));
  }
  return result;
}

uint32_t Stream::Attach(const std::string& session_id,
                        std::optional<uint64_t> acknowledged_step,
                        OnAttached on_attached) {
  return core_->Attach(session_id, acknowledged_step, std::move(on_attached));
}

void Stream::Detach(uint32_t handle) { core_->Detach(handle); }

absl::StatusOr<uint64_t> Stream::Push(const StreamItem& item) {
  if (absl::Status status = CheckItem(item); !status.ok()) return status;
  const std::shared_ptr<StreamCore> core = core_;
  return core->Push(item);
}

absl::Status Stream::Drain() {
  const std::shared_ptr<StreamCore> core = core_;
  return core->Drain();
}

absl::Status Stream::Finish() {
  const std::shared_ptr<StreamCore> core = core_;
  return core->Finish();
}

size_t Stream::unanswered() const { return core_->unanswered(); }

}  // namespace recur::client
