// Chooses which sequences step together. Pure: no thread, clock or engine.
//
// A run is one sequence with steps to take; the owner guarantees that a
// sequence is in at most one run. Runs take turns step by step, oldest first
// within a model. Live runs come before bulk ones (whole texts and contexts),
// but bulk is given at least one row in kBulkShare, so that it is never
// starved.
#ifndef RECUR_SERVER_LANE_STEP_BATCHER_H_
#define RECUR_SERVER_LANE_STEP_BATCHER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace recur {

// A handle the owner gives a run; meaningless to the batcher.
using RunId = uint32_t;
// Identifies an engine: only runs of the same one step together.
using ModelId = uint32_t;

class StepBatcher {
 public:
  static constexpr int kBulkShare = 8;

  explicit StepBatcher(int max_rows) : max_rows_(max_rows) {}

  // The run has a step to take: new, or again after a batch it was in.
  void Add(RunId run, ModelId model, bool bulk);

  // Fills `batch` with up to max_rows runs of one model and removes them from
  // the queue. False if none waits. Models take turns.
  bool NextBatch(std::vector<RunId>* batch);

  size_t waiting() const { return waiting_; }
  size_t bulk_waiting() const { return bulk_waiting_; }

 private:
  struct Queue {
    std::deque<RunId> live;
    std::deque<RunId> bulk;
    size_t turns = 0;
    bool empty() const { return live.empty() && bulk.empty(); }
  };

  void Take(std::deque<RunId>* from, size_t rows, std::vector<RunId>* batch);

  int max_rows_;
  size_t waiting_ = 0;
  size_t bulk_waiting_ = 0;  // of these
  size_t next_model_ = 0;
  std::vector<Queue> queues_;  // by ModelId
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_STEP_BATCHER_H_
