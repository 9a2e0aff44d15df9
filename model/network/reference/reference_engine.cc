#include "model/network/reference/reference_engine.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/network/reference/reference_core.h"
#include "model/network/weight_check.h"

namespace recur {
namespace {

absl::Status NeedsDirections(const NetworkSpec& spec, bool bidirectional) {
  if (spec.bidirectional == bidirectional) return absl::OkStatus();
  return absl::InternalError(
      spec.bidirectional ? "a bidirectional network cannot step; it takes "
                           "whole sequences"
                         : "a network that is not bidirectional takes steps, "
                           "not whole sequences");
}

class ReferenceWorkspace : public Workspace {
 public:
  explicit ReferenceWorkspace(const ReferenceCore* core)
      : core_(*core), spec_(core->spec()), outputs_(OutputSize(spec_)) {}

  absl::Status Step(absl::Span<const StepRow> rows) override {
    if (auto s = NeedsDirections(spec_, false); !s.ok()) return s;
    for (const StepRow& row : rows) {
      if (auto s = CheckToken(row.token); !s.ok()) return s;
    }
    for (const StepRow& row : rows) StepOne(row);
    return absl::OkStatus();
  }

  absl::Status RunHead(absl::Span<const HeadRow> rows) override {
    if (auto s = NeedsDirections(spec_, false); !s.ok()) return s;
    for (const HeadRow& row : rows) {
      const int summary =
          spec_.pooling == Pooling::kLast ? spec_.layers - 1 : spec_.layers;
      Answer(row.state + LayerState(summary), row.future, row.output);
    }
    return absl::OkStatus();
  }

  absl::Status RunSequences(absl::Span<const SequenceRow> rows) override {
    if (auto s = NeedsDirections(spec_, true); !s.ok()) return s;
    for (const SequenceRow& row : rows) {
      if (auto s = RunSequence(row); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

 private:
  int64_t LayerState(int layer) const {
    return int64_t{layer} * StateVectorCount(spec_.cell) * spec_.hidden_size;
  }

  absl::Status CheckToken(int32_t token) const {
    if (spec_.vocabulary_size == 0 ||
        (token >= 0 && token < spec_.vocabulary_size)) {
      return absl::OkStatus();
    }
    return absl::InternalError(absl::StrFormat(
        "token is %d; it must be 0 to %d", token, spec_.vocabulary_size - 1));
  }

  void StepOne(const StepRow& row) {
    const float* input = row.input;
    if (spec_.vocabulary_size > 0) {
      embedded_.resize(spec_.embedding_size);
      core_.Embed(row.token, embedded_.data());
      input = embedded_.data();
    }
    for (int layer = 0; layer < spec_.layers; ++layer) {
      float* state = row.state + LayerState(layer);
      core_.StepLayer(layer, 0, input, state, &scratch_);
      input = state;
    }
    if (spec_.pooling != Pooling::kLast) {
      PoolOne(input, row.state + LayerState(spec_.layers));
    }
  }

  // [hidden_size] of what is pooled, then over how many steps.
  void PoolOne(const float* h, float* pool) const {
    const double before = pool[spec_.hidden_size];
    for (int i = 0; i < spec_.hidden_size; ++i) {
      const double old = pool[i];
      const double now = h[i];
      const double mean = (old * before + now) / (before + 1.0);
      const double largest = before == 0.0 ? now : std::max(old, now);
      pool[i] =
          static_cast<float>(spec_.pooling == Pooling::kMean ? mean : largest);
    }
    pool[spec_.hidden_size] = static_cast<float>(before + 1.0);
  }

  void Answer(const float* summary, const float* future, float* output) {
    core_.RunHead(summary, future, outputs_.data(), &decoded_);
    ApplyHeadNonlinearity(spec_.head, absl::MakeSpan(outputs_));
    std::transform(outputs_.begin(), outputs_.end(), output,
                   [](double value) { return static_cast<float>(value); });
  }

  absl::Status RunSequence(const SequenceRow& row) {
    if (row.steps < 1) {
      return absl::InternalError(absl::StrFormat(
          "a sequence has %d steps; it must have at least 1", row.steps));
    }
    const int64_t width = LayerInputSize(spec_, 0);
    std::vector<float> inputs(row.steps * width);
    if (spec_.vocabulary_size == 0) {
      std::copy_n(row.inputs, inputs.size(), inputs.begin());
    } else {
      for (int64_t step = 0; step < row.steps; ++step) {
        if (auto s = CheckToken(row.tokens[step]); !s.ok()) return s;
        core_.Embed(row.tokens[step], inputs.data() + step * width);
      }
    }
    const std::vector<float> top = core_.RunLayers(row.steps, inputs);
    Answer(core_.Summary(top, row.steps - 1).data(), row.future, row.output);
    return absl::OkStatus();
  }

  const ReferenceCore& core_;
  const NetworkSpec& spec_;
  CellScratch scratch_;
  std::vector<double> outputs_;
  std::vector<double> decoded_;
  std::vector<float> embedded_;
};

class ReferenceEngine : public Engine {
 public:
  ReferenceEngine(const NetworkSpec& spec, const Weights& weights)
      : core_(spec, weights) {}

  const NetworkSpec& spec() const override { return core_.spec(); }
  absl::string_view name() const override { return "reference"; }
  absl::string_view numerics() const override {
    return "reference: plain loops, f32 states, f64 sums";
  }
  int64_t bytes() const override { return core_.bytes(); }

  absl::StatusOr<std::unique_ptr<Workspace>> CreateWorkspace(
      int max_batch) const override {
    if (max_batch < 1) {
      return absl::InvalidArgumentError(
          absl::StrFormat("max_batch is %d; it must be above 0", max_batch));
    }
    return std::make_unique<ReferenceWorkspace>(&core_);
  }

 private:
  ReferenceCore core_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Engine>> CreateReferenceEngine(
    const NetworkSpec& spec, const Weights& weights, Precision precision) {
  if (auto s = CheckWeights(spec, weights); !s.ok()) return s;
  if (precision != Precision::kF32) {
    return absl::UnimplementedError(
        absl::StrCat("the reference engine has no ", PrecisionName(precision)));
  }
  return std::make_shared<const ReferenceEngine>(spec, weights);
}

}  // namespace recur
