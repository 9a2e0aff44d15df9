// A message's items on their way through the lanes, and their results.
//
// The caller fills the columns, hands the batch to the lanes that own the
// sessions, and is told through its ItemSink as items finish. Each item
// belongs to one lane; lanes write only the results of their own items, so a
// batch takes no lock.
#ifndef RECUR_SERVER_LANE_ITEM_BATCH_H_
#define RECUR_SERVER_LANE_ITEM_BATCH_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/servable/servable.h"
#include "model/spec/answer.h"
#include "server/lane/session_record.h"

namespace recur {

// kState: a copy of the sequence state, to go on from; for reads alone.
enum class Want { kAck, kClass, kForecast, kState };

struct Item {
  // One of the two. The lane sets the record once it has found it by id.
  std::string session_id;
  SessionPtr session;
  // The number of the first observation; left out: the next one.
  std::optional<uint64_t> first_step;
  // Observations; 0 only reads: the answer is given from the session as it
  // stands after the items before, and nothing is applied.
  int steps = 0;
  Want want = Want::kAck;
  uint64_t min_step = 0;  // reads: refuse if fewer steps are applied
};

struct ItemResult {
  absl::Status status;
  uint64_t step = 0;          // the item's last step
  uint64_t applied_step = 0;  // the session's, after the item
  uint64_t durable_step = 0;  // as far as is known of that very session
  bool duplicate = false;     // every step of it had been applied before
  std::shared_ptr<const Answer> answer;  // null: none asked for or kept
};

// Where a lane finds an item: its own name for the batch's delivery, and the
// index there.
struct ItemPlace {
  uint32_t delivery = 0;
  uint32_t index = 0;
};

class ItemBatch;

// Told by whoever works a lane that items of a batch have their results. Must
// be quick and must not call back into the lane. Each item is named once.
class ItemSink {
 public:
  virtual ~ItemSink() = default;
  virtual void ItemsDone(const std::shared_ptr<ItemBatch>& batch,
                         absl::Span<const uint32_t> indices) = 0;
};

class ItemBatch {
 public:
  // [items]
  std::vector<Item> items;
  // The observations of all items in order, [steps, columns] each. The
  // columns are the session's model's, which the caller need not know: item i
  // has value_counts[i] values, and the lane checks that they are steps times
  // columns. Empty value_counts: all values are item 0's.
  std::vector<double> values;
  std::vector<uint32_t> value_counts;
  std::vector<int64_t> times_us;  // empty, or one per step of all items
  std::vector<double> known;      // known inputs for every forecast, or empty
  bool wait_durable = false;
  std::optional<TimePoint> deadline;  // not applied when it passes before
  uint64_t first_item = 0;            // the sink's own number of item 0
  TimePoint arrived;
  std::shared_ptr<ItemSink> sink;

  // [items], sized by Seal.
  std::vector<ItemResult> results;
  // Whoever hands the items to several lanes may note here, lane by lane,
  // which go where.
  std::vector<uint32_t> routed;

  // Computes the offsets of each item. Call once, when the columns are filled.
  // INVALID_ARGUMENT if the columns do not agree.
  absl::Status Seal();

  // Lets go of sessions, answers and the sink, and empties the columns; keeps
  // their memory, so that the batch can be filled again.
  void Clear();

  absl::Span<const double> ValuesOf(uint32_t index) const {
    return {values.data() + value_offsets_[index], value_counts[index]};
  }
  absl::Span<const int64_t> TimesOf(uint32_t index) const {  // may be empty
    if (times_us.empty()) return {};
    const size_t first = step_offsets_[index];
    return {times_us.data() + first, step_offsets_[index + 1] - first};
  }

  // Brings an item, its values and the place of its result nearer.
  void Prefetch(uint32_t index) const {
    __builtin_prefetch(&items[index]);
    __builtin_prefetch(values.data() + value_offsets_[index]);
    __builtin_prefetch(&results[index], 1);
  }

  // The id by which an item names its session.
  absl::string_view SessionIdOf(uint32_t index) const {
    const Item& item = items[index];
    return item.session ? item.session->session.id
                        : absl::string_view(item.session_id);
  }

  // The model of an item's session; null if that was not found.
  std::shared_ptr<const Servable> ModelOf(uint32_t index) const {
    return items[index].session ? items[index].session->model : nullptr;
  }

 private:
  std::vector<size_t> value_offsets_;  // [items + 1]
  std::vector<size_t> step_offsets_;   // [items + 1]
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_ITEM_BATCH_H_
