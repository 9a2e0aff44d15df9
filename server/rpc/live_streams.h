// The streams that are open, so that a server about to leave can tell them.
// Thread-safe.
#ifndef RECUR_SERVER_RPC_LIVE_STREAMS_H_
#define RECUR_SERVER_RPC_LIVE_STREAMS_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"

namespace recur {

// What can be told to leave. Called on the caller's thread.
class Leaver {
 public:
  virtual ~Leaver() = default;
  virtual void GoAway(const std::string& reason) = 0;
};

class LiveStreams {
 public:
  explicit LiveStreams(size_t limit) : limit_(limit) {}

  // UNAVAILABLE draining after GoAway; RESOURCE_EXHAUSTED too_many_streams at
  // the limit.
  absl::Status Add(const std::shared_ptr<Leaver>& stream);
  void Remove(const Leaver* stream);

  // Tells every stream, and refuses new ones from now on. Idempotent.
  void GoAway(const std::string& reason);

  size_t size() const;

 private:
  const size_t limit_;
  mutable std::mutex mutex_;
  bool leaving_ = false;
  absl::flat_hash_map<const Leaver*, std::weak_ptr<Leaver>> streams_;
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_LIVE_STREAMS_H_
