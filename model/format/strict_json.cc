#include "model/format/strict_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/spec/utf8.h"

namespace recur {
namespace {

using nlohmann::json;

// Sees every value of the text in order; stops at the first that is refused.
class Judge : public nlohmann::json_sax<json> {
 public:
  Judge(absl::string_view bytes, const JsonLimits& limits)
      : bytes_(bytes), limits_(limits) {}

  const absl::Status& status() const { return status_; }

  bool null() override { return Count(); }
  bool boolean(bool) override { return Count(); }
  bool number_integer(number_integer_t) override { return Count(); }
  bool number_unsigned(number_unsigned_t) override { return Count(); }
  bool number_float(number_float_t, const string_t&) override {
    return Count();
  }
  bool string(string_t&) override { return Count(); }
  bool binary(binary_t&) override { return Count(); }

  bool start_object(size_t) override { return Enter(); }
  bool end_object() override { return Leave(); }
  bool start_array(size_t) override { return Enter(); }
  bool end_array() override { return Leave(); }

  bool key(string_t& key) override {
    if (keys_.back().insert(key).second) return true;
    return Refuse(absl::StrCat("the key ", QuotedForMessage(key),
                               " is given twice in one object"));
  }

  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    // The text is "[json.exception.name.id] parse error at line 1, column 2:
    // what; last read: 'token'"; the token may be megabytes long.
    absl::string_view what = error.what();
    const size_t colon = what.find(": ");
    if (colon != what.npos) what.remove_prefix(colon + 2);
    what = what.substr(0, what.find("; last read"));
    if (absl::StartsWith(what, "syntax error while parsing ")) {
      what = what.substr(what.find(" - ") + 3);
    }
    if (absl::StrContains(what, "number overflow")) {
      what = "a number is too large for 64 bits";
    }
    const absl::string_view before =
        bytes_.substr(0, std::min(position, bytes_.size()));
    return Refuse(
        absl::StrFormat("not JSON on line %d (byte %d): %s",
                        1 + std::count(before.begin(), before.end(), '\n'),
                        position, what.substr(0, 120)));
  }

 private:
  bool Enter() {
    if (static_cast<int>(keys_.size()) >= limits_.depth) {
      return Refuse(absl::StrFormat("JSON is nested more than %d levels deep",
                                    limits_.depth));
    }
    keys_.emplace_back();
    return Count();
  }

  bool Leave() {
    keys_.pop_back();
    return true;
  }

  bool Count() {
    if (++values_ <= limits_.values) return true;
    return Refuse(
        absl::StrFormat("JSON has more than %d values", limits_.values));
  }

  bool Refuse(absl::string_view message) {
    status_ = absl::DataLossError(message);
    return false;
  }

  absl::string_view bytes_;
  JsonLimits limits_;
  std::vector<std::set<std::string>> keys_;  // of each open object or array
  int64_t values_ = 0;
  absl::Status status_;
};

}  // namespace

absl::Status CheckJson(absl::string_view bytes, const JsonLimits& limits) {
  if (static_cast<int64_t>(bytes.size()) > limits.bytes) {
    return absl::DataLossError(absl::StrFormat(
        "JSON of %d bytes; the limit is %d", bytes.size(), limits.bytes));
  }
  const size_t start = bytes.find_first_not_of(" \t\r\n");
  if (start == bytes.npos || bytes[start] != '{') {
    return absl::DataLossError("not a JSON object: it must begin with {");
  }
  Judge judge(bytes, limits);
  if (json::sax_parse(bytes.begin(), bytes.end(), &judge)) {
    return absl::OkStatus();
  }
  return judge.status();
}

std::string QuotedForMessage(absl::string_view text) {
  constexpr size_t kShown = 60;
  std::string shown;
  size_t at = 0;
  while (at < text.size() && at < kShown) {
    const size_t length = Utf8Length(text.substr(at));
    const absl::string_view piece =
        text.substr(at, std::max<size_t>(length, 1));
    shown += length > 1 ? std::string(piece) : absl::CHexEscape(piece);
    at += piece.size();
  }
  return absl::StrCat("\"", shown, at < text.size() ? "...\"" : "\"");
}

}  // namespace recur
