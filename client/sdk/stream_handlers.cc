#include "client/sdk/stream_handlers.h"

#include <utility>

namespace recur::client {

StreamHandlers::StreamHandlers(Stream::Handlers handlers)
    : handlers_(std::move(handlers)) {}

void StreamHandlers::Expect(uint32_t handle, Stream::OnAttached on_attached) {
  std::lock_guard<std::mutex> lock(mutex_);
  expected_[handle] = std::move(on_attached);
}

bool StreamHandlers::Expects(uint32_t handle) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return expected_.contains(handle);
}

Stream::OnAttached StreamHandlers::TakeExpected(uint32_t handle) {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = expected_.find(handle);
  if (found == expected_.end()) return nullptr;
  Stream::OnAttached on_attached = std::move(found->second);
  expected_.erase(found);
  return on_attached;
}

void StreamHandlers::Deliver(std::vector<Delivery>& deliveries) {
  if (deliveries.empty()) return;
  std::lock_guard<std::mutex> lock(handling_);
  for (Delivery& delivery : deliveries) DeliverOne(delivery);
}

void StreamHandlers::End(const absl::Status& status) {
  std::lock_guard<std::mutex> lock(handling_);
  if (handlers_.on_end) handlers_.on_end(status);
}

void StreamHandlers::DeliverOne(Delivery& delivery) {
  if (auto* reply = std::get_if<StreamReply>(&delivery)) {
    if (handlers_.on_reply) handlers_.on_reply(*reply);
  } else if (auto* attached = std::get_if<StreamAttached>(&delivery)) {
    Stream::OnAttached expected = TakeExpected(attached->handle);
    if (expected) expected(*attached);
  } else if (auto* durable = std::get_if<DurableStep>(&delivery)) {
    if (handlers_.on_durable) {
      handlers_.on_durable(durable->handle, durable->step);
    }
  } else if (auto* over = std::get_if<SessionOver>(&delivery)) {
    Stream::OnAttached expected = TakeExpected(over->handle);
    if (expected) {
      expected(over->status);
    } else if (handlers_.on_session_over) {
      handlers_.on_session_over(over->handle, over->status);
    }
  } else if (handlers_.on_go_away) {
    handlers_.on_go_away(std::get<GoAway>(delivery).reason);
  }
}

}  // namespace recur::client
