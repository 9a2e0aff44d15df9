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

// Counts answered items by model and code. Those that follow each other are
// mostly alike, and are counted together. One thread at a time.
class ItemStats {
 public:
  explicit ItemStats(Service* service) : service_(service) {}
  // `session` may be null.
  void Count(const SessionPtr& session, absl::StatusCode code,
             TimePoint arrived);
  // What was counted since the last time took until now.
  void Flush(TimePoint now);

 private:
  Histogram* SeriesOf(const Servable* model, absl::StatusCode code);

  Service* service_;
  // Items that are alike and not flushed. The model is held so that no other
  // one can take its address.
  struct Alike {
    std::shared_ptr<const Servable> model;
    absl::StatusCode code;
    TimePoint arrived;
    uint64_t items;
  };
  std::vector<Alike> alike_;
  // By a model's name: a stream may outlive many versions, which it must not
  // hold.
  absl::flat_hash_map<std::pair<std::string, absl::StatusCode>, Histogram*>
      series_;
};

class StreamReplies {
 public:
  // A message is not made much longer than this: clients take 4 MiB by default.
  static constexpr size_t kMessageBytes = size_t{1} << 20;

  // An answer to an attach is as long as the acks of so many items.
  static constexpr size_t kItemsPerAttach = 16;

  struct Amount {
    size_t items = 0;  // and attaches, by kItemsPerAttach
    size_t bytes = 0;  // of the batches whose last item this was
  };

  explicit StreamReplies(Service* service) : stats_(service) {}

  // Guarded by the stream's lock.
  void AddAttached(v1::Attached attached) {
    new_attached_.push_back(std::move(attached));
  }
  void AddItems(std::shared_ptr<StreamBatch> batch,
                absl::Span<const uint32_t> places);
  void AddGoAway(std::string reason) { new_go_away_ = std::move(reason); }
  bool empty() const;
  // Drops all that is not being taken.
  void Clear();
  // Whether answers to attaches are still to be taken.
  bool attaches_left() const { return !attached_.empty(); }
  // Hands the writer what was added.
  void TakeOver();

  // The writer's: the next message from what was taken over; returns what is
  // answered in it.
  Amount Take(v1::StreamResponse* response);

 private:
  // Results of one batch, as they came.
  struct Group {
    std::shared_ptr<StreamBatch> batch;
    size_t end;  // of its places, which begin where the group before ends
  };
  struct Items {
    std::vector<Group> groups;
    std::vector<uint32_t> places;
    void Clear() {
      groups.clear();
      places.clear();
    }
  };

  // Appends replies from the first group on until the message is long enough;
  // adds to `bytes`.
  void TakeGroup(v1::ItemReplies* replies, size_t* bytes, Amount* amount);
  bool items_left() const { return next_group_ < items_.groups.size(); }

  std::vector<v1::Attached> new_attached_;
  Items new_items_;
  std::string new_go_away_;

  std::deque<v1::Attached> attached_;
  Items items_;
  size_t next_group_ = 0;  // of items_, likewise
  size_t next_place_ = 0;
  std::string go_away_;
  ItemStats stats_;
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_STREAM_REPLIES_H_
