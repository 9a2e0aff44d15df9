#include "model/train/report/html_text.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"
#include "model/spec/utf8.h"

namespace recur {
namespace {

constexpr char kReplacement[] = "\xef\xbf\xbd";

bool IsXmlCharacter(absl::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (first < 0x20) return first == '\t' || first == '\n' || first == '\r';
  return character != "\xef\xbf\xbe" && character != "\xef\xbf\xbf";
}

}  // namespace

std::string EscapeHtml(absl::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const absl::string_view character = text.substr(0, length);
    text.remove_prefix(length > 0 ? length : 1);
    if (length == 0 || !IsXmlCharacter(character)) {
      escaped += kReplacement;
    } else if (character == "&") {
      escaped += "&amp;";
    } else if (character == "<") {
      escaped += "&lt;";
    } else if (character == ">") {
      escaped += "&gt;";
    } else if (character == "\"") {
      escaped += "&quot;";
    } else if (character == "'") {
      escaped += "&#39;";
    } else {
      escaped.append(character.data(), character.size());
    }
  }
  return escaped;
}

std::string FigureText(double value) {
  if (!std::isfinite(value)) return "-";
  const double size = std::abs(value);
  if (size >= 1e7 || (size > 0.0 && size < 1e-4)) {
    return absl::StrFormat("%.3e", value);
  }
  if (size == 0.0) return "0";
  const int first = static_cast<int>(std::floor(std::log10(size)));
  return absl::StrFormat("%.*f", std::max(0, 3 - first), value);
}

std::string RatioText(double value) {
  if (!std::isfinite(value)) return "-";
  return absl::StrFormat("%.3f", value);
}

std::string PercentText(double part) {
  if (!std::isfinite(part)) return "-";
  return absl::StrFormat("%.1f%%", 100.0 * part);
}

}  // namespace recur
