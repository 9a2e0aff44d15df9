// The frame of report.html and the parts that it is made of, as HTML that is
// well-formed XML too. One file without anything from elsewhere: no script, no
// font, no image. Every function takes plain text and escapes it, unless its
// argument is called `html`.
#ifndef RECUR_MODEL_TRAIN_REPORT_REPORT_PAGE_H_
#define RECUR_MODEL_TRAIN_REPORT_REPORT_PAGE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/train/report/report.h"
#include "model/train/report/report_verdict.h"

namespace recur {

// The whole file. Light or dark as the reader's system is.
std::string ReportPage(absl::string_view title, const Verdict& verdict,
                       absl::string_view html);

std::string Section(absl::string_view heading, absl::string_view html);

// Charts and the like, side by side where there is room.
std::string SideBySide(absl::string_view html);

// Folded away under its heading until it is asked for.
std::string Folded(absl::string_view heading, absl::string_view html);

std::string Paragraph(absl::string_view text);
std::string Lines(const std::vector<std::string>& lines);

// A few figures to see first.
std::string Tiles(const std::vector<Fact>& figures);

std::string FactTable(const std::vector<Fact>& facts);

// The first column is text, the others are figures. `marked`, if it is a row,
// stands out.
std::string FigureTable(const std::vector<std::string>& heading,
                        const std::vector<std::vector<std::string>>& rows,
                        int marked = -1);

// One bar per name, `part` of the full width.
struct Bar {
  std::string name;
  double part = 0.0;  // 0 to 1
  std::string figure;
};
std::string Bars(absl::string_view caption, const std::vector<Bar>& bars);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_REPORT_REPORT_PAGE_H_
