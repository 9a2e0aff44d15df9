#include <xxhash.h>

#include <memory>

#include "absl/strings/str_format.h"
#include "model/format/model_directory.h"
#include "model/format/spec_json.h"
#include "model/format/vocabulary.h"

namespace recur {
namespace {

// Hashes parts with their lengths, so that no two lists of parts run together.
class PartHash {
 public:
  PartHash() : state_(XXH3_createState(), &XXH3_freeState) {
    XXH3_128bits_reset(state_.get());
  }

  void Add(const void* bytes, uint64_t size) {
    XXH3_128bits_update(state_.get(), &size, sizeof(size));
    if (size > 0) XXH3_128bits_update(state_.get(), bytes, size);
  }
  void Add(absl::string_view text) { Add(text.data(), text.size()); }

  std::string Hex() const {
    const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
    return absl::StrFormat("%016x%016x", hash.high64, hash.low64);
  }

 private:
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_;
};

}  // namespace

std::string Fingerprint(const Model& model) {
  ModelSpec spec = model.spec;
  spec.description.clear();
  spec.precision = Precision::kF32;
  PartHash hash;
  hash.Add(SpecToJson(spec));
  hash.Add(EncodeVocabulary(model.vocabulary));
  for (const Weights* weights : {&model.weights, &model.feature_weights}) {
    for (const auto& [name, tensor] : *weights) {
      hash.Add(name);
      hash.Add(tensor.dims.data(), tensor.dims.size() * sizeof(int64_t));
      hash.Add(tensor.values.data(), tensor.values.size() * sizeof(float));
    }
  }
  return hash.Hex();
}

}  // namespace recur
