#include "model/train/learning/batch_shards.h"

#include <algorithm>
#include <cstdint>

namespace recur {
namespace {

// Rows [first, first + part.rows) of the part's steps of [steps, rows, width].
template <typename T>
void CutSteps(const SequenceBatch& batch, const std::vector<T>& from, int first,
              const SequenceBatch& part, std::vector<T>* to) {
  const int64_t width =
      static_cast<int64_t>(from.size()) / (int64_t{batch.steps} * batch.rows);
  to->resize(int64_t{part.steps} * part.rows * width);
  for (int step = 0; step < part.steps; ++step) {
    std::copy_n(from.begin() + (int64_t{step} * batch.rows + first) * width,
                part.rows * width,
                to->begin() + int64_t{step} * part.rows * width);
  }
}

// Appends block `index` of `from`, which holds `count` of equal size.
template <typename From>
void AppendBlock(const From& from, size_t count, size_t index,
                 std::vector<float>* to) {
  const size_t width = from.size() / count;
  const auto begin = from.begin() + static_cast<int64_t>(index * width);
  to->insert(to->end(), begin, begin + static_cast<int64_t>(width));
}

}  // namespace

int ShardCount(int rows) { return std::min(rows, kBatchShards); }

void CutShard(const SequenceBatch& batch, absl::Span<const float> targets,
              int shard, SequenceBatch* part,
              std::vector<float>* part_targets) {
  const int count = ShardCount(batch.rows);
  const int first = batch.rows * shard / count;
  const int end = batch.rows * (shard + 1) / count;
  part->rows = end - first;
  part->lengths.assign(batch.lengths.begin() + first,
                       batch.lengths.begin() + end);
  part->steps = *std::max_element(part->lengths.begin(), part->lengths.end());
  CutSteps(batch, batch.inputs, first, *part, &part->inputs);
  CutSteps(batch, batch.tokens, first, *part, &part->tokens);
  part->points.clear();
  part->future.clear();
  part_targets->clear();
  for (size_t i = 0; i < batch.points.size(); ++i) {
    const HeadPoint& point = batch.points[i];
    if (point.row < first || point.row >= end) continue;
    part->points.push_back({point.step, point.row - first});
    AppendBlock(batch.future, batch.points.size(), i, &part->future);
    AppendBlock(targets, batch.points.size(), i, part_targets);
  }
}

}  // namespace recur
