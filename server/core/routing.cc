// Service: items and models on their way to the lanes.

#include <condition_variable>
#include <mutex>
#include <numeric>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/core/service.h"
#include "server/session/session_id.h"

namespace recur {
namespace {

// Items that fill a batch well enough to be stepped without any others.
constexpr size_t kItemsWorthABatch = 32;

// A model on its way to all lanes.
struct Warming {
  std::mutex mutex;
  std::condition_variable done;
  int missing = 0;     // under mutex
  absl::Status first;  // under mutex: the first error
};

// One lane's part. A task that a stopped lane drops counts as an error, so
// that nobody waits for it.
class WarmingPart {
 public:
  explicit WarmingPart(std::shared_ptr<Warming> warming)
      : warming_(std::move(warming)) {}
  WarmingPart(WarmingPart&&) = default;
  ~WarmingPart() {
    if (warming_ == nullptr) return;
    Finish(ErrorWithReason(absl::StatusCode::kUnavailable, "draining",
                           "the lanes have stopped"));
  }

  void Finish(const absl::Status& status) {
    const std::shared_ptr<Warming> warming = std::move(warming_);
    const std::lock_guard lock(warming->mutex);
    warming->first.Update(status);
    if (--warming->missing == 0) warming->done.notify_one();
  }

 private:
  std::shared_ptr<Warming> warming_;
};

}  // namespace

void Service::RefuseAll(const std::shared_ptr<ItemBatch>& batch,
                        const absl::Status& status) {
  std::vector<uint32_t> all;
  batch->results.resize(batch->items.size());
  for (size_t i = 0; i < batch->items.size(); ++i) {
    batch->results[i].status = status;
    all.push_back(static_cast<uint32_t>(i));
  }
  batch->sink->ItemsDone(batch, all);
}

absl::Status Service::CheckItem(const Item& item) const {
  // A count from the wire that an int cannot hold is below 0 here.
  if (item.steps < 0 || item.steps > options_.max_steps_per_item) {
    return ErrorWithReason(
        absl::StatusCode::kInvalidArgument, "item_too_long",
        absl::StrFormat("the item has %u steps; the limit is %d",
                        static_cast<uint32_t>(item.steps),
                        options_.max_steps_per_item));
  }
  return item.session ? absl::OkStatus() : CheckSessionId(item.session_id);
}

void Service::Submit(const std::shared_ptr<ItemBatch>& batch) {
  std::vector<uint32_t> refused;
  std::vector<uint32_t>& routed = batch->routed;
  routed.reserve(batch->items.size());
  for (uint32_t i = 0; i < batch->items.size(); ++i) {
    absl::Status status = CheckItem(batch->items[i]);
    if (status.ok()) {
      routed.push_back(i);
    } else {
      batch->results[i].status = std::move(status);
      refused.push_back(i);
    }
  }
  // The batch may be filled anew once all of it is done.
  const bool done = routed.empty();
  if (!refused.empty()) batch->sink->ItemsDone(batch, refused);
  if (done) return;
  if (lanes_->lane_count() > 1) return SubmitByLane(batch);
  // Small enough for a task without memory of its own.
  SubmitTo(0, batch->routed.size(), [batch](Lane& lane, TimePoint now) {
    lane.Submit(batch, batch->routed, now);
  });
}

// Sorts the items by lane, each lane's in their order.
void Service::SubmitByLane(const std::shared_ptr<ItemBatch>& batch) {
  const std::vector<uint32_t> items = batch->routed;
  std::vector<uint32_t> lanes;
  lanes.reserve(items.size());
  std::vector<uint32_t> ends(lanes_->lane_count());
  for (const uint32_t item : items) {
    lanes.push_back(LaneOf(batch->SessionIdOf(item)));
    ++ends[lanes.back()];
  }
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<uint32_t> firsts = ends;
  for (size_t i = items.size(); i > 0; --i) {
    batch->routed[--firsts[lanes[i - 1]]] = items[i - 1];
  }
  for (size_t lane = 0; lane < ends.size(); ++lane) {
    const uint32_t first = firsts[lane];
    const uint32_t count = ends[lane] - first;
    if (count == 0) continue;
    LaneTask task = [batch, first, count](Lane& owner, TimePoint now) {
      owner.Submit(
          batch, absl::MakeConstSpan(batch->routed).subspan(first, count), now);
    };
    // The others work at the same time as the last one.
    const bool last = ends[lane] == items.size();
    SubmitTo(static_cast<int>(lane), last ? count : 0, std::move(task));
  }
}

// Few items are better left for the lane's own thread: by the time it wakes,
// others have come to be stepped with them.
void Service::SubmitTo(int lane, size_t items, LaneTask task) {
  if (items >= kItemsWorthABatch) {
    lanes_->PostOrWork(lane, std::move(task));
  } else {
    lanes_->Post(lane, std::move(task));
  }
}

absl::Status Service::Warm(const std::shared_ptr<const Servable>& model) {
  auto warming = std::make_shared<Warming>();
  warming->missing = lanes_->lane_count();
  for (int i = 0; i < lanes_->lane_count(); ++i) {
    lanes_->Post(i, [part = WarmingPart(warming), model](
                        Lane& lane, TimePoint /*now*/) mutable {
      part.Finish(lane.Prepare(model));
    });
  }
  std::unique_lock lock(warming->mutex);
  warming->done.wait(lock, [&] { return warming->missing == 0; });
  return warming->first;
}

}  // namespace recur
