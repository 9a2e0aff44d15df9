#include "server/lane/step_batcher.h"

#include <algorithm>

namespace recur {

void StepBatcher::Add(RunId run, ModelId model, bool bulk) {
  if (model >= queues_.size()) queues_.resize(model + 1);
  (bulk ? queues_[model].bulk : queues_[model].live).push_back(run);
  ++waiting_;
  if (bulk) ++bulk_waiting_;
}

void StepBatcher::Take(std::deque<RunId>* from, size_t rows,
                       std::vector<RunId>* batch) {
  rows = std::min(rows, from->size());
  batch->insert(batch->end(), from->begin(), from->begin() + rows);
  from->erase(from->begin(), from->begin() + rows);
  waiting_ -= rows;
}

bool StepBatcher::NextBatch(std::vector<RunId>* batch) {
  batch->clear();
  if (waiting_ == 0) return false;
  while (queues_[next_model_ % queues_.size()].empty()) ++next_model_;
  Queue& queue = queues_[next_model_++ % queues_.size()];
  // A batch too small to share is shared over time instead.
  const bool bulk_turn = ++queue.turns % kBulkShare == 0;
  const size_t share = max_rows_ >= kBulkShare ? max_rows_ / kBulkShare
                                               : (bulk_turn ? max_rows_ : 0);
  const size_t bulk_rows = std::min(share, queue.bulk.size());
  Take(&queue.live, max_rows_ - bulk_rows, batch);
  const size_t live = batch->size();
  Take(&queue.bulk, max_rows_ - live, batch);
  bulk_waiting_ -= batch->size() - live;
  return true;
}

}  // namespace recur
