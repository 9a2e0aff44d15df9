#include "model/network/native/native_engine.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/network/native/native_workspace.h"
#include "model/network/weight_check.h"

namespace recur {
namespace {

// A step of more rows takes as long per row, so larger batches are cut.
constexpr int kMaxBatch = 64;

class NativeEngine : public Engine {
 public:
  explicit NativeEngine(NativeWeights weights) : weights_(std::move(weights)) {}

  const NetworkSpec& spec() const override { return weights_.spec; }
  absl::string_view name() const override { return "native"; }
  // The number changes whenever the bits of an answer may.
  absl::string_view numerics() const override { return "native 1 avx512f f32"; }
  int64_t bytes() const override;
  absl::StatusOr<std::unique_ptr<Workspace>> CreateWorkspace(
      int max_batch) const override;

 private:
  NativeWeights weights_;
};

int64_t NativeEngine::bytes() const {
  int64_t bytes =
      weights_.head.bytes() + static_cast<int64_t>(weights_.embedding.size()) *
                                  static_cast<int64_t>(sizeof(float));
  for (const PackedLayer& layer : weights_.layers) bytes += layer.bytes();
  return bytes;
}

absl::StatusOr<std::unique_ptr<Workspace>> NativeEngine::CreateWorkspace(
    int max_batch) const {
  if (max_batch < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_batch is ", max_batch, "; it needs at least 1"));
  }
  return MakeNativeWorkspace(weights_, std::min(max_batch, kMaxBatch));
}

}  // namespace

CpuFeatures CpuFeatures::Here() {
#if defined(__x86_64__)
  return {.avx512f = __builtin_cpu_supports("avx512f") != 0};
#else
  return {};
#endif
}

absl::StatusOr<std::shared_ptr<const Engine>> CreateNativeEngine(
    const NetworkSpec& spec, const Weights& weights, const CpuFeatures& cpu) {
  if (auto status = CheckWeights(spec, weights); !status.ok()) return status;
  if (spec.bidirectional) {
    return absl::UnimplementedError(
        "the native engine steps; it cannot run a bidirectional network");
  }
  const StepKernels* kernels = KernelsFor(cpu);
  if (kernels == nullptr) {
    return absl::UnimplementedError(
        "the native engine needs a CPU with AVX-512F");
  }
  NativeWeights packed = {spec, {}, {}, HeadKernel(spec, weights)};
  if (spec.vocabulary_size > 0) {
    packed.embedding = weights.find("embedding.weight")->second.values;
  }
  for (int layer = 0; layer < spec.layers; ++layer) {
    packed.layers.emplace_back(spec, weights, layer, *kernels);
  }
  return std::make_shared<const NativeEngine>(std::move(packed));
}

}  // namespace recur
