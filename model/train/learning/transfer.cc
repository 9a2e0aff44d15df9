#include "model/train/learning/transfer.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/train/learning/merge_members.h"

namespace recur {
namespace {

// Of what is taken over, the rest begins anew: taken whole, what the model has
// learnt too well of its own data stays (Ash and Adams 2020, arXiv:1910.08475).
constexpr float kShare = 0.7f;

// `theirs` and `own` are `count` weights.
void TakeOver(const float* theirs, size_t count, float* own) {
  for (size_t i = 0; i < count; ++i) {
    own[i] = kShare * theirs[i] + (1.0f - kShare) * own[i];
  }
}

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
int ReuseEmbedding(const std::vector<std::string>& their_vocabulary,
                   const Weights& their_weights,
                   const std::vector<std::string>& vocabulary, int width,
                   Weights* weights) {
  const auto theirs = their_weights.find("embedding.weight");
  const auto own = weights->find("embedding.weight");
  if (theirs == their_weights.end() || own == weights->end()) return 0;
  std::map<absl::string_view, int> tokens;
  for (size_t i = 0; i < their_vocabulary.size(); ++i) {
    tokens[their_vocabulary[i]] = static_cast<int>(i) + 1;
  }
  const auto take = [&](int64_t to, int64_t token) {
    TakeOver(theirs->second.values.data() + token * width, width,
             own->second.values.data() + to * width);
  };
  take(0, 0);
  int reused = 0;
  for (size_t i = 0; i < vocabulary.size(); ++i) {
    const auto found = tokens.find(vocabulary[i]);
    if (found == tokens.end()) continue;
    take(static_cast<int64_t>(i) + 1, found->second);
    ++reused;
  }
  return reused;
}

// Leaves the rows of the first layers' input weights that are read.
void ChooseInputs(const std::vector<int>& inputs, Weights* weights) {
  if (inputs.empty()) return;
  for (auto& [name, tensor] : *weights) {
    if (!absl::StartsWith(name, "layers.0.")) continue;
    if (!absl::EndsWith(name, ".weight_input")) continue;
    const auto row =
        static_cast<int64_t>(tensor.values.size()) / tensor.dims[0];
    std::vector<float> chosen;
    for (int input : inputs) {
      const auto first = tensor.values.begin() + input * row;
      chosen.insert(chosen.end(), first, first + row);
    }
    tensor.dims[0] = static_cast<int64_t>(inputs.size());
    tensor.values = std::move(chosen);
  }
}

}  // namespace

absl::StatusOr<Transfer> ReuseWeights(const Model& from,
                                      const Beginner& beginner,
                                      Weights* weights) {
  const NetworkSpec& merged = from.spec.network;
  const int members = CountMembers(merged, from.weights);
  const auto status =
      CheckSameLayers(beginner.network, MemberSpec(merged, members));
  if (!status.ok()) return status;
  Weights theirs =
      MemberLayers(merged, from.weights, beginner.member % members, members);
  ChooseInputs(beginner.inputs, &theirs);
  Transfer transfer;
  for (auto& [name, tensor] : *weights) {
    if (!absl::StartsWith(name, "layers.")) continue;
    const auto found = theirs.find(name);
    if (found == theirs.end() || found->second.dims != tensor.dims) {
      ++transfer.left;
      continue;
    }
    TakeOver(found->second.values.data(), tensor.values.size(),
             tensor.values.data());
    ++transfer.tensors;
  }
  transfer.tokens = ReuseEmbedding(from.vocabulary, theirs, beginner.vocabulary,
                                   beginner.network.embedding_size, weights);
  return transfer;
}

}  // namespace recur
