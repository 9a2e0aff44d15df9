#include "server/rpc/batch_pool.h"

#include <utility>

namespace recur {

std::shared_ptr<BatchPool> BatchPool::Create() {
  return std::shared_ptr<BatchPool>(new BatchPool);
}

std::shared_ptr<StreamBatch> BatchPool::Take() {
  std::unique_ptr<StreamBatch> batch;
  {
    const std::lock_guard lock(mutex_);
    if (!kept_.empty()) {
      batch = std::move(kept_.back());
      kept_.pop_back();
    }
  }
  if (batch == nullptr) batch = std::make_unique<StreamBatch>();
  return {batch.release(), [pool = shared_from_this()](StreamBatch* back) {
            pool->TakeBack(std::unique_ptr<StreamBatch>(back));
          }};
}

void BatchPool::TakeBack(std::unique_ptr<StreamBatch> batch) {
  if (batch->values.capacity() > kMaxKeptValues ||
      batch->item_index.capacity() > kMaxKeptValues) {
    return;
  }
  batch->Clear();
  const std::lock_guard lock(mutex_);
  if (kept_.size() < kMaxKept) kept_.push_back(std::move(batch));
}

size_t BatchPool::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_.size();
}

}  // namespace recur
