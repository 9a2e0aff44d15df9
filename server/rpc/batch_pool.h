// The batches of all streams, to be filled again. The one that came back last
// goes out first: its memory is still near, however many streams there are.
// Thread-safe; its batches hold it.
#ifndef RECUR_SERVER_RPC_BATCH_POOL_H_
#define RECUR_SERVER_RPC_BATCH_POOL_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "server/rpc/stream_items.h"

namespace recur {

class BatchPool : public std::enable_shared_from_this<BatchPool> {
 public:
  // Batches that are kept, of at most so many items and values each.
  static constexpr size_t kMaxKept = 64;
  static constexpr size_t kMaxKeptValues = 8192;

  static std::shared_ptr<BatchPool> Create();

  // An empty batch, which comes back when its last owner lets go of it.
  std::shared_ptr<StreamBatch> Take();

  size_t kept() const;

 private:
  BatchPool() = default;

  void TakeBack(std::unique_ptr<StreamBatch> batch);

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<StreamBatch>> kept_;
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_BATCH_POOL_H_
