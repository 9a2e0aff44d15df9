// A minibatch cut into shards of whole sequences, the same for every number of
// threads: what each gives, and the order in which that is added up, then says
// nothing about where it was computed.
#ifndef RECUR_MODEL_TRAIN_LEARNING_BATCH_SHARDS_H_
#define RECUR_MODEL_TRAIN_LEARNING_BATCH_SHARDS_H_

#include <vector>

#include "absl/types/span.h"
#include "model/network/trainable_network.h"

namespace recur {

// Shards of a minibatch that has as many rows. Primitives lose little down to
// 8 rows, so that a minibatch of 32 can use four cores.
inline constexpr int kBatchShards = 4;

// Shards of a minibatch of `rows`: none is empty.
int ShardCount(int rows);

// Writes rows [shard * rows / count, (shard + 1) * rows / count) of `batch`,
// its points and their targets, in order. The buffers of *part and *targets are
// used again. `batch` has passed CheckSequenceBatch, and its targets are as
// many for each point.
void CutShard(const SequenceBatch& batch, absl::Span<const float> targets,
              int shard, SequenceBatch* part, std::vector<float>* part_targets);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_BATCH_SHARDS_H_
