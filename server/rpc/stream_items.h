// The items of one Stream message: columns -> a batch for the lanes, and their
// results -> columns again. Pure.
#ifndef RECUR_SERVER_RPC_STREAM_ITEMS_H_
#define RECUR_SERVER_RPC_STREAM_ITEMS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "model/servable/servable.h"
#include "recur/v1/recur.pb.h"
#include "server/lane/item_batch.h"
#include "server/rpc/forecast_cut.h"

namespace recur {

// The sessions that the handles of a stream are attached to.
using Bindings = absl::flat_hash_map<uint32_t, SessionPtr>;

// A message's items. Those that the lanes get are the batch's, in order; those
// refused here come with their results. A "place" counts both: first the
// batch's items, then the refused ones. `first_item` is the number of the
// message's first item on its stream.
struct StreamBatch : ItemBatch {
  std::vector<uint32_t> item_index;  // [places], within the message
  std::vector<uint32_t> handles;     // [places]
  std::vector<ItemResult> refused;
  std::vector<SessionPtr> refused_sessions;  // null: the handle is unknown
  uint32_t top_k = 0;
  bool durable = false;     // its replies say how far the sessions are so
  size_t unwritten = 0;     // places whose reply is not written yet
  size_t answer_bytes = 0;  // that the forecasts asked for will take
  // What is asked of each model's forecasts.
  std::vector<std::pair<const Servable*, ForecastCut>> cuts;
  // While it is decoded: the session of each item of the message, or null.
  std::vector<const SessionPtr*> bound;

  size_t places() const { return item_index.size(); }
  // Of the observations and the answers to them.
  size_t bytes() const {
    return values.size() * sizeof(double) + times_us.size() * sizeof(int64_t) +
           answer_bytes;
  }
  // As ItemBatch::Clear.
  void Clear();

  const ItemResult& ResultOf(uint32_t place) const {
    return place < items.size() ? results[place]
                                : refused[place - items.size()];
  }
  const SessionPtr& SessionOf(uint32_t place) const {
    return place < items.size() ? items[place].session
                                : refused_sessions[place - items.size()];
  }
};

// At most so many items per message, and so many bytes of answers to them.
inline constexpr int kMaxItemsPerMessage = 65'536;
inline constexpr int64_t kMaxAnswerBytesPerMessage = int64_t{64} << 20;

// Fills `batch`, a new or cleared one, and seals it; it has no sink, deadline
// or arrival yet. How many values an item has follows from its session's model.
// An item whose handle is not attached is refused (unknown_handle), as is one
// without steps (empty_sequence), with an unknown want (bad_want) or with
// forecast options that its model does not have; the others go on. If the
// values do not add up, they are shared evenly when all items expect the same
// width, so that the lane can name the wrong width of each; items with unknown
// handles share evenly what the others leave. From the item on whose answer
// would be too much all are refused: RESOURCE_EXHAUSTED answers_full.
//
// INVALID_ARGUMENT bad_columns if the columns do not agree, values_twice, or
// too_many_items: the message as a whole cannot be read.
absl::Status DecodeItems(const v1::StreamRequest& request,
                         const Bindings& bindings, StreamBatch* batch);

// Appends the reply of one place, whose result is known.
void AppendReply(const StreamBatch& batch, uint32_t place,
                 v1::ItemReplies* replies);

}  // namespace recur

#endif  // RECUR_SERVER_RPC_STREAM_ITEMS_H_
