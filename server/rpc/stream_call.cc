#include "server/rpc/stream_call.h"

#include <chrono>
#include <numeric>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/rpc/decode.h"
#include "server/rpc/rpc_status.h"
#include "server/rpc/write_turn.h"

namespace recur {
namespace {

absl::Status TooManyAttaches(int attaches) {
  return ErrorWithReason(
      absl::StatusCode::kInvalidArgument, "too_many_attaches",
      absl::StrFormat("message attaches %d handles; the limit is %d", attaches,
                      StreamCall::kMaxAttachesPerMessage));
}

}  // namespace

grpc::ServerBidiReactor<v1::StreamRequest, v1::StreamResponse>*
StreamCall::Start(grpc::CallbackServerContext* context, Service* service,
                  OpenCalls* calls, LiveStreams* streams,
                  std::shared_ptr<BatchPool> batches,
                  std::shared_ptr<Connection> connection) {
  auto call =
      std::make_shared<StreamCall>(context, service, calls, streams,
                                   std::move(batches), std::move(connection));
  calls->Add();
  call->self_ = call;
  if (auto status = streams->Add(call); !status.ok()) {
    std::lock_guard lock(call->mutex_);
    call->CloseLocked(std::move(status));
  }
  call->Pump();
  return call.get();
}

StreamCall::StreamCall(grpc::CallbackServerContext* context, Service* service,
                       OpenCalls* calls, LiveStreams* streams,
                       std::shared_ptr<BatchPool> batches,
                       std::shared_ptr<Connection> connection)
    : service_(service),
      calls_(calls),
      streams_(streams),
      batches_(std::move(batches)),
      connection_(std::move(connection)),
      durable_(service->durability() != Durability::kNone),
      deadline_(DeadlineOf(context->deadline(),
                           std::chrono::system_clock::now(),
                           std::chrono::steady_clock::now())),
      replies_(service) {}

void StreamCall::OnReadDone(bool ok) {
  bool handle = false;
  {
    std::lock_guard lock(mutex_);
    reading_ = false;
    handle = ok && !closing_ && !cancelled_;
    handling_ = handle;
    if (!ok) CloseLocked(absl::OkStatus());
  }
  if (handle) {
    HandleMessage();
  } else {
    Pump();
  }
}

void StreamCall::OnWriteDone(bool ok) {
  {
    std::lock_guard lock(mutex_);
    writing_ = false;
    open_.items -= in_write_.items;
    open_.bytes -= in_write_.bytes;
    in_write_ = {};
    // The connection is gone; OnCancel says so too, but may come later.
    if (!ok) cancelled_ = true;
  }
  Pump();
}

void StreamCall::OnCancel() {
  {
    std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  Pump();
}

void StreamCall::OnDone() {
  // Items that wait for something keep this object, which may be long.
  connection_.reset();
  v1::StreamRequest().Swap(&request_);
  v1::StreamResponse().Swap(&response_);
  if (durable_) {
    while (!bindings_.empty()) Unbind(bindings_.begin()->first);
  }
  streams_->Remove(this);
  calls_->Remove();
  const std::shared_ptr<StreamCall> last = std::move(self_);
}

void StreamCall::GoAway(const std::string& reason) {
  {
    std::lock_guard lock(mutex_);
    if (closing_ || cancelled_ || finished_) return;
    replies_.AddGoAway(reason);
    if (durable_) watermarks_.All(&go_away_durable_);
    CloseLocked(
        ErrorWithReason(absl::StatusCode::kUnavailable, "draining", reason));
  }
  Pump();
}

void StreamCall::ItemsDone(const std::shared_ptr<ItemBatch>& batch,
                           absl::Span<const uint32_t> indices) {
  // The batch lets go of its sink when it is answered.
  const std::shared_ptr<StreamCall> self = shared_from_this();
  {
    std::lock_guard lock(mutex_);
    if (cancelled_ || finished_) return;
    replies_.AddItems(std::static_pointer_cast<StreamBatch>(batch), indices);
  }
  Pump();
}

void StreamCall::HandleMessage() {
  for (uint32_t handle : request_.detach()) Unbind(handle);
  const int attaches = request_.attach_size();
  if (attaches == 0) {
    HandleItems();
    return;
  }
  if (attaches > kMaxAttachesPerMessage) {
    {
      std::lock_guard lock(mutex_);
      CloseLocked(TooManyAttaches(attaches));
    }
    MessageDone();
    return;
  }
  attach_results_.assign(attaches, absl::UnknownError("pending"));
  attaches_left_ = attaches + 1;
  for (int i = 0; i < attaches; ++i) StartAttach(i);
  AttachResolved();
}

void StreamCall::HandleItems() {
  if (request_.items().handle().empty()) {
    MessageDone();
    return;
  }
  std::shared_ptr<StreamBatch> batch = batches_->Take();
  const absl::Status status = DecodeItems(request_, bindings_, batch.get());
  if (status.ok()) {
    SubmitItems(std::move(batch));
  } else {
    std::lock_guard lock(mutex_);
    CloseLocked(status);
  }
  MessageDone();
}

void StreamCall::SubmitItems(std::shared_ptr<StreamBatch> batch) {
  batch->durable = durable_;
  batch->first_item = next_item_;
  next_item_ += batch->places();
  batch->arrived = std::chrono::steady_clock::now();
  batch->deadline = deadline_;
  batch->sink = shared_from_this();
  // Once it is answered it may be cleared.
  const bool answered = batch->items.empty();
  {
    std::lock_guard lock(mutex_);
    if (cancelled_ || finished_) return;
    open_.items += batch->places();
    open_.bytes += batch->bytes();
    std::vector<uint32_t> refused(batch->refused.size());
    std::iota(refused.begin(), refused.end(), batch->items.size());
    if (!refused.empty()) replies_.AddItems(batch, refused);
  }
  if (!answered) service_->Submit(batch);
}

void StreamCall::MessageDone() {
  {
    std::lock_guard lock(mutex_);
    handling_ = false;
  }
  Pump();
}

void StreamCall::CloseLocked(absl::Status status) {
  if (closing_) return;
  closing_ = true;
  end_ = std::move(status);
}

bool StreamCall::CanWrite() const {
  return !writing_ && !cancelled_ &&
         (!replies_.empty() || !watermarks_.empty());
}

bool StreamCall::CanRead() const {
  return !reading_ && !handling_ && !closing_ && !cancelled_ &&
         open_.items < kMaxOpenItems && open_.bytes < kMaxOpenBytes;
}

bool StreamCall::CanFinish() const {
  // While a message is handled the service is in use, which the server takes
  // to be over when its calls are.
  if (writing_ || handling_ || starting_ > 0) return false;
  if (cancelled_) return true;
  // A read may still be in flight when the server leaves: it ends with the
  // call.
  return closing_ && open_.items == 0 && replies_.empty();
}

void StreamCall::WriteNext(std::unique_lock<std::mutex>* lock) {
  writing_ = true;
  ++starting_;
  replies_.TakeOver();
  v1::Watermarks durable;
  // A handle's answer to its attach comes before its watermarks.
  if (!watermarks_.empty() && !replies_.attaches_left()) {
    watermarks_.Take(&durable);
  }
  lock->unlock();
  const StreamReplies::Amount taken = replies_.Take(&response_);
  if (durable.handle_size() > 0) response_.mutable_durable()->Swap(&durable);
  if (durable_ && response_.has_go_away()) {
    response_.mutable_go_away()->mutable_durable()->Swap(&go_away_durable_);
  }
  lock->lock();
  in_write_ = taken;
  lock->unlock();
  BeforeWrite(connection_);
  StartWrite(&response_);
  lock->lock();
  --starting_;
}

void StreamCall::ReadNext(std::unique_lock<std::mutex>* lock) {
  reading_ = true;
  ++starting_;
  lock->unlock();
  StartRead(&request_);
  lock->lock();
  --starting_;
}

void StreamCall::Pump() {
  std::unique_lock lock(mutex_);
  while (!finished_) {
    if (CanWrite()) {
      WriteNext(&lock);
    } else if (CanRead()) {
      ReadNext(&lock);
    } else if (CanFinish()) {
      finished_ = true;
      replies_.Clear();
      const absl::Status end = cancelled_ ? absl::CancelledError("") : end_;
      lock.unlock();
      Finish(ToGrpcStatus(end));
      return;
    } else {
      return;
    }
  }
}

}  // namespace recur
