#include <omp.h>

#include <mutex>

#include "model/network/onednn/onednn_engine.h"
#include "oneapi/dnnl/dnnl.h"

namespace recur {
namespace {

// Two kinds of layer in 64 batch sizes each for thirty models. When the cache
// is full, new workspaces compile kernels again; each entry costs memory.
constexpr int kCachedPrimitives = 4096;

}  // namespace

void UseOneThreadPerCall() {
  static std::once_flag once;
  std::call_once(once,
                 [] { dnnl_set_primitive_cache_capacity(kCachedPrimitives); });
  omp_set_num_threads(1);
}

}  // namespace recur
