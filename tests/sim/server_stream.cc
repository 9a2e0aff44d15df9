#include "tests/sim/server_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "tests/sim/server_run.h"

namespace recur::sim {
namespace {

// An item of a batch by what its stream knows it as.
struct StreamBatch : ItemBatch {
  std::vector<uint32_t> handles;
  std::vector<uint64_t> numbers;
};

// As server/rpc: a server that has applied less than its client knows to be
// safe has not the state that it promised to keep.
absl::Status CheckAcknowledged(const AttachRequest& attach,
                               const SessionInfo& info) {
  if (attach.acknowledged <= info.applied_step) return absl::OkStatus();
  return ErrorWithReason(
      absl::StatusCode::kFailedPrecondition, "session_behind",
      absl::StrFormat("session \"%s\" has applied step %d; acknowledged_step "
                      "is %d",
                      info.id, info.applied_step, attach.acknowledged));
}

absl::Status Draining() {
  return ErrorWithReason(absl::StatusCode::kUnavailable, "draining",
                         "the server leaves");
}

}  // namespace

void ServerStream::Read(ToServer message) {
  if (end_.has_value() || cancelled_) return;
  unread_.push_back(std::move(message));
  Handle();
}

void ServerStream::Handle() {
  if (handling_ || unread_.empty() || end_.has_value() || cancelled_) return;
  handling_ = true;
  message_ = std::move(unread_.front());
  unread_.pop_front();
  for (const uint32_t handle : message_.detach) Unbind(handle);
  infos_.assign(message_.attach.size(), absl::UnknownError("pending"));
  attaching_ = message_.attach.size();
  if (attaching_ == 0) return SubmitItems();
  for (size_t i = 0; i < message_.attach.size(); ++i) {
    const AttachRequest& attach = message_.attach[i];
    server_->service().AttachSession(
        attach.session_id,
        [self = shared_from_this(), i](absl::StatusOr<SessionInfo> info) {
          if (info.ok()) self->server_->Judge(info->id, *info);
          self->infos_[i] = std::move(info);
          self->Attached();
        });
  }
}

void ServerStream::Attached() {
  if (--attaching_ == 0) FinishAttaches();
}

void ServerStream::FinishAttaches() {
  if (cancelled_) return;
  for (size_t i = 0; i < infos_.size(); ++i) {
    const AttachRequest& attach = message_.attach[i];
    absl::StatusOr<SessionInfo>& info = infos_[i];
    AttachReply reply{.handle = attach.handle, .status = info.status()};
    if (info.ok()) reply.status = CheckAcknowledged(attach, *info);
    reply.status = OnWire(reply.status);
    Unbind(attach.handle);
    if (reply.status.ok()) {
      reply.durable = true;
      reply.resume_step = info->applied_step + 1;
      reply.durable_step = info->durable_step;
      Bind(attach.handle, *info);
    }
    out_.attached.push_back(std::move(reply));
  }
  infos_.clear();
  SubmitItems();
}

void ServerStream::Bind(uint32_t handle, const SessionInfo& info) {
  const uint32_t number = ++last_number_;
  bindings_[handle] = {info.record, number, info.durable_step};
  server_->service().Watch(info.record, shared_from_this(), number,
                           info.durable_step);
}

void ServerStream::Unbind(uint32_t handle) {
  const auto bound = bindings_.find(handle);
  if (bound == bindings_.end()) return;
  server_->service().Unwatch(bound->second.session, shared_from_this(),
                             bound->second.number);
  marks_.erase(handle);
  bindings_.erase(bound);
}

void ServerStream::SubmitItems() {
  auto batch = std::make_shared<StreamBatch>();
  batch->wait_durable = message_.wait_durable;
  for (ItemRequest& item : message_.items) {
    const uint64_t number = next_item_++;
    const auto bound = bindings_.find(item.handle);
    if (bound == bindings_.end()) {
      Refuse(number, item.handle);
      continue;
    }
    batch->items.push_back(
        {.session = bound->second.session,
         .first_step = item.first_step,
         .steps = static_cast<int>(item.values.size()),
         .want = item.forecast ? Want::kForecast : Want::kAck});
    batch->value_counts.push_back(static_cast<uint32_t>(item.values.size()));
    batch->values.insert(batch->values.end(), item.values.begin(),
                         item.values.end());
    batch->handles.push_back(item.handle);
    batch->numbers.push_back(number);
  }
  handling_ = false;
  if (!batch->items.empty()) {
    batch->sink = shared_from_this();
    batch->arrived = server_->now();
    open_items_ += batch->items.size();
    if (auto sealed = batch->Seal(); !sealed.ok()) std::abort();
    server_->service().Submit(batch);
  }
  server_->WantFlush();
  Handle();
}

void ServerStream::Refuse(uint64_t item, uint32_t handle) {
  out_.replies.push_back(
      {.item = item,
       .handle = handle,
       .status = ErrorWithReason(absl::StatusCode::kInvalidArgument,
                                 "unknown_handle", "no such handle")});
}

void ServerStream::ItemsDone(const std::shared_ptr<ItemBatch>& batch,
                             absl::Span<const uint32_t> indices) {
  const auto& of = static_cast<const StreamBatch&>(*batch);
  for (const uint32_t index : indices) {
    const ItemResult& result = of.results[index];
    server_->Judge(of, index);
    out_.replies.push_back({.item = of.numbers[index],
                            .handle = of.handles[index],
                            .status = OnWire(result.status),
                            .step = result.step,
                            .applied_step = result.applied_step,
                            .durable_step = result.durable_step,
                            .duplicate = result.duplicate,
                            .answer = result.answer});
  }
  open_items_ -= indices.size();
  server_->WantFlush();
}

void ServerStream::BecameDurable(absl::Span<const Watermark> marks) {
  for (const Watermark& mark : marks) {
    for (auto& [handle, binding] : bindings_) {
      if (binding.number != mark.handle) continue;
      binding.durable_step = mark.durable_step;
      marks_[handle] = mark.durable_step;
      server_->JudgeDurable(binding.session->session.id, mark.durable_step);
    }
  }
  server_->WantFlush();
}

void ServerStream::HalfClose() {
  half_closed_ = true;
  server_->WantFlush();
}

void ServerStream::Cancel() {
  cancelled_ = true;
  while (!bindings_.empty()) Unbind(bindings_.begin()->first);
}

void ServerStream::GoAway() {
  if (end_.has_value() || cancelled_) return;
  out_.go_away = true;
  for (const auto& [handle, binding] : bindings_) {
    marks_[handle] = binding.durable_step;
  }
  end_ = Draining();
}

void ServerStream::Flush() {
  if (cancelled_ || finished_) return;
  for (const auto& [handle, step] : marks_) {
    out_.durable.push_back({handle, step});
  }
  marks_.clear();
  // Of different sessions those that come first depend on addresses.
  std::stable_sort(out_.replies.begin(), out_.replies.end(),
                   [](const ItemReply& a, const ItemReply& b) {
                     return a.handle < b.handle;
                   });
  if (half_closed_ && unread_.empty() && !end_.has_value()) {
    end_ = absl::OkStatus();
  }
  if (end_.has_value() && !handling_ && open_items_ == 0) {
    out_.end = end_;
    finished_ = true;
  }
  if (!out_.empty()) send(std::exchange(out_, {}));
  if (!finished_) return;
  while (!bindings_.empty()) Unbind(bindings_.begin()->first);
}

}  // namespace recur::sim
