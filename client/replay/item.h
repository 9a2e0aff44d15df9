// What is kept of one item until it is acknowledged. A plain value.
#ifndef RECUR_CLIENT_REPLAY_ITEM_H_
#define RECUR_CLIENT_REPLAY_ITEM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace recur::client {

// What to answer after the last step.
enum class Want { kAck, kClass, kForecast };

// One or more steps of one session.
struct Item {
  uint64_t number = 0;  // as its sender counts; replay only gives it back
  uint64_t first_step = 1;
  uint32_t steps = 1;
  std::vector<double> values;     // [steps, features]
  std::vector<int64_t> times_us;  // one per step, or empty
  std::vector<double> known;      // known inputs of the forecast
  Want want = Want::kAck;

  uint64_t last_step() const { return first_step + steps - 1; }
  size_t bytes() const {
    return sizeof(Item) + sizeof(double) * (values.size() + known.size()) +
           sizeof(int64_t) * times_us.size();
  }
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_REPLAY_ITEM_H_
