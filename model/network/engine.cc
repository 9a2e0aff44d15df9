#include "model/network/engine.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "model/network/engine_probe.h"

namespace recur {
namespace {

using Trace = EngineProbe::Trace;

constexpr int kSteps = 3;
constexpr int kLongestSequence = 7;

constexpr int kComparedRows = 8;
constexpr int kComparedSteps = 64;

// Bits, not values: == would take -0 for 0 and no NaN for itself.
bool SameBits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](float x, float y) {
        return std::bit_cast<uint32_t>(x) == std::bit_cast<uint32_t>(y);
      });
}

bool SameTrace(const Trace& a, const Trace& b) {
  return SameBits(a.states, b.states) && SameBits(a.outputs, b.outputs);
}

absl::StatusOr<std::vector<Trace>> RunAlone(const EngineProbe& probe,
                                            Workspace* workspace, int rows) {
  std::vector<Trace> alone;
  for (int row = 0; row < rows; ++row) {
    auto traces = probe.Run(workspace, row, row + 1);
    if (!traces.ok()) return traces.status();
    alone.push_back(std::move(traces->front()));
  }
  return alone;
}

absl::StatusOr<std::vector<Trace>> RunTogether(const Engine& engine) {
  auto workspace = engine.CreateWorkspace(kComparedRows);
  if (!workspace.ok()) return workspace.status();
  const EngineProbe probe(engine.spec(), kComparedRows, kComparedSteps);
  return probe.Run(workspace->get(), 0, kComparedRows);
}

// Two infinities or NaNs of one kind do not differ.
double Difference(float a, float b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0.0;
  const double difference = std::abs(static_cast<double>(a) - b);
  return std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                : difference;
}

}  // namespace

absl::StatusOr<bool> SameBitsInAnyBatch(const Engine& engine, int max_batch) {
  if (max_batch < 1) {
    return absl::InvalidArgumentError(
        absl::StrFormat("max_batch is %d; it must be above 0", max_batch));
  }
  auto workspace = engine.CreateWorkspace(max_batch);
  if (!workspace.ok()) return workspace.status();
  const EngineProbe probe(
      engine.spec(), max_batch,
      engine.spec().bidirectional ? kLongestSequence : kSteps);
  const auto alone = RunAlone(probe, workspace->get(), max_batch);
  if (!alone.ok()) return alone.status();
  for (int batch = 2; batch <= max_batch; ++batch) {
    const auto together = probe.Run(workspace->get(), 0, batch);
    if (!together.ok()) return together.status();
    if (!std::equal(together->begin(), together->end(), alone->begin(),
                    SameTrace)) {
      return false;
    }
  }
  return true;
}

absl::StatusOr<double> LargestOutputDifference(const Engine& a,
                                               const Engine& b) {
  if (a.spec() != b.spec()) {
    return absl::InvalidArgumentError(
        "engines of different networks cannot be compared");
  }
  const auto from_a = RunTogether(a);
  if (!from_a.ok()) return from_a.status();
  const auto from_b = RunTogether(b);
  if (!from_b.ok()) return from_b.status();
  double largest = 0.0;
  for (int row = 0; row < kComparedRows; ++row) {
    const std::vector<float>& x = (*from_a)[row].outputs;
    const std::vector<float>& y = (*from_b)[row].outputs;
    for (size_t i = 0; i < x.size(); ++i) {
      largest = std::max(largest, Difference(x[i], y[i]));
    }
  }
  return largest;
}

}  // namespace recur
