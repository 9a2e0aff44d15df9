#include "model/features/tokenizer.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "model/spec/utf8.h"

namespace recur {
namespace {

bool IsWordByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         static_cast<unsigned char>(c) > 127;
}

template <typename Emit>
void ForEachWord(absl::string_view text, Emit emit) {
  size_t at = 0;
  while (at < text.size()) {
    size_t end = at;
    while (end < text.size() && IsWordByte(text[end])) ++end;
    if (end == at && absl::ascii_isgraph(static_cast<unsigned char>(text[at])))
      ++end;
    if (end > at) emit(text.substr(at, end - at));
    at = std::max(end, at + 1);
  }
}

template <typename Emit>
void ForEachCharacter(absl::string_view text, Emit emit) {
  while (!text.empty()) {
    // A byte that is not UTF-8 is a character by itself.
    const size_t length = std::max<size_t>(1, Utf8Length(text));
    const bool control =
        absl::ascii_iscntrl(static_cast<unsigned char>(text[0]));
    emit(control ? absl::string_view(" ") : text.substr(0, length));
    text.remove_prefix(length);
  }
}

// Calls emit(string_view) for each unit; the view lives until it returns.
template <typename Emit>
void ForEachUnit(const TextSpec& spec, absl::string_view text, Emit emit) {
  std::string lowered;
  if (spec.lowercase) {
    lowered = absl::AsciiStrToLower(text);
    text = lowered;
  }
  if (spec.unit == TokenUnit::kWord) {
    ForEachWord(text, emit);
  } else {
    ForEachCharacter(text, emit);
  }
}

}  // namespace

std::vector<std::string> SplitText(const TextSpec& spec,
                                   absl::string_view text) {
  std::vector<std::string> units;
  ForEachUnit(spec, text,
              [&](absl::string_view unit) { units.emplace_back(unit); });
  return units;
}

absl::StatusOr<Tokenizer> Tokenizer::Create(
    const TextSpec& spec, const std::vector<std::string>& vocabulary) {
  Tokenizer tokenizer;
  tokenizer.spec_ = spec;
  for (size_t i = 0; i < vocabulary.size(); ++i) {
    if (vocabulary[i].empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("vocabulary entry ", i + 1, " is empty"));
    }
    const int32_t token = static_cast<int32_t>(i + 1);
    const auto [at, is_new] = tokenizer.tokens_.emplace(vocabulary[i], token);
    if (!is_new) {
      return absl::InvalidArgumentError(
          absl::StrCat("vocabulary entry ", token, " \"", vocabulary[i],
                       "\" is the same as entry ", at->second));
    }
  }
  return tokenizer;
}

std::vector<int32_t> Tokenizer::Encode(absl::string_view text) const {
  std::vector<int32_t> tokens;
  ForEachUnit(spec_, text, [&](absl::string_view unit) {
    const auto found = tokens_.find(unit);
    tokens.push_back(found == tokens_.end() ? 0 : found->second);
  });
  return tokens;
}

std::vector<std::string> BuildVocabulary(const TextSpec& spec,
                                         const std::vector<std::string>& texts,
                                         int max_size, int min_count) {
  std::map<std::string, int64_t> counts;
  for (const std::string& text : texts) {
    ForEachUnit(spec, text,
                [&](absl::string_view unit) { ++counts[std::string(unit)]; });
  }
  std::vector<std::pair<std::string, int64_t>> ranked;
  for (const auto& entry : counts) {
    if (entry.second >= min_count) ranked.push_back(entry);
  }
  // Stable: the map has them in byte order already.
  std::stable_sort(
      ranked.begin(), ranked.end(),
      [](const auto& a, const auto& b) { return a.second > b.second; });
  const size_t size =
      std::min(ranked.size(), static_cast<size_t>(std::max(max_size - 1, 0)));
  std::vector<std::string> vocabulary;
  for (size_t i = 0; i < size; ++i) vocabulary.push_back(ranked[i].first);
  return vocabulary;
}

}  // namespace recur
