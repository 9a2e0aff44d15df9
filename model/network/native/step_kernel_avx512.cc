// In every kernel a sum begins with the bias and takes its products one by one,
// inputs first: one order for every number of rows, so a row has the same bits
// whatever is stepped beside it. Several rows and vectors at once keep the
// multiply-add units busy instead.
#include "model/network/native/step_kernel.h"

#if defined(__x86_64__)

#include <utility>

#include "model/network/native/avx512_math.h"
#include "model/network/native/gate_scale.h"

namespace recur {
namespace {

RECUR_AVX512_INLINE __mmask16 UnitMask(int units) {
  return units >= kVectorWidth ? 0xffff
                               : static_cast<__mmask16>((1u << units) - 1);
}

template <int kVectors, int kRows>
RECUR_AVX512_INLINE void StartSums(const float* bias,
                                   __m512 (&sums)[kRows][kVectors]) {
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) {
    const __m512 start = _mm512_load_ps(bias + v * kVectorWidth);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) sums[r][v] = start;
  }
}

// Else the compiler derives the addresses of rows from each other, one by one.
RECUR_AVX512_INLINE void Opaque(const float** pointer) {
  asm("" : "+r"(*pointer));
}

// Folds instead of loops: sums[constant] is a register from the start.
template <int... kVector>
RECUR_AVX512_INLINE void AddToRow(std::integer_sequence<int, kVector...>,
                                  const __m512* w, __m512 x, __m512* sums) {
  ((sums[kVector] = _mm512_fmadd_ps(w[kVector], x, sums[kVector])), ...);
}

template <int kVectors, int... kVector, int... kRow, int kRows>
RECUR_AVX512_INLINE void AddProduct(
    std::integer_sequence<int, kVector...> vectors,
    std::integer_sequence<int, kRow...>, const float* weights,
    const float* const* rows, int64_t k, __m512 (&sums)[kRows][kVectors]) {
  const __m512 w[] = {_mm512_load_ps(weights + kVector * kVectorWidth)...};
  (AddToRow(vectors, w, _mm512_set1_ps(rows[kRow][k]), sums[kRow]), ...);
}

template <int... kRow, int kVectors, int kRows>
RECUR_AVX512_INLINE const float* AddProductsOf(
    std::integer_sequence<int, kRow...> row_indices, const float* weights,
    const float* values, int64_t stride, int64_t count,
    __m512 (&sums)[kRows][kVectors]) {
  const float* rows[] = {values + kRow * stride...};
  (Opaque(&rows[kRow]), ...);
  for (int64_t k = 0; k < count; ++k) {
    AddProduct(std::make_integer_sequence<int, kVectors>(), row_indices,
               weights, rows, k, sums);
    weights += kVectors * kVectorWidth;
  }
  return weights;
}

// Adds values [rows, count] times weights [count, vectors, 16]; returns the end
// of the weights. Not unrolled: a longer loop is fed more slowly than the
// multiply-add units can take it.
template <int kVectors, int kRows>
RECUR_AVX512_INLINE const float* AddProducts(const float* weights,
                                             const float* values,
                                             int64_t stride, int count,
                                             __m512 (&sums)[kRows][kVectors]) {
  return AddProductsOf(std::make_integer_sequence<int, kRows>(), weights,
                       values, stride, count, sums);
}

// c' of the sums of i, f, g, o; *one_plus_o is what sigmoid(o) is one over.
// One division gives the reciprocals of both products that c' needs.
RECUR_AVX512_INLINE __m512 NextCell(const __m512 (&sums)[4], __m512 c,
                                    __m512* one_plus_o) {
  const __m512 i = OnePlusExp2(Split(sums[0]));
  const __m512 f = OnePlusExp2(Split(sums[1]));
  const __m512 g = Exp2MinusOne(Split(sums[2]));
  *one_plus_o = OnePlusExp2(Split(sums[3]));
  const __m512 ig = _mm512_mul_ps(i, _mm512_add_ps(g, _mm512_set1_ps(2.0f)));
  const __m512 reciprocal =
      _mm512_div_ps(_mm512_set1_ps(1.0f), _mm512_mul_ps(f, ig));
  const __m512 forget = _mm512_mul_ps(reciprocal, ig);
  const __m512 added = _mm512_mul_ps(_mm512_mul_ps(reciprocal, f), g);
  return _mm512_fmadd_ps(forget, c, added);
}

struct LstmTile {
  template <int kBlocks, int kRows>
  RECUR_AVX512 static void Run(const TileTask& t) {
    __m512 sums[kRows][4];
    StartSums<4, kRows>(t.bias, sums);
    AddProducts<4, kRows>(t.weights, t.panel, t.stride,
                          t.input_size + t.hidden_size, sums);
    const __mmask16 mask = UnitMask(t.units);
    SplitExponent next[kRows];
    __m512 one_plus_o[kRows];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      float* at = t.states[r] + t.hidden_size + t.first;
      const __m512 c =
          NextCell(sums[r], _mm512_maskz_loadu_ps(mask, at), &one_plus_o[r]);
      _mm512_mask_storeu_ps(at, mask, c);
      next[r] = Split(
          _mm512_mul_ps(c, _mm512_set1_ps(static_cast<float>(kTanhScale))));
    }
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const __m512 e = Exp2MinusOne(next[r]);
      const __m512 below =
          _mm512_mul_ps(one_plus_o[r], _mm512_add_ps(e, _mm512_set1_ps(2.0f)));
      _mm512_mask_storeu_ps(t.states[r] + t.first, mask,
                            _mm512_div_ps(e, below));
    }
  }
};

// u * h + (1 - u) * n of u's sum and n's.
RECUR_AVX512_INLINE __m512 Mixed(__m512 u_sum, __m512 n_sum, __m512 h) {
  const __m512 u = OnePlusExp2(Split(u_sum));
  const __m512 e = Exp2MinusOne(Split(n_sum));
  const __m512 below = _mm512_add_ps(e, _mm512_set1_ps(2.0f));
  const __m512 reciprocal =
      _mm512_div_ps(_mm512_set1_ps(1.0f), _mm512_mul_ps(u, below));
  const __m512 n = _mm512_mul_ps(_mm512_mul_ps(reciprocal, u), e);
  return _mm512_fmadd_ps(_mm512_mul_ps(reciprocal, below), _mm512_sub_ps(h, n),
                         n);
}

// Biases u, r, n and m. The sum of n over the inputs waits beside.
struct GruLinearTile {
  template <int kBlocks, int kRows>
  RECUR_AVX512 static void Run(const TileTask& t) {
    __m512 sums[kRows][3];
    StartSums<3, kRows>(t.bias, sums);
    const float* hidden =
        AddProducts<3, kRows>(t.weights, t.panel, t.stride, t.input_size, sums);
    __m512 from_input[kRows];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      from_input[r] = sums[r][2];
      sums[r][2] = _mm512_load_ps(t.bias + 3 * kVectorWidth);
    }
    AddProducts<3, kRows>(hidden, t.panel + t.input_size, t.stride,
                          t.hidden_size, sums);
    const __mmask16 mask = UnitMask(t.units);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      float* at = t.states[r] + t.first;
      const __m512 n =
          _mm512_fmadd_ps(Sigmoid(sums[r][1]), sums[r][2], from_input[r]);
      const __m512 h = _mm512_maskz_loadu_ps(mask, at);
      _mm512_mask_storeu_ps(at, mask, Mixed(sums[r][0], n, h));
    }
  }
};

// u and r * h of every unit; the panel's h stays as it is.
struct GruGatesTile {
  template <int kBlocks, int kRows>
  RECUR_AVX512 static void Run(const TileTask& t) {
    __m512 sums[kRows][2 * kBlocks];
    StartSums<2 * kBlocks, kRows>(t.bias, sums);
    AddProducts<2 * kBlocks, kRows>(t.weights, t.panel, t.stride,
                                    t.input_size + t.hidden_size, sums);
#pragma GCC unroll 8
    for (int b = 0; b < kBlocks; ++b) {
      const int unit = t.first + b * kVectorWidth;
      const __mmask16 mask = UnitMask(t.units - b * kVectorWidth);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        const int64_t at = r * t.stride + unit;
        const __m512 h =
            _mm512_maskz_loadu_ps(mask, t.panel + t.input_size + at);
        _mm512_mask_storeu_ps(t.update + at, mask, sums[r][2 * b]);
        _mm512_mask_storeu_ps(t.reset + at, mask,
                              _mm512_mul_ps(Sigmoid(sums[r][2 * b + 1]), h));
      }
    }
  }
};

struct GruCandidateTile {
  template <int kBlocks, int kRows>
  RECUR_AVX512 static void Run(const TileTask& t) {
    __m512 sums[kRows][kBlocks];
    StartSums<kBlocks, kRows>(t.bias, sums);
    const float* hidden = AddProducts<kBlocks, kRows>(
        t.weights, t.panel, t.stride, t.input_size, sums);
    AddProducts<kBlocks, kRows>(hidden, t.reset, t.stride, t.hidden_size, sums);
#pragma GCC unroll 8
    for (int b = 0; b < kBlocks; ++b) {
      const int unit = t.first + b * kVectorWidth;
      const __mmask16 mask = UnitMask(t.units - b * kVectorWidth);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        float* at = t.states[r] + unit;
        const __m512 u =
            _mm512_maskz_loadu_ps(mask, t.update + r * t.stride + unit);
        const __m512 h = _mm512_maskz_loadu_ps(mask, at);
        _mm512_mask_storeu_ps(at, mask, Mixed(u, sums[r][b], h));
      }
    }
  }
};

// A NaN stays one: a comparison with it gives the second operand.
RECUR_AVX512_INLINE __m512 Activated(Activation activation, __m512 sum) {
  if (activation == Activation::kTanh) return Tanh(sum);
  if (activation == Activation::kSigmoid) return Sigmoid(sum);
  return _mm512_max_ps(_mm512_setzero_ps(), sum);
}

struct RnnTile {
  template <int kBlocks, int kRows>
  RECUR_AVX512 static void Run(const TileTask& t) {
    __m512 sums[kRows][kBlocks];
    StartSums<kBlocks, kRows>(t.bias, sums);
    AddProducts<kBlocks, kRows>(t.weights, t.panel, t.stride,
                                t.input_size + t.hidden_size, sums);
#pragma GCC unroll 8
    for (int b = 0; b < kBlocks; ++b) {
      const int unit = t.first + b * kVectorWidth;
      const __mmask16 mask = UnitMask(t.units - b * kVectorWidth);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        _mm512_mask_storeu_ps(t.states[r] + unit, mask,
                              Activated(t.activation, sums[r][b]));
      }
    }
  }
};

template <typename Tile, int kBlocks>
void SetRows(PassKernels* kernels) {
  TileKernel* of = kernels->of[kBlocks - 1];
  of[0] = Tile::template Run<kBlocks, 1>;
  of[1] = Tile::template Run<kBlocks, 2>;
  of[2] = Tile::template Run<kBlocks, 3>;
  of[3] = Tile::template Run<kBlocks, 4>;
  of[4] = Tile::template Run<kBlocks, 5>;
  of[5] = Tile::template Run<kBlocks, 6>;
}

template <typename Tile, int... kBlocks>
PassKernels MakePass() {
  PassKernels kernels = {};
  (SetRows<Tile, kBlocks>(&kernels), ...);
  return kernels;
}

}  // namespace

const StepKernels* KernelsFor(const CpuFeatures& cpu) {
  static const StepKernels kernels = {
      .rnn = MakePass<RnnTile, 1, 2, 3, 4>(),
      .lstm = MakePass<LstmTile, 1>(),
      .gru_linear = MakePass<GruLinearTile, 1>(),
      .gru_gates = MakePass<GruGatesTile, 1, 2>(),
      .gru_candidate = MakePass<GruCandidateTile, 1, 2, 3, 4>()};
  return cpu.avx512f ? &kernels : nullptr;
}

}  // namespace recur

#else

namespace recur {

const StepKernels* KernelsFor(const CpuFeatures&) { return nullptr; }

}  // namespace recur

#endif  // defined(__x86_64__)
