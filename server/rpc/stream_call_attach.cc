// A stream's handles: attached, watched, let go.

#include <chrono>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/rpc/encode.h"
#include "server/rpc/rpc_status.h"
#include "server/rpc/stream_call.h"

namespace recur {
namespace {

// A server that has applied less than its client knows to be safe has not the
// state that it promised to keep.
absl::Status CheckAcknowledged(const v1::Attach& attach,
                               const SessionInfo& info) {
  if (attach.acknowledged_step() <= info.applied_step) return absl::OkStatus();
  absl::Status status = ErrorWithReason(
      absl::StatusCode::kFailedPrecondition, "session_behind",
      absl::StrFormat("session \"%s\" has applied step %d; acknowledged_step "
                      "is %d",
                      info.id, info.applied_step, attach.acknowledged_step()));
  SetDetail(&status, "applied_step", std::to_string(info.applied_step));
  return status;
}

absl::Status TooManyHandles() {
  return ErrorWithReason(absl::StatusCode::kResourceExhausted,
                         "too_many_handles",
                         absl::StrFormat("a stream has at most %d handles",
                                         StreamCall::kMaxHandles));
}

}  // namespace

void StreamCall::StartAttach(int index) {
  if (bindings_.size() + index >= kMaxHandles &&
      !bindings_.contains(request_.attach(index).handle())) {
    attach_results_[index] = TooManyHandles();
    AttachResolved();
    return;
  }
  service_->AttachSession(
      request_.attach(index).session_id(),
      [self = shared_from_this(), index](absl::StatusOr<SessionInfo> info) {
        self->attach_results_[index] = std::move(info);
        self->AttachResolved();
      });
}

void StreamCall::AttachResolved() {
  if (--attaches_left_ > 0) return;
  // The last one comes on a lane's thread, which has other things to do.
  // The alarm keeps its function until it is destroyed, and so must not hold
  // this object, which holds the alarm.
  until_alarm_ = shared_from_this();
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(std::chrono::system_clock::now(), [this](bool) {
    const std::shared_ptr<StreamCall> self = std::move(until_alarm_);
    self->FinishAttaches();
  });
}

void StreamCall::FinishAttaches() {
  std::vector<v1::Attached> answers;
  // In order, for a handle may come twice: the session, or null.
  std::vector<std::pair<uint32_t, const SessionInfo*>> attached;
  for (int i = 0; i < request_.attach_size(); ++i) {
    const v1::Attach& attach = request_.attach(i);
    absl::StatusOr<SessionInfo>& info = attach_results_[i];
    absl::Status status = info.status();
    if (status.ok()) status = CheckAcknowledged(attach, *info);
    v1::Attached& answer = answers.emplace_back();
    answer.set_handle(attach.handle());
    if (!status.ok()) {
      attached.emplace_back(attach.handle(), nullptr);
      *answer.mutable_status() = ToRpcStatus(status);
      continue;
    }
    EncodeSession(*info, service_->durability(), answer.mutable_session());
    answer.set_resume_step(info->applied_step + 1);
    attached.emplace_back(attach.handle(), &*info);
  }
  // What the handles were bound to is not watched from here on, so that its
  // watermarks cannot pass for the new session's.
  for (const auto& [handle, session] : attached) Unbind(handle);
  {
    std::lock_guard lock(mutex_);
    open_.items += answers.size() * StreamReplies::kItemsPerAttach;
    for (v1::Attached& answer : answers) {
      replies_.AddAttached(std::move(answer));
    }
  }
  // Not before: what becomes durable from now on is told after the answer.
  for (const auto& [handle, session] : attached) {
    if (session == nullptr) {
      Unbind(handle);
    } else {
      Bind(handle, *session);
    }
  }
  attach_results_.clear();
  HandleItems();
}

void StreamCall::Bind(uint32_t handle, const SessionInfo& session) {
  if (durable_) Unbind(handle);  // attached twice in one message
  bindings_[handle] = session.record;
  if (!durable_) return;
  uint32_t number = 0;
  {
    std::lock_guard lock(mutex_);
    number = watermarks_.Bind(handle, session.durable_step);
  }
  service_->Watch(session.record, shared_from_this(), number,
                  session.durable_step);
}

void StreamCall::Unbind(uint32_t handle) {
  const auto bound = bindings_.find(handle);
  if (bound == bindings_.end()) return;
  if (durable_) {
    uint32_t number = 0;
    {
      std::lock_guard lock(mutex_);
      number = watermarks_.Unbind(handle);
    }
    service_->Unwatch(bound->second, shared_from_this(), number);
  }
  bindings_.erase(bound);
}

void StreamCall::BecameDurable(absl::Span<const Watermark> marks) {
  {
    std::lock_guard lock(mutex_);
    if (cancelled_ || finished_) return;
    watermarks_.Add(marks);
  }
  Pump();
}

}  // namespace recur
