#include "model/train/report/report_page.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/train/report/html_text.h"
#include "model/train/report/report_style.h"

namespace recur {
namespace {

const char* VerdictClass(Verdict::Kind kind) {
  switch (kind) {
    case Verdict::Kind::kBetter:
      return "better";
    case Verdict::Kind::kEven:
      return "even";
    case Verdict::Kind::kWorse:
      return "worse";
    case Verdict::Kind::kUntested:
      return "untested";
  }
  return "";
}

std::string Row(const std::vector<std::string>& cells, const char* tag) {
  std::string html;
  for (const std::string& cell : cells) {
    absl::StrAppendFormat(&html, "<%s>%s</%s>", tag, EscapeHtml(cell), tag);
  }
  return html;
}

}  // namespace

std::string ReportPage(absl::string_view title, const Verdict& verdict,
                       absl::string_view html) {
  const std::string heading = EscapeHtml(title);
  return absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
      "<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\"/>\n<title>",
      heading, "</title>\n<style>", kReportStyle, "</style>\n</head>\n<body>\n",
      "<h1>", heading, "</h1>\n<p class=\"verdict ", VerdictClass(verdict.kind),
      "\">", EscapeHtml(verdict.sentence), "</p>\n", html,
      "<footer>Written by recur-train.</footer>\n</body>\n</html>\n");
}

std::string Section(absl::string_view heading, absl::string_view html) {
  if (html.empty()) return "";
  return absl::StrCat("<section>\n<h2>", EscapeHtml(heading), "</h2>\n", html,
                      "</section>\n");
}

std::string SideBySide(absl::string_view html) {
  return absl::StrCat("<div class=\"side\">\n", html, "</div>\n");
}

std::string Folded(absl::string_view heading, absl::string_view html) {
  return absl::StrCat("<details><summary>", EscapeHtml(heading), "</summary>\n",
                      html, "</details>\n");
}

std::string Paragraph(absl::string_view text) {
  return absl::StrCat("<p>", EscapeHtml(text), "</p>\n");
}

std::string Lines(const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string html = "<ul class=\"lines\">\n";
  for (const std::string& line : lines) {
    absl::StrAppend(&html, "<li>", EscapeHtml(line), "</li>\n");
  }
  return html + "</ul>\n";
}

std::string Tiles(const std::vector<Fact>& figures) {
  std::string html = "<div class=\"tiles\">\n";
  for (const Fact& figure : figures) {
    absl::StrAppend(&html, "<div><b>", EscapeHtml(figure.text), "</b><span>",
                    EscapeHtml(figure.name), "</span></div>\n");
  }
  return html + "</div>\n";
}

std::string FactTable(const std::vector<Fact>& facts) {
  if (facts.empty()) return "";
  std::string html = "<table class=\"facts\">\n";
  for (const Fact& fact : facts) {
    absl::StrAppend(&html, "<tr>", Row({fact.name, fact.text}, "td"),
                    "</tr>\n");
  }
  return html + "</table>\n";
}

std::string FigureTable(const std::vector<std::string>& heading,
                        const std::vector<std::vector<std::string>>& rows,
                        int marked) {
  std::string html = absl::StrCat(
      "<div class=\"scroll\"><table class=\"figures\">\n<thead><tr>",
      Row(heading, "th"), "</tr></thead>\n<tbody>\n");
  for (int i = 0; i < static_cast<int>(rows.size()); ++i) {
    absl::StrAppend(&html, i == marked ? "<tr class=\"marked\">" : "<tr>",
                    Row(rows[i], "td"), "</tr>\n");
  }
  return html + "</tbody></table></div>\n";
}

std::string Bars(absl::string_view caption, const std::vector<Bar>& bars) {
  std::string html = absl::StrCat("<table class=\"bars\"><caption>",
                                  EscapeHtml(caption), "</caption>\n");
  for (const Bar& bar : bars) {
    absl::StrAppendFormat(
        &html,
        "<tr><td>%s</td><td><i style=\"width:%.1f%%\"></i></td><td>%s</td>"
        "</tr>\n",
        EscapeHtml(bar.name), 100.0 * std::clamp(bar.part, 0.0, 1.0),
        EscapeHtml(bar.figure));
  }
  return html + "</table>\n";
}

}  // namespace recur
