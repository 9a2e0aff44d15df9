// Which precision models are served in, as the server was told: for all of
// them, for some by name, or not at all.
#ifndef RECUR_SERVER_REPOSITORY_PRECISION_CHOICE_H_
#define RECUR_SERVER_REPOSITORY_PRECISION_CHOICE_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/spec/precision.h"

namespace recur {

class PrecisionChoice {
 public:
  PrecisionChoice() = default;

  // "bf16" for every model, "weather=bf16" for one, and any of these with
  // commas between them: "bf16,weather=f32". Empty: nothing is chosen.
  // INVALID_ARGUMENT bad_option naming the part that is wrong: an unknown
  // precision, no name of a model, or what is chosen twice.
  static absl::StatusOr<PrecisionChoice> Parse(absl::string_view text);

  // Of this model by its name, else of all models, else what its spec says.
  Precision For(const std::string& model, Precision of_spec) const;

  // The choices by name.
  const std::map<std::string, Precision>& models() const { return models_; }

 private:
  std::optional<Precision> all_;
  std::map<std::string, Precision> models_;
};

}  // namespace recur

#endif  // RECUR_SERVER_REPOSITORY_PRECISION_CHOICE_H_
