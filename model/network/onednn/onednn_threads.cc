#include <omp.h>

#include <mutex>

#include "model/network/onednn/onednn_engine.h"
#include "oneapi/dnnl/dnnl.h"

namespace recur {
namespace {

// Two cells of 64 batch sizes each for thirty models; a full cache would make
// every new workspace compile its kernels again.
constexpr int kCachedPrimitives = 8192;

}  // namespace

void UseOneThreadPerCall() {
  static std::once_flag once;
  std::call_once(once,
                 [] { dnnl_set_primitive_cache_capacity(kCachedPrimitives); });
  omp_set_num_threads(1);
}

}  // namespace recur
