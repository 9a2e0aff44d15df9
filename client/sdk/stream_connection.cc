#include "client/sdk/stream_connection.h"

#include <utility>

#include "client/replay/shard.h"
#include "client/sdk/status_conversion.h"

namespace recur::client {

StreamConnection::StreamConnection(std::shared_ptr<grpc::Channel> channel,
                                   const std::string& shard, Owner* owner)
    : stub_(v1::Recur::NewStub(std::move(channel))), owner_(owner) {
  context_.AddMetadata(kShardHeader, shard);
}

void StreamConnection::Start() {
  stub_->async()->Stream(&context_, this);
  // Writes start from callers' threads: without a hold the transport could
  // call OnDone while one of them is about to write.
  AddHold();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closed_ = false;
  }
  StartRead(&incoming_);
  StartCall();
  WriteNext();
}

void StreamConnection::Wake() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (writing_ || closed_) return;
  lock.unlock();
  WriteNext();
}

void StreamConnection::HalfClose() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    half_close_ = true;
  }
  WriteNext();
}

void StreamConnection::Cancel() { context_.TryCancel(); }

// The mutex is held over NextMessage, so that messages leave in the order
// in which the owner hands them out.
void StreamConnection::WriteNext() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (writing_ || closed_) return;
  std::optional<v1::StreamRequest> next = owner_->NextMessage();
  if (next.has_value()) {
    writing_ = true;
    outgoing_ = std::move(*next);
    StartWrite(&outgoing_);
  } else if (half_close_) {
    closed_ = true;
    StartWritesDone();
    lock.unlock();
    RemoveHold();
  }
}

void StreamConnection::ReleaseHold() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (closed_) return;
    closed_ = true;
  }
  RemoveHold();
}

void StreamConnection::OnWriteDone(bool ok) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    writing_ = false;
  }
  if (ok) {
    WriteNext();
  } else {
    ReleaseHold();
  }
}

void StreamConnection::OnReadDone(bool ok) {
  if (!ok) {
    ReleaseHold();
    return;
  }
  const absl::Status status = owner_->OnMessage(incoming_);
  if (!status.ok()) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (failure_.ok()) failure_ = status;
    }
    context_.TryCancel();
  }
  StartRead(&incoming_);
}

void StreamConnection::OnDone(const grpc::Status& status) {
  absl::Status end = ToAbslStatus(status);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!failure_.ok()) end = failure_;
  }
  owner_->OnEnd(end);
}

}  // namespace recur::client
