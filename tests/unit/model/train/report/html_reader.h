// Just enough of an XML reader for a test to look into a page.
#ifndef RECUR_TESTS_UNIT_MODEL_TRAIN_REPORT_HTML_READER_H_
#define RECUR_TESTS_UNIT_MODEL_TRAIN_REPORT_HTML_READER_H_

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace recur {

// Empty if every tag is closed in order and every mark is escaped, else what
// is wrong. The tags' names go to *names, if given, in order.
inline std::string FindHtmlFault(absl::string_view page,
                                 std::vector<std::string>* names = nullptr) {
  std::vector<std::string> open;
  if (absl::StartsWith(page, "<!DOCTYPE html>")) page.remove_prefix(15);
  while (!page.empty()) {
    const size_t start = page.find('<');
    const absl::string_view text = page.substr(0, start);
    if (text.find('>') != text.npos) return absl::StrCat("> in ", text);
    if (start == page.npos) break;
    const size_t end = page.find('>', start);
    if (end == page.npos) return "a tag without an end";
    absl::string_view tag = page.substr(start + 1, end - start - 1);
    page.remove_prefix(end + 1);
    if (tag.find('<') != tag.npos) return absl::StrCat("< in ", tag);
    if (absl::StartsWith(tag, "/")) {
      if (open.empty() || open.back() != tag.substr(1)) {
        return absl::StrCat("<", tag, "> closes nothing");
      }
      open.pop_back();
      continue;
    }
    const std::string name(tag.substr(0, tag.find_first_of(" /")));
    if (names != nullptr) names->push_back(name);
    if (!absl::EndsWith(tag, "/")) open.push_back(name);
  }
  return open.empty() ? "" : absl::StrCat(open.back(), " stays open");
}

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_MODEL_TRAIN_REPORT_HTML_READER_H_
