#include "model/network/onednn/onednn_engine.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/network/onednn/onednn_status.h"
#include "model/network/onednn/onednn_workspace.h"
#include "model/network/onednn/step_layer.h"
#include "model/network/weight_check.h"

namespace recur {
namespace {

// A step of more rows takes as long per row, so larger batches are cut.
constexpr int kMaxBatch = 64;

std::string IsaName(dnnl::cpu_isa isa) {
  switch (isa) {
    case dnnl::cpu_isa::sse41:
      return "sse41";
    case dnnl::cpu_isa::avx:
      return "avx";
    case dnnl::cpu_isa::avx2:
      return "avx2";
    case dnnl::cpu_isa::avx2_vnni:
      return "avx2_vnni";
    case dnnl::cpu_isa::avx512_mic:
      return "avx512_mic";
    case dnnl::cpu_isa::avx512_mic_4ops:
      return "avx512_mic_4ops";
    case dnnl::cpu_isa::avx512_core:
      return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni:
      return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16:
      return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_amx:
      return "avx512_core_amx";
    default:
      return absl::StrCat("isa_", absl::Hex(static_cast<int>(isa)));
  }
}

std::string Numerics(Precision precision) {
  const dnnl::version_t& version = *dnnl::version();
  return absl::StrCat(
      "onednn ", version.major, ".", version.minor, ".", version.patch, " ",
      IsaName(dnnl::get_effective_cpu_isa()), " ", PrecisionName(precision));
}

// Instruction sets are sets of bits: a later one holds those before it.
absl::Status CheckPrecision(Precision precision) {
  if (precision == Precision::kF32) return absl::OkStatus();
  constexpr auto kNeeded = static_cast<int>(dnnl::cpu_isa::avx512_core_bf16);
  const dnnl::cpu_isa has = dnnl::get_effective_cpu_isa();
  if ((static_cast<int>(has) & kNeeded) == kNeeded) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat(
      "bf16 needs a CPU with AVX512-BF16; this one has ", IsaName(has)));
}

class OnednnEngine : public Engine {
 public:
  OnednnEngine(const NetworkSpec& spec, const Weights& weights,
               Precision precision);

  const NetworkSpec& spec() const override { return weights_.spec; }
  absl::string_view name() const override { return "onednn"; }
  absl::string_view numerics() const override { return numerics_; }
  int64_t bytes() const override;
  absl::StatusOr<std::unique_ptr<Workspace>> CreateWorkspace(
      int max_batch) const override;

 private:
  OnednnWeights weights_;
  std::string numerics_;
};

OnednnEngine::OnednnEngine(const NetworkSpec& spec, const Weights& weights,
                           Precision precision)
    : weights_{spec, precision, dnnl::engine(dnnl::engine::kind::cpu, 0),
               {},   {},        HeadKernel(spec, weights)},
      numerics_(Numerics(precision)) {
  if (spec.vocabulary_size > 0) {
    weights_.embedding = weights.find("embedding.weight")->second.values;
  }
  weights_.layers = MakeRecurrentWeights(weights_.engine, spec);
  SetRecurrentWeights(spec, weights, &weights_.layers);
  const dnnl::stream stream(weights_.engine);
  for (size_t i = 0; i < weights_.layers.size(); ++i) {
    const int layer = static_cast<int>(i) / DirectionCount(spec);
    RecurrentWeights& to = weights_.layers[i];
    WarmStepLayer(weights_.engine, stream,
                  {spec.cell, 1, 1, LayerInputSize(spec, layer),
                   spec.hidden_size, precision},
                  kMaxBatch, &to);
    to.input.DropSource();
    to.hidden.DropSource();
  }
}

int64_t OnednnEngine::bytes() const {
  int64_t bytes =
      weights_.head.bytes() + static_cast<int64_t>(weights_.embedding.size()) *
                                  static_cast<int64_t>(sizeof(float));
  for (const RecurrentWeights& layer : weights_.layers) bytes += layer.bytes();
  return bytes;
}

absl::StatusOr<std::unique_ptr<Workspace>> OnednnEngine::CreateWorkspace(
    int max_batch) const {
  if (max_batch < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("max_batch is ", max_batch, "; it needs at least 1"));
  }
  UseOneThreadPerCall();
  std::unique_ptr<Workspace> workspace;
  const absl::Status status = CatchOnednn([&] {
    workspace = MakeOnednnWorkspace(weights_, std::min(max_batch, kMaxBatch));
  });
  if (!status.ok()) return status;
  return workspace;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Engine>> CreateOnednnEngine(
    const NetworkSpec& spec, const Weights& weights, Precision precision) {
  absl::Status status = CheckWeights(spec, weights);
  if (status.ok()) status = CheckPrecision(precision);
  if (!status.ok()) return status;
  UseOneThreadPerCall();
  std::shared_ptr<const Engine> engine;
  status = CatchOnednn([&] {
    engine = std::make_shared<OnednnEngine>(spec, weights, precision);
  });
  if (!status.ok()) return status;
  return engine;
}

}  // namespace recur
