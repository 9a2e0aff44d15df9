// Packs items into messages, column by column. Pure; not thread safe.
//
// The last message stays open for more until it is taken or would not fit
// what comes: items with and without times, with different known inputs, or
// more than max_message_values values, 65,536 items or 4,096 attaches, are kept
// apart. Order is kept.
#ifndef RECUR_CLIENT_SDK_STREAM_OUTBOX_H_
#define RECUR_CLIENT_SDK_STREAM_OUTBOX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/replay/replay.h"
#include "client/sdk/stream.h"
#include "recur/v1/recur.pb.h"

namespace recur::client {

class StreamOutbox {
 public:
  explicit StreamOutbox(const Stream::Options& options);

  // INVALID_ARGUMENT item_too_large: no server would take the message.
  absl::Status CheckSize(const StreamItem& item) const;

  void Attach(uint32_t handle, const std::string& session_id,
              std::optional<uint64_t> acknowledged_step);
  void Detach(uint32_t handle);
  void Add(const StreamItem& item);
  // Whichever of these it is.
  void Add(const Replay::Outgoing& outgoing);

  // The oldest message, complete with the stream's options.
  std::optional<v1::StreamRequest> Take();
  bool empty() const { return messages_.empty(); }
  size_t messages() const { return messages_.size(); }

 private:
  bool Fits(const v1::StreamRequest& message, const StreamItem& item) const;
  v1::StreamRequest& MessageFor(const StreamItem& item);
  v1::StreamRequest& Fresh();

  Stream::Options options_;
  std::deque<v1::StreamRequest> messages_;
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_STREAM_OUTBOX_H_
