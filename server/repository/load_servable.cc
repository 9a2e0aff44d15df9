#include "server/repository/load_servable.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "model/format/model_directory.h"
#include "model/network/engine.h"
#include "model/network/onednn/onednn_engine.h"

namespace recur {
namespace {

struct PackedWeights {
  std::shared_ptr<const Engine> engine;
  Precision precision = Precision::kF32;
  std::string note;
  std::optional<double> difference_to_f32;
};

// In f32 after all where the precision that is wanted cannot be had.
absl::StatusOr<PackedWeights> PackWeights(const Repository::Options& options,
                                          const Model& model,
                                          Precision wanted) {
  const auto create = [&](Precision precision) {
    return options.create_engine(model.spec.network, model.weights, precision);
  };
  PackedWeights packed;
  auto engine = create(wanted);
  if (wanted != Precision::kF32) {
    auto exact = create(Precision::kF32);
    if (!exact.ok()) return exact.status();
    if (absl::IsUnimplemented(engine.status())) {
      packed.note =
          absl::StrCat(engine.status().message(), "; it is served in f32");
      engine = std::move(exact);
    } else if (engine.ok()) {
      const auto difference = LargestOutputDifference(**engine, **exact);
      if (!difference.ok()) return difference.status();
      packed.precision = wanted;
      packed.difference_to_f32 = *difference;
    }
  }
  if (!engine.ok()) return engine.status();
  packed.engine = *std::move(engine);
  return packed;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Servable>> LoadServable(
    const Repository::Options& options, const std::filesystem::path& directory,
    const std::string& name, int64_t version) {
  UseOneThreadPerCall();
  auto model = ReadModel(directory);
  if (!model.ok()) return model.status();
  auto packed = PackWeights(options, *model,
                            options.precision.For(name, model->spec.precision));
  if (!packed.ok()) return packed.status();
  auto made = MakeServable(model->spec, model->vocabulary, packed->engine,
                           model->feature_weights);
  if (!made.ok()) return made.status();
  auto same_bits = SameBitsInAnyBatch(*made->engine, options.max_batch_rows);
  if (!same_bits.ok()) return same_bits.status();

  made->name = name;
  made->version = version;
  made->fingerprint = Fingerprint(*model);
  made->same_bits_in_any_batch = *same_bits;
  made->precision = packed->precision;
  made->precision_note = packed->note;
  made->difference_to_f32 = packed->difference_to_f32;
  auto servable = std::make_shared<const Servable>(*std::move(made));
  if (options.warm) {
    const absl::Status warmed = options.warm(servable);
    if (!warmed.ok()) return warmed;
  }
  return servable;
}

}  // namespace recur
