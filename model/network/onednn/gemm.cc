#include "model/network/onednn/gemm.h"

#include <algorithm>

#include "oneapi/dnnl/dnnl.hpp"

namespace recur {
namespace {

struct Operand {
  char transposed;  // 'N' or 'T'
  const float* data;
  int64_t stride;
};

void Gemm(const Operand& a, const Operand& b, int64_t m, int64_t n, int64_t k,
          float* out, bool add) {
  if (m == 0 || n == 0) return;
  if (k == 0) {
    if (!add) std::fill(out, out + m * n, 0.0f);
    return;
  }
  dnnl::error::wrap_c_api(
      dnnl_sgemm(a.transposed, b.transposed, m, n, k, 1.0f, a.data, a.stride,
                 b.data, b.stride, add ? 1.0f : 0.0f, out, n),
      "could not multiply matrices");
}

}  // namespace

void Multiply(const float* a, const float* b, int64_t m, int64_t n, int64_t k,
              float* out, bool add) {
  Gemm({'N', a, k}, {'N', b, n}, m, n, k, out, add);
}

void MultiplyTransposedLeft(const float* a, const float* b, int64_t m,
                            int64_t n, int64_t k, float* out) {
  Gemm({'T', a, m}, {'N', b, n}, m, n, k, out, false);
}

void MultiplyTransposedRight(const float* a, const float* b, int64_t m,
                             int64_t n, int64_t k, float* out) {
  Gemm({'N', a, k}, {'T', b, k}, m, n, k, out, false);
}

}  // namespace recur
