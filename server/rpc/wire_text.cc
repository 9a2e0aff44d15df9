#include "server/rpc/wire_text.h"

#include <algorithm>

#include "model/spec/utf8.h"

namespace recur {
namespace {

constexpr absl::string_view kReplacement = "\xef\xbf\xbd";
constexpr absl::string_view kEllipsis = "...";

}  // namespace

std::string WireText(absl::string_view text, size_t limit) {
  std::string out;
  size_t cut = 0;  // where the ellipsis still fits
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const absl::string_view next =
        length == 0 ? kReplacement : text.substr(0, length);
    out.append(next.data(), next.size());
    text.remove_prefix(std::max<size_t>(1, length));
    if (out.size() + kEllipsis.size() <= limit) cut = out.size();
    if (out.size() > limit) {
      out.resize(cut);
      return out.append(kEllipsis.data(), kEllipsis.size());
    }
  }
  return out;
}

}  // namespace recur
