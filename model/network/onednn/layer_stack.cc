#include "model/network/onednn/layer_stack.h"

#include <algorithm>
#include <string>

#include "model/network/pooling.h"

namespace recur {

LayerStack::LayerStack(const dnnl::engine& engine, const NetworkSpec& spec,
                       int steps, int rows)
    : spec_(spec), steps_(steps), rows_(rows), masks_(spec.layers) {
  for (int layer = 0; layer < spec.layers; ++layer) {
    for (int direction = 0; direction < directions(); ++direction) {
      passes_.emplace_back(
          engine, CellShape{spec.cell, steps, rows, LayerInputSize(spec, layer),
                            spec.hidden_size});
    }
  }
}

void LayerStack::Start(const std::vector<int>& lengths) {
  lengths_ = lengths;
  for (int layer = 0; layer < spec_.layers; ++layer) {
    const int64_t size = int64_t{steps_} * rows_ * LayerInputSize(spec_, layer);
    for (int direction = 0; direction < directions(); ++direction) {
      std::fill_n(Pass(layer, direction).inputs(), size, 0.0f);
    }
  }
}

float* LayerStack::Input(int step, int row) {
  return Pass(0, 0).inputs() + Cell(step, row) * LayerInputSize(spec_, 0);
}

const float* LayerStack::InputGradient(int step, int row) const {
  return Pass(0, 0).d_inputs() + Cell(step, row) * LayerInputSize(spec_, 0);
}

// Writes the inputs of `layer` from the outputs of the one below. A copy even
// without dropout: the pass below reads its outputs again on the way back.
void LayerStack::JoinOutputs(int layer) {
  const int hidden = spec_.hidden_size;
  const int width = hidden * directions();
  float* inputs = Pass(layer, 0).inputs();
  for (int row = 0; row < rows_; ++row) {
    for (int step = 0; step < lengths_[row]; ++step) {
      float* to = inputs + Cell(step, row) * width;
      std::copy_n(Pass(layer - 1, 0).outputs() + Cell(step, row) * hidden,
                  hidden, to);
      if (spec_.bidirectional) {
        std::copy_n(Pass(layer - 1, 1).outputs() +
                        Cell(Mirrored(step, row), row) * hidden,
                    hidden, to + hidden);
      }
      masks_[layer].Apply(absl::MakeSpan(to, width), Cell(step, row) * width);
    }
  }
}

void LayerStack::ReverseInputs(int layer) {
  if (!spec_.bidirectional) return;
  const int width = LayerInputSize(spec_, layer);
  for (int row = 0; row < rows_; ++row) {
    for (int step = 0; step < lengths_[row]; ++step) {
      std::copy_n(
          Pass(layer, 0).inputs() + Cell(step, row) * width, width,
          Pass(layer, 1).inputs() + Cell(Mirrored(step, row), row) * width);
    }
  }
}

void LayerStack::Forward(Execution* execution, const Dropout& dropout,
                         std::deque<RecurrentWeights>* weights) {
  for (int layer = 0; layer < spec_.layers; ++layer) {
    if (layer > 0) {
      masks_[layer] =
          DropoutMask(dropout, layer,
                      int64_t{steps_} * rows_ * LayerInputSize(spec_, layer));
      JoinOutputs(layer);
    }
    ReverseInputs(layer);
    for (int direction = 0; direction < directions(); ++direction) {
      const int index = layer * directions() + direction;
      passes_[index].Forward(execution, &(*weights)[index]);
    }
  }
}

// Both directions of a bidirectional network are read after their last step:
// for the backward one that is the sequence's first observation.
LayerStack::Span LayerStack::PooledSteps(const HeadPoint& point) const {
  const int last = spec_.bidirectional ? lengths_[point.row] - 1 : point.step;
  return {spec_.pooling == Pooling::kLast ? last : 0, last};
}

void LayerStack::ReadSummary(const HeadPoint& point, float* summary) const {
  const int hidden = spec_.hidden_size;
  const Span steps = PooledSteps(point);
  for (int direction = 0; direction < directions(); ++direction) {
    const float* outputs = Pass(spec_.layers - 1, direction).outputs();
    for (int step = steps.first; step <= steps.last; ++step) {
      PoolStep(spec_.pooling, outputs + Cell(step, point.row) * hidden, hidden,
               static_cast<float>(step + 1), summary + direction * hidden);
    }
  }
}

void LayerStack::StartGradients() {
  const int64_t size = int64_t{steps_} * rows_ * spec_.hidden_size;
  for (RecurrentPass& pass : passes_) {
    std::fill_n(pass.d_outputs(), size, 0.0f);
  }
}

void LayerStack::AddSummaryGradient(const HeadPoint& point,
                                    const float* d_summary) {
  const int hidden = spec_.hidden_size;
  const Span steps = PooledSteps(point);
  const float part = 1.0f / static_cast<float>(steps.last - steps.first + 1);
  for (int direction = 0; direction < directions(); ++direction) {
    const float* from = d_summary + direction * hidden;
    if (spec_.pooling == Pooling::kMax) {
      AddMaxGradient(direction, point.row, steps, from);
      continue;
    }
    float* d_outputs = Pass(spec_.layers - 1, direction).d_outputs();
    for (int step = steps.first; step <= steps.last; ++step) {
      float* to = d_outputs + Cell(step, point.row) * hidden;
      for (int i = 0; i < hidden; ++i) to[i] += part * from[i];
    }
  }
}

void LayerStack::AddMaxGradient(int direction, int row, const Span& steps,
                                const float* d_summary) {
  RecurrentPass& pass = Pass(spec_.layers - 1, direction);
  const int hidden = spec_.hidden_size;
  for (int i = 0; i < hidden; ++i) {
    int64_t largest = Cell(steps.first, row) * hidden + i;
    for (int step = steps.first + 1; step <= steps.last; ++step) {
      const int64_t at = Cell(step, row) * hidden + i;
      if (pass.outputs()[at] > pass.outputs()[largest]) largest = at;
    }
    pass.d_outputs()[largest] += d_summary[i];
  }
}

void LayerStack::JoinInputGradients(int layer) {
  if (!spec_.bidirectional) return;
  const int width = LayerInputSize(spec_, layer);
  for (int row = 0; row < rows_; ++row) {
    for (int step = 0; step < lengths_[row]; ++step) {
      float* to = Pass(layer, 0).d_inputs() + Cell(step, row) * width;
      const float* from =
          Pass(layer, 1).d_inputs() + Cell(Mirrored(step, row), row) * width;
      for (int i = 0; i < width; ++i) to[i] += from[i];
    }
  }
}

// JoinOutputs, backwards.
void LayerStack::SplitInputGradients(int layer) {
  const int hidden = spec_.hidden_size;
  const int width = hidden * directions();
  for (int row = 0; row < rows_; ++row) {
    for (int step = 0; step < lengths_[row]; ++step) {
      float* from = Pass(layer, 0).d_inputs() + Cell(step, row) * width;
      masks_[layer].Apply(absl::MakeSpan(from, width), Cell(step, row) * width);
      std::copy_n(from, hidden,
                  Pass(layer - 1, 0).d_outputs() + Cell(step, row) * hidden);
      if (spec_.bidirectional) {
        std::copy_n(from + hidden, hidden,
                    Pass(layer - 1, 1).d_outputs() +
                        Cell(Mirrored(step, row), row) * hidden);
      }
    }
  }
}

void LayerStack::BackwardLayer(Execution* execution, int layer,
                               std::deque<RecurrentWeights>* weights,
                               Weights* gradients) {
  for (int direction = 0; direction < directions(); ++direction) {
    const std::string prefix = LayerPrefix(layer, direction);
    const auto gradient = [&](const char* name) {
      return absl::MakeSpan((*gradients)[prefix + name].values);
    };
    const int index = layer * directions() + direction;
    passes_[index].Backward(execution, &(*weights)[index],
                            {gradient("weight_input"),
                             gradient("weight_hidden"), gradient("bias")});
  }
}

void LayerStack::Backward(Execution* execution,
                          std::deque<RecurrentWeights>* weights,
                          Weights* gradients) {
  for (int layer = spec_.layers - 1; layer >= 0; --layer) {
    BackwardLayer(execution, layer, weights, gradients);
    JoinInputGradients(layer);
    if (layer > 0) SplitInputGradients(layer);
  }
}

}  // namespace recur
