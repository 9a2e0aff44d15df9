#include "model/network/reference/reference_cell.h"

#include <cmath>

namespace recur {
namespace {

double Activate(Activation activation, double x) {
  switch (activation) {
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kRelu:
      // A NaN stays one: a wrong weight must not look like a quiet unit.
      return x < 0 ? 0.0 : x;
    case Activation::kSigmoid:
      return Sigmoid(x);
  }
  return x;
}

// input_sums = b + x Wx, hidden_sums = h Wh.
template <typename Number>
void SumGates(const Cell& cell, const CellWeights& w, const Number* input,
              const Number* h, CellScratch* scratch) {
  const int width = GateCount(cell) * w.hidden_size;
  scratch->input_sums.assign(w.bias, w.bias + width);
  scratch->hidden_sums.assign(width, 0.0);
  AddProduct(input, w.input_size, w.input, width, width,
             scratch->input_sums.data());
  AddProduct(h, w.hidden_size, w.hidden, width, width,
             scratch->hidden_sums.data());
}

template <typename Number>
void StepRnn(const Cell& cell, int size, Number* h, const CellScratch& s) {
  for (int j = 0; j < size; ++j) {
    h[j] = static_cast<Number>(
        Activate(cell.activation, s.input_sums[j] + s.hidden_sums[j]));
  }
}

template <typename Number>
void StepLstm(int size, Number* state, const CellScratch& s) {
  const auto sum = [&](int gate, int j) {
    return s.input_sums[gate * size + j] + s.hidden_sums[gate * size + j];
  };
  Number* h = state;
  Number* c = state + size;
  for (int j = 0; j < size; ++j) {
    const double next_c =
        Sigmoid(sum(1, j)) * c[j] + Sigmoid(sum(0, j)) * std::tanh(sum(2, j));
    h[j] = static_cast<Number>(Sigmoid(sum(3, j)) * std::tanh(next_c));
    c[j] = static_cast<Number>(next_c);
  }
}

// Replaces what the n gate sums over h: it sees r * h.
template <typename Number>
void SumResetHidden(const CellWeights& w, const Number* h, CellScratch* s) {
  const int size = w.hidden_size;
  std::vector<double>& sums = s->hidden_sums;
  for (int j = 0; j < size; ++j) {
    // The place of r's sum takes r * h; r itself is not needed again.
    sums[size + j] = Sigmoid(s->input_sums[size + j] + sums[size + j]) * h[j];
    sums[2 * size + j] = 0.0;
  }
  AddProduct(&sums[size], size, w.hidden + 2 * size, 3 * size, size,
             &sums[2 * size]);
}

template <typename Number>
void StepGru(const Cell& cell, const CellWeights& w, Number* h,
             CellScratch* s) {
  const int size = w.hidden_size;
  if (!cell.linear_before_reset) SumResetHidden(w, h, s);
  const double* in = s->input_sums.data();
  const double* hidden = s->hidden_sums.data();
  for (int j = 0; j < size; ++j) {
    double from_hidden = hidden[2 * size + j];
    if (cell.linear_before_reset) {
      from_hidden = Sigmoid(in[size + j] + hidden[size + j]) *
                    (from_hidden + w.bias[3 * size + j]);
    }
    const double u = Sigmoid(in[j] + hidden[j]);
    const double n = std::tanh(in[2 * size + j] + from_hidden);
    h[j] = static_cast<Number>(u * h[j] + (1.0 - u) * n);
  }
}

}  // namespace

double Sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

template <typename Number>
void StepCell(const Cell& cell, const CellWeights& weights, const Number* input,
              Number* state, CellScratch* scratch) {
  SumGates(cell, weights, input, state, scratch);
  switch (cell.kind) {
    case CellKind::kRnn:
      return StepRnn(cell, weights.hidden_size, state, *scratch);
    case CellKind::kLstm:
      return StepLstm(weights.hidden_size, state, *scratch);
    case CellKind::kGru:
      return StepGru(cell, weights, state, scratch);
  }
}

template void StepCell(const Cell&, const CellWeights&, const float*, float*,
                       CellScratch*);
template void StepCell(const Cell&, const CellWeights&, const double*, double*,
                       CellScratch*);

}  // namespace recur
