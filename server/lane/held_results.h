// Results of items that are computed and wait until their steps are durable,
// or, of reads, until it is known that the session was this server's. Those of
// one session and sink leave in the order in which they came. Pure.
#ifndef RECUR_SERVER_LANE_HELD_RESULTS_H_
#define RECUR_SERVER_LANE_HELD_RESULTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "server/lane/item_batch.h"

namespace recur {

struct HeldResult {
  using Call = absl::AnyInvocable<void(const absl::Status&)>;

  ItemPlace place;
  const ItemSink* sink = nullptr;
  uint64_t until = 0;  // the step that must be durable
  // Of a read: when the session must have been this server's.
  std::optional<TimePoint> owned_at;
  std::optional<TimePoint> deadline;
  // Told instead of the item, if there is one.
  std::shared_ptr<Call> call;
};

class HeldResults {
 public:
  void Hold(const SessionRecord* session, HeldResult result) {
    ++size_;
    if (result.call != nullptr) ++calls_;
    held_[session].push_back(std::move(result));
  }

  // Whether a result that comes now must wait behind another one.
  bool MustFollow(const SessionRecord* session, const ItemSink* sink) const;

  // Removes and returns those that need wait no longer, in order.
  std::vector<HeldResult> Release(const SessionRecord* session,
                                  uint64_t durable_step,
                                  TimePoint owned_at = {});

  // Removes and returns all of a session, or those of any whose deadline has
  // passed.
  std::vector<HeldResult> TakeAll(const SessionRecord* session);
  std::vector<HeldResult> TakeLate(TimePoint now);
  std::vector<HeldResult> TakeAll();

  size_t size() const { return size_; }
  size_t calls() const { return calls_; }  // of these

 private:
  std::vector<HeldResult> Leave(std::vector<HeldResult> gone);

  absl::flat_hash_map<const SessionRecord*, std::deque<HeldResult>> held_;
  size_t size_ = 0;
  size_t calls_ = 0;
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_HELD_RESULTS_H_
