// Dense row-major matrix products for training.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_GEMM_H_
#define RECUR_MODEL_NETWORK_ONEDNN_GEMM_H_

#include <cstdint>

namespace recur {

// out [m, n] = a [m, k] b [k, n], added to out if `add`. A size of 0 is
// allowed. Throws dnnl::error.
void Multiply(const float* a, const float* b, int64_t m, int64_t n, int64_t k,
              float* out, bool add = false);

// out [m, n] = transpose of a [k, m] times b [k, n].
void MultiplyTransposedLeft(const float* a, const float* b, int64_t m,
                            int64_t n, int64_t k, float* out);

// out [m, n] = a [m, k] times transpose of b [n, k].
void MultiplyTransposedRight(const float* a, const float* b, int64_t m,
                             int64_t n, int64_t k, float* out);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_GEMM_H_
