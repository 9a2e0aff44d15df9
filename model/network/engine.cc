#include "model/network/engine.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "model/network/random_weights.h"

namespace recur {
namespace {

constexpr int kSteps = 3;
constexpr int kLongestSequence = 7;

// All that the engine says about one row: its state and outputs at every step.
using Trace = std::vector<float>;

void Append(const std::vector<float>& values, Trace* trace) {
  trace->insert(trace->end(), values.begin(), values.end());
}

std::vector<int32_t> RandomTokens(int64_t count, int vocabulary_size) {
  std::vector<int32_t> tokens;
  for (float draw : RandomValues(count, 3, 0.5f)) {
    const auto token = static_cast<int32_t>((draw + 0.5f) * vocabulary_size);
    tokens.push_back(std::clamp(token, 0, std::max(vocabulary_size - 1, 0)));
  }
  return tokens;
}

// Pseudo-random rows, the same each time it is made.
class Probe {
 public:
  Probe(const NetworkSpec& spec, int rows)
      : spec_(spec),
        inputs_(RandomValues(int64_t{kLongestSequence} * rows * spec.input_size,
                             1, 2.0f)),
        tokens_(RandomTokens(int64_t{kLongestSequence} * rows,
                             spec.vocabulary_size)),
        future_(RandomValues(rows * int64_t{spec.horizon} * spec.future_size, 2,
                             2.0f)) {}

  // Runs rows [begin, end) as one batch.
  absl::StatusOr<std::vector<Trace>> Run(Workspace* workspace, int begin,
                                         int end) const {
    std::vector<Trace> traces(end - begin);
    const absl::Status status = spec_.bidirectional
                                    ? RunWhole(workspace, begin, &traces)
                                    : RunSteps(workspace, begin, &traces);
    if (!status.ok()) return status;
    return traces;
  }

 private:
  absl::Status RunSteps(Workspace* workspace, int begin,
                        std::vector<Trace>* traces) const {
    const size_t count = traces->size();
    std::vector<Trace> states(count, Trace(HiddenStateSize(spec_)));
    std::vector<Trace> outputs(count, Trace(OutputSize(spec_)));
    for (int step = 0; step < kSteps; ++step) {
      std::vector<StepRow> rows;
      std::vector<HeadRow> heads;
      for (size_t i = 0; i < count; ++i) {
        const int row = begin + static_cast<int>(i);
        rows.push_back(
            {Input(row, step), tokens_[Cell(row, step)], states[i].data()});
        heads.push_back({states[i].data(), Future(row), outputs[i].data()});
      }
      if (auto s = workspace->Step(rows); !s.ok()) return s;
      if (auto s = workspace->RunHead(heads); !s.ok()) return s;
      for (size_t i = 0; i < count; ++i) {
        Append(states[i], &(*traces)[i]);
        Append(outputs[i], &(*traces)[i]);
      }
    }
    return absl::OkStatus();
  }

  absl::Status RunWhole(Workspace* workspace, int begin,
                        std::vector<Trace>* traces) const {
    std::vector<SequenceRow> rows;
    for (size_t i = 0; i < traces->size(); ++i) {
      const int row = begin + static_cast<int>(i);
      (*traces)[i].resize(OutputSize(spec_));
      rows.push_back(
          {1 + row % kLongestSequence, Input(row, 0),
           spec_.vocabulary_size > 0 ? &tokens_[Cell(row, 0)] : nullptr,
           (*traces)[i].data(), Future(row)});
    }
    return workspace->RunSequences(rows);
  }

  int64_t Cell(int row, int step) const {
    return int64_t{row} * kLongestSequence + step;
  }
  const float* Input(int row, int step) const {
    if (spec_.vocabulary_size > 0) return nullptr;
    return inputs_.data() + Cell(row, step) * spec_.input_size;
  }
  const float* Future(int row) const {
    if (spec_.head != Head::kForecast) return nullptr;
    return future_.data() + row * int64_t{spec_.horizon} * spec_.future_size;
  }

  const NetworkSpec& spec_;
  std::vector<float> inputs_;    // [rows, kLongestSequence, input_size]
  std::vector<int32_t> tokens_;  // [rows, kLongestSequence]
  std::vector<float> future_;    // [rows, horizon, future_size]
};

// Bits, not values: == would take -0 for 0 and no NaN for itself.
bool SameBits(const Trace& a, const Trace& b) {
  return a.size() == b.size() &&
         std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

absl::StatusOr<std::vector<Trace>> RunAlone(const Probe& probe,
                                            Workspace* workspace, int rows) {
  std::vector<Trace> alone;
  for (int row = 0; row < rows; ++row) {
    auto traces = probe.Run(workspace, row, row + 1);
    if (!traces.ok()) return traces.status();
    alone.push_back(std::move(traces->front()));
  }
  return alone;
}

}  // namespace

absl::StatusOr<bool> SameBitsInAnyBatch(const Engine& engine, int max_batch) {
  if (max_batch < 1) {
    return absl::InvalidArgumentError(
        absl::StrFormat("max_batch is %d; it must be above 0", max_batch));
  }
  auto workspace = engine.CreateWorkspace(max_batch);
  if (!workspace.ok()) return workspace.status();
  const Probe probe(engine.spec(), max_batch);
  const auto alone = RunAlone(probe, workspace->get(), max_batch);
  if (!alone.ok()) return alone.status();
  for (int batch = 2; batch <= max_batch; ++batch) {
    const auto together = probe.Run(workspace->get(), 0, batch);
    if (!together.ok()) return together.status();
    if (!std::equal(together->begin(), together->end(), alone->begin(),
                    SameBits)) {
      return false;
    }
  }
  return true;
}

}  // namespace recur
