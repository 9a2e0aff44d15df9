// Calls a stream's handlers, one at a time, from whichever thread. Thread safe;
// the mutexes inside are leaves but for what handlers themselves do.
#ifndef RECUR_CLIENT_SDK_STREAM_HANDLERS_H_
#define RECUR_CLIENT_SDK_STREAM_HANDLERS_H_

#include <cstdint>
#include <mutex>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "client/sdk/stream.h"
#include "client/sdk/stream_intake.h"

namespace recur::client {

class StreamHandlers {
 public:
  explicit StreamHandlers(Stream::Handlers handlers);

  // Waits for the answer to the handle's attach.
  void Expect(uint32_t handle, Stream::OnAttached on_attached);
  bool Expects(uint32_t handle) const;

  void Deliver(std::vector<Delivery>& deliveries);
  void End(const absl::Status& status);

 private:
  Stream::OnAttached TakeExpected(uint32_t handle);
  void DeliverOne(Delivery& delivery);

  std::mutex handling_;  // while a handler runs
  Stream::Handlers handlers_;

  mutable std::mutex mutex_;
  absl::flat_hash_map<uint32_t, Stream::OnAttached> expected_;
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_STREAM_HANDLERS_H_
