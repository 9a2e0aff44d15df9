// What a stream has sent and is not told to be durable, and when it was due.
// Pure. Does nothing until Keep(), which is for a server that stores sessions;
// then 16 bytes for each item between sending and durability.
#ifndef RECUR_CLIENT_LOAD_DURABLE_STEPS_H_
#define RECUR_CLIENT_LOAD_DURABLE_STEPS_H_

#include <cstdint>
#include <vector>

#include "client/load/load_clock.h"
#include "client/load/load_stats.h"

namespace recur::load {

class DurableSteps {
 public:
  explicit DurableSteps(uint32_t sessions) : sessions_(sessions) {}

  // From now on; nothing is under way yet.
  void Keep() { waiting_.resize(sessions_); }
  bool keeps() const { return !waiting_.empty(); }

  // An item leaves; `last_step` grows from item to item of a session.
  void Sent(uint32_t session, uint64_t last_step, TimePoint intended) {
    if (!keeps()) return;
    waiting_[session].push_back({last_step, intended});
    ++open_;
  }

  // Steps from `next` on were not applied and will be sent anew.
  void Refused(uint32_t session, uint64_t next) {
    if (!keeps()) return;
    std::vector<Item>& items = waiting_[session];
    while (!items.empty() && items.back().last_step >= next) {
      items.pop_back();
      --open_;
    }
  }

  // The server says how far the session is durable.
  void Durable(uint32_t session, uint64_t step, TimePoint now,
               LoadStats* stats) {
    if (session >= waiting_.size()) return;
    std::vector<Item>& items = waiting_[session];
    auto end = items.begin();
    for (; end != items.end() && end->last_step <= step; ++end) {
      stats->OnDurable(end->intended, now);
    }
    open_ -= static_cast<uint64_t>(end - items.begin());
    items.erase(items.begin(), end);
  }

  // Items that are not durable yet, as far as is known.
  uint64_t open() const { return open_; }

 private:
  struct Item {
    uint64_t last_step = 0;
    TimePoint intended;
  };

  const uint32_t sessions_;
  std::vector<std::vector<Item>> waiting_;  // by session; empty: not kept
  uint64_t open_ = 0;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_DURABLE_STEPS_H_
