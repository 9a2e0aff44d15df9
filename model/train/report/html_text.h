// Text that goes into a page: names of columns, labels and files are somebody
// else's bytes.
#ifndef RECUR_MODEL_TRAIN_REPORT_HTML_TEXT_H_
#define RECUR_MODEL_TRAIN_REPORT_HTML_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace recur {

// The text as it must stand between tags or within quotes of an attribute, in
// HTML and in XML: the five marks escaped; bytes that are not UTF-8, and
// characters that XML 1.0 has not (section 2.2), become U+FFFD.
std::string EscapeHtml(absl::string_view text);

// Four figures of a raw value ("12.35", "0.001234", "1.235e+09"); "-" for what
// is not a number.
std::string FigureText(double value);

// "0.845", for what is around 1; "-" for what is not a number.
std::string RatioText(double value);

// "84.5%"; "-" for what is not a number.
std::string PercentText(double part);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_REPORT_HTML_TEXT_H_
