#include "model/network/decoder_tile.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace recur {
namespace {

// A register of any x86-64 and any 64-bit ARM.
constexpr size_t kVectorBytes = kTileVector * sizeof(float);
using Vector = float __attribute__((vector_size(kVectorBytes)));
using VectorInMemory =
    float __attribute__((vector_size(kVectorBytes), aligned(4), may_alias));

Vector Load(const float* from) {
  return *reinterpret_cast<const VectorInMemory*>(from);
}

struct Tile {
  const DecoderWeights& weights;
  int first;
  int real;
  const float* shared;
  const float* future;
  float* known;   // [future, steps of the tile]
  float* hidden;  // [decoder, steps of the tile]
  float* output;
};

// out [kVectors] += in [count] times rows [count, kVectors * kTileVector].
template <int kVectors>
void AddProduct(const float* in, const float* rows, int count, Vector* out) {
  constexpr int kRow = kVectors * kTileVector;
  Vector sums[kVectors];
  for (int i = 0; i < kVectors; ++i) sums[i] = out[i];
  int row = 0;
  for (; row + 4 <= count; row += 4, rows += 4 * kRow) {
    const float a = in[row], b = in[row + 1], c = in[row + 2];
    const float d = in[row + 3];
#pragma GCC unroll 8
    for (int i = 0; i < kVectors; ++i) {
      const float* at = rows + i * kTileVector;
      sums[i] += (a * Load(at) + b * Load(at + kRow)) +
                 (c * Load(at + 2 * kRow) + d * Load(at + 3 * kRow));
    }
  }
  for (; row < count; ++row, rows += kRow) {
#pragma GCC unroll 8
    for (int i = 0; i < kVectors; ++i) {
      sums[i] += in[row] * Load(rows + i * kTileVector);
    }
  }
  for (int i = 0; i < kVectors; ++i) out[i] = sums[i];
}

template <int kVectors>
void Run(const Tile& tile) {
  constexpr int kSteps = kVectors * kTileVector;
  const DecoderWeights& w = tile.weights;
  for (int i = 0; i < w.future_size; ++i) {
    float* to = tile.known + i * kSteps;
    std::fill_n(to, kSteps, 0.0f);
    for (int k = 0; k < tile.real; ++k) {
      to[k] = tile.future[k * w.future_size + i];
    }
  }
  Vector sums[kVectors];
  for (int j = 0; j < w.decoder_size; ++j) {
    const float* bias = w.step_bias + j * w.steps + tile.first;
    for (int i = 0; i < kVectors; ++i) {
      sums[i] = tile.shared[j] + Load(bias + i * kTileVector);
    }
    AddProduct<kVectors>(w.weight_future + j * w.future_size, tile.known,
                         w.future_size, sums);
    for (Vector& sum : sums) sum = sum < 0.0f ? Vector{} : sum;
    std::memcpy(tile.hidden + j * kSteps, sums, sizeof(sums));
  }
  const int width = w.targets * w.levels;
  Vector skip[kVectors];
  for (int i = 0; i < width; ++i) {
    if (i % w.levels == 0) {
      std::fill_n(skip, kVectors, Vector{});
      AddProduct<kVectors>(w.weight_skip + i / w.levels * w.future_size,
                           tile.known, w.future_size, skip);
    }
    for (int v = 0; v < kVectors; ++v) sums[v] = w.bias_output[i] + skip[v];
    AddProduct<kVectors>(w.weight_output + i * w.decoder_size, tile.hidden,
                         w.decoder_size, sums);
    for (int k = 0; k < tile.real; ++k) {
      tile.output[k * width + i] = sums[k / kTileVector][k % kTileVector];
    }
  }
}

constexpr void (*kRun[])(const Tile&) = {Run<1>, Run<2>, Run<3>,
                                         Run<4>, Run<5>, Run<6>};
static_assert(kMaxTile == std::size(kRun) * kTileVector);

}  // namespace

void RunDecoderTile(const DecoderWeights& weights, int first, int count,
                    int real, const float* shared, const float* future,
                    float* scratch, float* output) {
  kRun[count / kTileVector - 1]({weights, first, real, shared, future, scratch,
                                 scratch + weights.future_size * count,
                                 output});
}

}  // namespace recur
