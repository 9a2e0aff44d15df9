#include "tests/golden/golden.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"

namespace recur {
namespace {

using nlohmann::json;

// The readers below throw nlohmann's exceptions; ReadGoldenNetworks catches
// them.
NetworkSpec ReadSpec(const json& from) {
  NetworkSpec spec;
  spec.cell.kind = ParseCellKind(from.at("cell").get<std::string>()).value();
  spec.cell.activation =
      ParseActivation(from.at("activation").get<std::string>()).value();
  spec.cell.linear_before_reset = from.at("linear_before_reset").get<bool>();
  spec.bidirectional = from.at("bidirectional").get<bool>();
  spec.head = ParseHead(from.at("head").get<std::string>()).value();
  const std::pair<const char*, int*> sizes[] = {
      {"input_size", &spec.input_size},
      {"hidden_size", &spec.hidden_size},
      {"layers", &spec.layers},
      {"vocabulary_size", &spec.vocabulary_size},
      {"embedding_size", &spec.embedding_size},
      {"classes", &spec.classes},
      {"horizon", &spec.horizon},
      {"targets", &spec.targets},
      {"levels", &spec.levels},
      {"future_size", &spec.future_size},
      {"decoder_size", &spec.decoder_size}};
  for (const auto& [name, size] : sizes) *size = from.at(name).get<int>();
  if (from.contains("pooling")) {
    spec.pooling = ParsePooling(from.at("pooling").get<std::string>()).value();
  }
  return spec;
}

template <typename Value>
void ReadIfThere(const json& from, const char* name, Value* value) {
  if (from.contains(name)) *value = from.at(name).get<Value>();
}

GoldenSequence ReadSequence(const json& from) {
  GoldenSequence sequence;
  sequence.steps = from.at("steps").get<int>();
  ReadIfThere(from, "inputs", &sequence.inputs);
  ReadIfThere(from, "tokens", &sequence.tokens);
  ReadIfThere(from, "future", &sequence.future);
  from.at("states").get_to(sequence.states);
  from.at("sums").get_to(sequence.sums);
  from.at("outputs").get_to(sequence.outputs);
  return sequence;
}

GoldenNetwork ReadNetwork(const std::filesystem::path& path) {
  std::ifstream file(path);
  const json from = json::parse(file);
  GoldenNetwork network;
  network.name = path.stem().string();
  network.spec = ReadSpec(from.at("spec"));
  for (const auto& [name, tensor] : from.at("weights").items()) {
    network.weights[name] = {tensor.at("dims").get<std::vector<int64_t>>(),
                             tensor.at("values").get<std::vector<float>>()};
  }
  for (const json& sequence : from.at("sequences")) {
    network.sequences.push_back(ReadSequence(sequence));
  }
  return network;
}

}  // namespace

absl::StatusOr<std::vector<GoldenNetwork>> ReadGoldenNetworks() {
  const std::filesystem::path folder =
      std::filesystem::path(RECUR_SOURCE_DIR) / "tests/golden/networks";
  std::vector<GoldenNetwork> networks;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    try {
      networks.push_back(ReadNetwork(entry.path()));
    } catch (const std::exception& e) {
      return absl::DataLossError(
          absl::StrCat(entry.path().string(), ": ", e.what()));
    }
  }
  if (error || networks.empty()) {
    return absl::NotFoundError(
        absl::StrCat("no golden networks in ", folder.string()));
  }
  std::sort(networks.begin(), networks.end(),
            [](const GoldenNetwork& a, const GoldenNetwork& b) {
              return a.name < b.name;
            });
  return networks;
}

}  // namespace recur
