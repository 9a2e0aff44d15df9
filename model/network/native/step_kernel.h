// What the kernels of this room read and write. A layer's hidden units are cut
// into blocks of 16, one vector; a tile is one or more blocks with all gates
// that a pass computes of them, at most four vectors. A kernel takes one tile
// of a few rows from the first multiplication to the new states.
#ifndef RECUR_MODEL_NETWORK_NATIVE_STEP_KERNEL_H_
#define RECUR_MODEL_NETWORK_NATIVE_STEP_KERNEL_H_

#include <cstdint>

#include "model/spec/cell.h"

namespace recur {

inline constexpr int kVectorWidth = 16;
inline constexpr int kTileVectors = 4;
// 6 rows of 4 vectors are 24 sums, as many as registers allow.
inline constexpr int kPanelRows = 6;

// What the kernels need of a CPU.
struct CpuFeatures {
  bool avx512f = false;

  // Of the one that this runs on, and the system on it.
  static CpuFeatures Here();
};

struct TileTask {
  const float* weights;  // [input + hidden, blocks, gates, 16], 64-byte aligned
  const float* bias;     // [blocks, biases, 16], 64-byte aligned
  int input_size;
  int hidden_size;
  int first;  // hidden unit of the tile
  int units;  // hidden units in it; the rest of its blocks is padding
  Activation activation;  // of kRnn

  // Rows of the panel lie `stride` floats apart.
  int64_t stride;
  const float* panel;    // [rows, input + hidden]: x, then h before the step
  float* reset;          // [rows, hidden]: r * h    (gru that resets before)
  float* update;         // [rows, hidden]: u before its sigmoid  (the same)
  float* const* states;  // [rows]: this layer's h, then c
};

using TileKernel = void (*)(const TileTask& task);

// One pass over a layer: gates side by side, and a kernel for every number of
// blocks and rows.
struct PassKernels {
  TileKernel of[kTileVectors][kPanelRows];  // [blocks - 1][rows - 1]
};

struct StepKernels {
  PassKernels rnn;
  PassKernels lstm;           // a block per tile
  PassKernels gru_linear;     // linear_before_reset; a block per tile
  PassKernels gru_gates;      // else: u and r, at most two blocks per tile,
  PassKernels gru_candidate;  // then n and the new state
};

// Null if there are none for such a CPU. They want denormals to be zeros
// (denormals.h): a sum of some takes a hundred times as long.
const StepKernels* KernelsFor(const CpuFeatures& cpu);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_NATIVE_STEP_KERNEL_H_
