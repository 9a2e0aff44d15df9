// Service: items and models on their way to the lanes.

#include <condition_variable>
#include <mutex>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/core/service.h"
#include "server/session/session_id.h"

namespace recur {

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
  if (item.steps > options_.max_steps_per_item) {
    return ErrorWithReason(
        absl::StatusCode::kInvalidArgument, "item_too_long",
        absl::StrFormat("the item has %d steps; the limit is %d", item.steps,
                        options_.max_steps_per_item));
  }
  return CheckSessionId(item.session_id);
}

void Service::Submit(const std::shared_ptr<ItemBatch>& batch) {
  std::vector<std::vector<uint32_t>> by_lane(lanes_->lane_count());
  std::vector<uint32_t> refused;
  for (uint32_t i = 0; i < batch->items.size(); ++i) {
    absl::Status status = CheckItem(batch->items[i]);
    if (status.ok()) {
      by_lane[LaneOf(batch->items[i].session_id)].push_back(i);
    } else {
      batch->results[i].status = std::move(status);
      refused.push_back(i);
    }
  }
  if (!refused.empty()) batch->sink->ItemsDone(batch, refused);
  for (size_t lane = 0; lane < by_lane.size(); ++lane) {
    if (by_lane[lane].empty()) continue;
    lanes_->Post(
        static_cast<int>(lane),
        [batch, indices = std::move(by_lane[lane])](
            Lane& owner, TimePoint now) { owner.Submit(batch, indices, now); });
  }
}

absl::Status Service::Warm(const std::shared_ptr<const Servable>& model) {
  std::mutex mutex;
  std::condition_variable warmed;
  int missing = lanes_->lane_count();
  absl::Status first;
  for (int i = 0; i < lanes_->lane_count(); ++i) {
    lanes_->Post(i, [&](Lane& lane, TimePoint /*now*/) {
      const absl::Status status = lane.Prepare(model);
      const std::lock_guard lock(mutex);
      first.Update(status);
      if (--missing == 0) warmed.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  warmed.wait(lock, [&] { return missing == 0; });
  return first;
}

}  // namespace recur
