// One step of one layer: the formulas of model/spec/cell.h, literally.
#ifndef RECUR_MODEL_NETWORK_REFERENCE_REFERENCE_CELL_H_
#define RECUR_MODEL_NETWORK_REFERENCE_REFERENCE_CELL_H_

#include <cstdint>
#include <vector>

#include "model/spec/cell.h"

namespace recur {

// One layer's weights in one direction, laid out as WeightShapes() says.
// Borrowed.
struct CellWeights {
  int input_size = 0;
  int hidden_size = 0;
  const double* input = nullptr;
  const double* hidden = nullptr;
  const double* bias = nullptr;
};

// Sums of one step; kept by the caller so that a step allocates nothing.
struct CellScratch {
  std::vector<double> input_sums;   // [gates, hidden]
  std::vector<double> hidden_sums;  // [gates, hidden]
};

// Advances state [h (and c), hidden_size] by input [input_size]. Number is
// float or double; sums are in double either way.
template <typename Number>
void StepCell(const Cell& cell, const CellWeights& weights, const Number* input,
              Number* state, CellScratch* scratch);

// sums[j] += sum over k < count of x[k] * weights[k * stride + j].
template <typename Number>
void AddProduct(const Number* x, int count, const double* weights, int stride,
                int width, double* sums) {
  for (int k = 0; k < count; ++k) {
    const double* row = weights + static_cast<int64_t>(k) * stride;
    for (int j = 0; j < width; ++j) sums[j] += x[k] * row[j];
  }
}

double Sigmoid(double x);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_REFERENCE_REFERENCE_CELL_H_
