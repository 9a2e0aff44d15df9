// Which sessions of a stream the next message is for: in order, round and
// round, or drawn at random without one coming twice in a message. Pure;
// 4 bytes per session when random.
#ifndef RECUR_CLIENT_LOAD_SESSION_CURSOR_H_
#define RECUR_CLIENT_LOAD_SESSION_CURSOR_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace recur::load {

class SessionCursor {
 public:
  enum class Order { kInOrder, kRandom };

  // Over sessions 0, 1, ..., sessions - 1. The same seed, the same draws.
  SessionCursor(uint32_t sessions, Order order, uint64_t seed);

  void BeginMessage() { drawn_ = 0; }

  // One that was not given yet for this message; nullopt if all were.
  std::optional<uint32_t> Next() {
    if (drawn_ == sessions_) return std::nullopt;
    ++drawn_;
    return order_ == Order::kRandom ? Draw() : Walk();
  }

 private:
  uint32_t Walk() {
    const uint32_t session = place_;
    if (++place_ == sessions_) place_ = 0;
    return session;
  }

  // One step of a Fisher-Yates shuffle: what was drawn for this message stands
  // at the front.
  uint32_t Draw() {
    const uint32_t last = drawn_ - 1;
    const uint32_t from =
        last +
        static_cast<uint32_t>((uint64_t{Random()} * (sessions_ - last)) >> 32);
    std::swap(shuffled_[last], shuffled_[from]);
    return shuffled_[last];
  }

  uint32_t Random() {  // splitmix64's upper half
    uint64_t z = (random_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return static_cast<uint32_t>((z ^ (z >> 31)) >> 32);
  }

  const uint32_t sessions_;
  const Order order_;
  uint64_t random_;
  uint32_t drawn_ = 0;
  uint32_t place_ = 0;
  std::vector<uint32_t> shuffled_;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_SESSION_CURSOR_H_
