#include "model/train/explain/removal_check.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "absl/types/span.h"
#include "model/train/learning/random.h"

namespace recur {
namespace {

// How far the answer moves without these values, [step * columns + column] of
// the model's columns.
absl::StatusOr<double> MoveWithout(Explainer* explainer, Question question,
                                   double answer, int columns,
                                   absl::Span<const int> values) {
  for (int value : values) {
    explainer->Remove(value / columns, value % columns, &question);
  }
  auto moved = explainer->Answer(question);
  if (!moved.ok()) return moved.status();
  return std::abs(*moved - answer);
}

}  // namespace

absl::StatusOr<RemovalCheck> CheckByRemoval(Explainer* explainer,
                                            const Question& question,
                                            const Explanation& explanation,
                                            int count, int draws,
                                            uint64_t seed) {
  Question asked = question;
  asked.label = explanation.label;  // of the same label, whatever wins then
  const int explained = static_cast<int>(explanation.columns.size());
  const int columns = explainer->value_columns();
  std::vector<int> order(static_cast<size_t>(explanation.steps) * columns);
  std::iota(order.begin(), order.end(), 0);
  const auto size = [&](int value) {
    return std::abs(
        explanation.influence[value / columns * explained + value % columns]);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return size(a) > size(b); });
  RemovalCheck check;
  check.removed = std::min(count, static_cast<int>(order.size()));
  auto ranked =
      MoveWithout(explainer, asked, explanation.answer, columns,
                  absl::MakeConstSpan(order).subspan(0, check.removed));
  if (!ranked.ok()) return ranked.status();
  check.ranked = *ranked;
  Random random(seed);
  for (int draw = 0; draw < draws; ++draw) {
    random.Shuffle(&order);
    auto moved =
        MoveWithout(explainer, asked, explanation.answer, columns,
                    absl::MakeConstSpan(order).subspan(0, check.removed));
    if (!moved.ok()) return moved.status();
    check.random += *moved / draws;
  }
  return check;
}

}  // namespace recur
