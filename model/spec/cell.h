// The recurrence of a layer and the sizes that follow from it.
//
// Formulas (x: input, h: hidden state, c: cell state, * elementwise):
//   rnn   h' = act(x Wx + h Wh + b)
//   lstm  i, f, g, o = x Wx + h Wh + b          (gate order i f g o)
//         c' = sigmoid(f) * c + sigmoid(i) * tanh(g)
//         h' = sigmoid(o) * tanh(c')
//   gru   u = sigmoid(x Wxu + h Whu + bu)       (gate order u r n)
//         r = sigmoid(x Wxr + h Whr + br)
//         linear_before_reset = false (Cho et al. 2014, arXiv:1406.1078):
//           n = tanh(x Wxn + (r * h) Whn + bn)
//         linear_before_reset = true (PyTorch's and Keras's default; a fourth
//         bias m):
//           n = tanh(x Wxn + bn + r * (h Whn + bm))
//         h' = u * h + (1 - u) * n
#ifndef RECUR_MODEL_SPEC_CELL_H_
#define RECUR_MODEL_SPEC_CELL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace recur {

enum class CellKind { kRnn, kLstm, kGru };
enum class Activation { kTanh, kRelu, kSigmoid };

struct Cell {
  CellKind kind = CellKind::kLstm;
  Activation activation = Activation::kTanh;  // of kRnn only
  bool linear_before_reset = true;            // of kGru only

  friend bool operator==(const Cell&, const Cell&) = default;
};

// Gates per cell: 1, 4 or 3.
int GateCount(const Cell& cell);

// Rows of the bias: one per gate, and a fourth for GRU with
// linear_before_reset.
int BiasCount(const Cell& cell);

// Vectors of hidden_size that a layer remembers: h, and c for LSTM.
int StateVectorCount(const Cell& cell);

absl::string_view CellKindName(CellKind kind);     // "rnn", "lstm", "gru"
absl::string_view ActivationName(Activation act);  // "tanh", "relu", "sigmoid"
absl::StatusOr<CellKind> ParseCellKind(absl::string_view name);
absl::StatusOr<Activation> ParseActivation(absl::string_view name);

// "lstm", "rnn-relu", "gru", "gru-reset-before": for logs and test names.
std::string CellName(const Cell& cell);

}  // namespace recur

#endif  // RECUR_MODEL_SPEC_CELL_H_
