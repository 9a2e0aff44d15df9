// What a stream has to send: collected from any thread, taken by one writer at
// a time, everything that has come together in as few messages as their size
// allows. Not thread-safe: the stream's lock guards Add, and the writer alone
// calls Take after TakeOver.
#ifndef RECUR_SERVER_RPC_STREAM_REPLIES_H_
#define RECUR_SERVER_RPC_STREAM_REPLIES_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "recur/v1/recur.pb.h"
#include "server/core/service.h"
#include "server/lane/histogram.h"
#include "server/rpc/stream_items.h"

namespace recur {

// Counts answered items by model and code. One thread at a time.
class ItemStats {
 public:
  explicit ItemStats(Service* service) : service_(service) {}
  void Count(const ItemResult& result, TimePoint arrived, TimePoint now);

 private:
  Service* service_;
  // Keyed by the model so that a step costs no lookup by name. The models are
  // held so that no other one can take their address.
  struct Key {
    std::shared_ptr<const Servable> model;
    absl::StatusCode code;
    bool operator==(const Key&) const = default;
    template <typename H>
    friend H AbslHashValue(H h, const Key& key) {
      return H::combine(std::move(h), key.model.get(),
                        static_cast<int>(key.code));
    }
  };
  absl::flat_hash_map<Key, Histogram*> series_;
};

class StreamReplies {
 public:
  // A message is not made much longer than this: clients take 4 MiB by default.
  static constexpr size_t kMessageBytes = size_t{1} << 20;

  struct Amount {
    size_t items = 0;  // and attaches
    size_t bytes = 0;  // of the batches whose last item this was
  };

  explicit StreamReplies(Service* service) : stats_(service) {}

  // Guarded by the stream's lock.
  void AddAttached(v1::Attached attached) {
    new_attached_.push_back(std::move(attached));
  }
  void AddItem(std::shared_ptr<StreamBatch> batch, uint32_t place) {
    new_items_.push_back({std::move(batch), place});
  }
  void AddGoAway(std::string reason) { new_go_away_ = std::move(reason); }
  bool empty() const;
  // Drops all that is not being taken.
  void Clear();
  // Hands the writer what was added.
  void TakeOver();

  // The writer's: the next message from what was taken over; returns what is
  // answered in it.
  Amount Take(v1::StreamResponse* response);

 private:
  struct Ready {
    std::shared_ptr<StreamBatch> batch;
    uint32_t place;
  };

  std::vector<v1::Attached> new_attached_;
  std::vector<Ready> new_items_;
  std::string new_go_away_;

  std::deque<v1::Attached> attached_;
  std::deque<Ready> items_;
  std::string go_away_;
  ItemStats stats_;
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_STREAM_REPLIES_H_
