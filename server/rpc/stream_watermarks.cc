#include "server/rpc/stream_watermarks.h"

namespace recur {

uint32_t StreamWatermarks::Bind(uint32_t handle, uint64_t durable_step) {
  Unbind(handle);
  const uint32_t number = ++last_number_;
  bound_[handle] = {number, durable_step};
  handle_of_[number] = handle;
  return number;
}

uint32_t StreamWatermarks::Unbind(uint32_t handle) {
  const auto found = bound_.find(handle);
  if (found == bound_.end()) return 0;
  const uint32_t number = found->second.number;
  handle_of_.erase(number);
  unsent_.erase(handle);
  bound_.erase(found);
  return number;
}

void StreamWatermarks::Add(absl::Span<const Watermark> marks) {
  for (const Watermark& mark : marks) {
    const auto handle = handle_of_.find(mark.handle);
    if (handle == handle_of_.end()) continue;
    bound_[handle->second].durable_step = mark.durable_step;
    unsent_[handle->second] = mark.durable_step;
  }
}

void StreamWatermarks::Take(v1::Watermarks* out) {
  while (!unsent_.empty() && out->handle_size() < kMaxMarks) {
    const auto mark = unsent_.begin();
    out->add_handle(mark->first);
    out->add_durable_step(mark->second);
    unsent_.erase(mark);
  }
}

void StreamWatermarks::All(v1::Watermarks* out) const {
  for (const auto& [handle, bound] : bound_) {
    out->add_handle(handle);
    out->add_durable_step(bound.durable_step);
  }
}

}  // namespace recur
