// Who is told how far a session is durable: a stream that has attached it.
// Pure.
#ifndef RECUR_SERVER_LANE_WATERMARKS_H_
#define RECUR_SERVER_LANE_WATERMARKS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "server/lane/session_record.h"

namespace recur {

struct Watermark {
  uint32_t handle = 0;  // the watcher's own
  uint64_t durable_step = 0;
};

// Told by whoever works the lane; must be quick and must not call back into it.
class DurableWatcher {
 public:
  virtual ~DurableWatcher() = default;
  virtual void BecameDurable(absl::Span<const Watermark> marks) = 0;
};

class Watermarks {
 public:
  void Watch(const SessionRecord* session,
             const std::shared_ptr<DurableWatcher>& watcher, uint32_t handle);
  void Unwatch(const SessionRecord* session, const DurableWatcher* watcher,
               uint32_t handle);
  // The session is no longer held.
  void Forget(const SessionRecord* session) { watches_.erase(session); }

  // The session is durable so far; its watchers are told by Tell, each once
  // for all that has come.
  void Advance(const SessionRecord* session);
  void Tell();

 private:
  struct Watched {
    std::weak_ptr<DurableWatcher> watcher;
    const DurableWatcher* key;
    uint32_t handle;
  };
  struct News {
    std::shared_ptr<DurableWatcher> watcher;
    std::vector<Watermark> marks;
  };

  absl::flat_hash_map<const SessionRecord*, absl::InlinedVector<Watched, 1>>
      watches_;
  absl::flat_hash_map<const DurableWatcher*, News> news_;
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_WATERMARKS_H_
