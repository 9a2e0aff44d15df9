// Text -> tokens. Immutable; shared by all threads.
#ifndef RECUR_MODEL_FEATURES_TOKENIZER_H_
#define RECUR_MODEL_FEATURES_TOKENIZER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/spec/model_spec.h"

namespace recur {

// Cuts text as TextSpec says. No unit is empty or has a control character in
// it, so a vocabulary can be kept as lines.
std::vector<std::string> SplitText(const TextSpec& spec,
                                   absl::string_view text);

class Tokenizer {
 public:
  // INVALID_ARGUMENT on a doubled or empty entry.
  static absl::StatusOr<Tokenizer> Create(
      const TextSpec& spec, const std::vector<std::string>& vocabulary);

  // Token i + 1 for vocabulary[i], 0 for what is not in it. Empty for text
  // without a token.
  std::vector<int32_t> Encode(absl::string_view text) const;

 private:
  Tokenizer() = default;

  TextSpec spec_;
  absl::flat_hash_map<std::string, int32_t> tokens_;
};

// The most frequent units of the texts, ties in byte order: those that occur
// at least min_count times, at most max_size - 1 of them (token 0 is the
// unknown one).
std::vector<std::string> BuildVocabulary(const TextSpec& spec,
                                         const std::vector<std::string>& texts,
                                         int max_size, int min_count);

}  // namespace recur

#endif  // RECUR_MODEL_FEATURES_TOKENIZER_H_
