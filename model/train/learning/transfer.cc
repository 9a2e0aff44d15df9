#include "model/train/learning/transfer.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace recur {
namespace {

absl::Status Differs(absl::string_view what, const std::string& own,
                     const std::string& theirs) {
  return absl::InvalidArgumentError(absl::StrCat("the model to begin from has ",
                                                 what, " ", theirs,
                                                 "; this training has ", own));
}

absl::Status CheckSameLayers(const NetworkSpec& own,
                             const NetworkSpec& theirs) {
  if (own.cell != theirs.cell) {
    return Differs("cell", CellName(own.cell), CellName(theirs.cell));
  }
  const auto kind = [](const NetworkSpec& spec) {
    return spec.vocabulary_size > 0 ? 1 : 0;
  };
  const struct {
    const char* name;
    int own;
    int theirs;
  } sizes[] = {
      {"hidden size", own.hidden_size, theirs.hidden_size},
      {"layers", own.layers, theirs.layers},
      {"directions", DirectionCount(own), DirectionCount(theirs)},
      {"inputs that are tokens (1) or numbers (0):", kind(own), kind(theirs)},
      {"embedding size", own.embedding_size, theirs.embedding_size},
  };
  for (const auto& size : sizes) {
    if (size.own != size.theirs) {
      return Differs(size.name, absl::StrCat(size.own),
                     absl::StrCat(size.theirs));
    }
  }
  return absl::OkStatus();
}

// Row t is token t; 0 stands for unknown ones in both.
int ReuseEmbedding(const Model& from,
                   const std::vector<std::string>& vocabulary, int width,
                   Weights* weights) {
  const auto theirs = from.weights.find("embedding.weight");
  const auto own = weights->find("embedding.weight");
  if (theirs == from.weights.end() || own == weights->end()) return 0;
  std::map<absl::string_view, int> tokens;
  for (size_t i = 0; i < from.vocabulary.size(); ++i) {
    tokens[from.vocabulary[i]] = static_cast<int>(i) + 1;
  }
  const auto copy = [&](int64_t to, int64_t token) {
    std::copy_n(theirs->second.values.begin() + token * width, width,
                own->second.values.begin() + to * width);
  };
  copy(0, 0);
  int reused = 0;
  for (size_t i = 0; i < vocabulary.size(); ++i) {
    const auto found = tokens.find(vocabulary[i]);
    if (found == tokens.end()) continue;
    copy(static_cast<int64_t>(i) + 1, found->second);
    ++reused;
  }
  return reused;
}

}  // namespace

std::string Transfer::Text(const std::vector<std::string>& vocabulary) const {
  std::string text = absl::StrCat(tensors, " tensors of the recurrent layers");
  if (left > 0) absl::StrAppend(&text, " (", left, " begin anew)");
  if (!vocabulary.empty()) {
    absl::StrAppend(&text, " and ", tokens, " of ", vocabulary.size(),
                    " tokens");
  }
  return text;
}

absl::StatusOr<Transfer> ReuseWeights(
    const Model& from, const NetworkSpec& network,
    const std::vector<std::string>& vocabulary, Weights* weights) {
  const auto status = CheckSameLayers(network, from.spec.network);
  if (!status.ok()) return status;
  Transfer transfer;
  for (auto& [name, tensor] : *weights) {
    if (!absl::StartsWith(name, "layers.")) continue;
    const auto theirs = from.weights.find(name);
    if (theirs == from.weights.end() || theirs->second.dims != tensor.dims) {
      ++transfer.left;
      continue;
    }
    tensor = theirs->second;
    ++transfer.tensors;
  }
  transfer.tokens =
      ReuseEmbedding(from, vocabulary, network.embedding_size, weights);
  return transfer;
}

}  // namespace recur
