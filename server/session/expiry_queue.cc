#include "server/session/expiry_queue.h"

namespace recur {

void ExpiryQueue::Add(std::string id, TimePoint deadline) {
  queue_.emplace(deadline, std::move(id));
}

}  // namespace recur
