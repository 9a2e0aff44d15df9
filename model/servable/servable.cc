#include "model/servable/servable.h"

#include <utility>

#include "absl/strings/str_format.h"

namespace recur {
namespace {

absl::Status CheckWidths(const ModelSpec& spec, const Features& features) {
  const NetworkSpec& network = spec.network;
  if (!spec.takes_text && network.input_size != features.input_size()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("network.input_size is %d; the features give %d inputs",
                        network.input_size, features.input_size()));
  }
  if (spec.task == Task::kForecast &&
      network.future_size != features.future_size()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "network.future_size is %d; the features give %d per target step",
        network.future_size, features.future_size()));
  }
  return absl::OkStatus();
}

absl::Status CheckVocabulary(const ModelSpec& spec, size_t entries) {
  const auto tokens = static_cast<size_t>(spec.network.vocabulary_size);
  if (entries < tokens) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrFormat("the vocabulary has %d entries; network.vocabulary_size "
                      "of %d allows %d",
                      entries, tokens, tokens - 1));
}

}  // namespace

absl::StatusOr<Servable> MakeServable(
    const ModelSpec& spec, const std::vector<std::string>& vocabulary,
    std::shared_ptr<const Engine> engine, const Weights& feature_weights) {
  if (auto status = ValidateModelSpec(spec); !status.ok()) return status;
  auto features = Features::Create(spec.features, feature_weights);
  if (!features.ok()) return features.status();
  if (auto status = CheckWidths(spec, *features); !status.ok()) return status;
  std::optional<Tokenizer> tokenizer;
  if (spec.takes_text) {
    if (auto status = CheckVocabulary(spec, vocabulary.size()); !status.ok()) {
      return status;
    }
    auto made = Tokenizer::Create(spec.text, vocabulary);
    if (!made.ok()) return made.status();
    tokenizer = *std::move(made);
  }
  return Servable{.spec = spec,
                  .features = *std::move(features),
                  .tokenizer = std::move(tokenizer),
                  .engine = std::move(engine)};
}

SequenceState InitialState(const Servable& model) {
  SequenceState state;
  if (!model.spec.network.bidirectional) {
    state.hidden.assign(HiddenStateSize(model.spec.network), 0.0f);
  }
  state.features = model.features.InitialState();
  return state;
}

}  // namespace recur
