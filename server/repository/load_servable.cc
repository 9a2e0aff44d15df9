#include "server/repository/load_servable.h"

#include <utility>

#include "model/format/model_directory.h"
#include "model/network/engine.h"
#include "model/network/onednn/onednn_engine.h"

namespace recur {

absl::StatusOr<std::shared_ptr<const Servable>> LoadServable(
    const Repository::Options& options, const std::filesystem::path& directory,
    const std::string& name, int64_t version) {
  UseOneThreadPerCall();
  auto model = ReadModel(directory);
  if (!model.ok()) return model.status();
  auto engine = options.create_engine(model->spec.network, model->weights);
  if (!engine.ok()) return engine.status();
  auto made = MakeServable(model->spec, model->vocabulary, *std::move(engine));
  if (!made.ok()) return made.status();
  auto same_bits = SameBitsInAnyBatch(*made->engine, options.max_batch_rows);
  if (!same_bits.ok()) return same_bits.status();

  made->name = name;
  made->version = version;
  made->fingerprint = Fingerprint(*model);
  made->same_bits_in_any_batch = *same_bits;
  auto servable = std::make_shared<const Servable>(*std::move(made));
  if (options.warm) {
    const absl::Status warmed = options.warm(servable);
    if (!warmed.ok()) return warmed;
  }
  return servable;
}

}  // namespace recur
