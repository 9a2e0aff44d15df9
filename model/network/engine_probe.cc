#include "model/network/engine_probe.h"

#include <algorithm>

#include "model/network/random_weights.h"

namespace recur {
namespace {

std::vector<int32_t> RandomTokens(int64_t count, int vocabulary_size) {
  std::vector<int32_t> tokens;
  for (float draw : RandomValues(count, 3, 0.5f)) {
    const auto token = static_cast<int32_t>((draw + 0.5f) * vocabulary_size);
    tokens.push_back(std::clamp(token, 0, std::max(vocabulary_size - 1, 0)));
  }
  return tokens;
}

void Append(const std::vector<float>& values, std::vector<float>* to) {
  to->insert(to->end(), values.begin(), values.end());
}

}  // namespace

EngineProbe::EngineProbe(const NetworkSpec& spec, int rows, int steps)
    : spec_(spec),
      steps_(steps),
      inputs_(RandomValues(int64_t{steps} * rows * spec.input_size, 1, 2.0f)),
      tokens_(RandomTokens(int64_t{steps} * rows, spec.vocabulary_size)),
      future_(RandomValues(rows * int64_t{spec.horizon} * spec.future_size, 2,
                           2.0f)) {}

absl::StatusOr<std::vector<EngineProbe::Trace>> EngineProbe::Run(
    Workspace* workspace, int begin, int end) const {
  std::vector<Trace> traces(end - begin);
  const absl::Status status = spec_.bidirectional
                                  ? RunWhole(workspace, begin, &traces)
                                  : RunSteps(workspace, begin, &traces);
  if (!status.ok()) return status;
  return traces;
}

absl::Status EngineProbe::RunSteps(Workspace* workspace, int begin,
                                   std::vector<Trace>* traces) const {
  const size_t count = traces->size();
  std::vector<std::vector<float>> states(
      count, std::vector<float>(HiddenStateSize(spec_)));
  std::vector<std::vector<float>> outputs(
      count, std::vector<float>(OutputSize(spec_)));
  for (int step = 0; step < steps_; ++step) {
    std::vector<StepRow> rows;
    std::vector<HeadRow> heads;
    for (size_t i = 0; i < count; ++i) {
      const int row = begin + static_cast<int>(i);
      rows.push_back({Input(row, step), tokens_[int64_t{row} * steps_ + step],
                      states[i].data()});
      heads.push_back({states[i].data(), Future(row), outputs[i].data()});
    }
    if (auto s = workspace->Step(rows); !s.ok()) return s;
    if (auto s = workspace->RunHead(heads); !s.ok()) return s;
    for (size_t i = 0; i < count; ++i) {
      Append(states[i], &(*traces)[i].states);
      Append(outputs[i], &(*traces)[i].outputs);
    }
  }
  return absl::OkStatus();
}

absl::Status EngineProbe::RunWhole(Workspace* workspace, int begin,
                                   std::vector<Trace>* traces) const {
  std::vector<SequenceRow> rows;
  for (size_t i = 0; i < traces->size(); ++i) {
    const int row = begin + static_cast<int>(i);
    std::vector<float>& outputs = (*traces)[i].outputs;
    outputs.resize(OutputSize(spec_));
    rows.push_back({steps_ - row % steps_, Input(row, 0),
                    spec_.vocabulary_size > 0
                        ? tokens_.data() + int64_t{row} * steps_
                        : nullptr,
                    outputs.data(), Future(row)});
  }
  return workspace->RunSequences(rows);
}

const float* EngineProbe::Input(int row, int step) const {
  if (spec_.vocabulary_size > 0) return nullptr;
  return inputs_.data() + (int64_t{row} * steps_ + step) * spec_.input_size;
}

const float* EngineProbe::Future(int row) const {
  if (spec_.head != Head::kForecast) return nullptr;
  return future_.data() + row * int64_t{spec_.horizon} * spec_.future_size;
}

}  // namespace recur
