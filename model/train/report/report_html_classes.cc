#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/train/report/html_text.h"
#include "model/train/report/report.h"
#include "model/train/report/report_page.h"
#include "model/train/report/report_sections.h"
#include "model/train/report/report_verdict.h"

namespace recur {
namespace {

constexpr size_t kWidestMatrix = 30;  // more classes are not readable
constexpr size_t kHalfWidthMatrix = 10;
constexpr size_t kShownConfusions = 12;
constexpr size_t kTitleLabels = 6;

std::string Matrix(const ClassificationScore& score) {
  std::string html =
      "<div>\n<p class=\"note-text\">Rows are the truth, columns what the "
      "model "
      "said; the colour is the part of the row.</p>\n"
      "<div class=\"scroll\"><table class=\"matrix\">\n<thead><tr><th></th>";
  for (const ClassScore& own : score.classes) {
    absl::StrAppend(&html, "<th><span>", EscapeHtml(own.label), "</span></th>");
  }
  html += "</tr></thead>\n<tbody>\n";
  for (size_t truth = 0; truth < score.classes.size(); ++truth) {
    const ClassScore& own = score.classes[truth];
    absl::StrAppendFormat(&html, "<tr><th title=\"%s\">%s</th>",
                          EscapeHtml(own.label), EscapeHtml(own.label));
    for (size_t called = 0; called < score.classes.size(); ++called) {
      const int count = score.confusion[truth][called];
      absl::StrAppendFormat(
          &html, "<td style=\"--part:%.3f\" title=\"%s called %s\">%s</td>",
          static_cast<double>(count) / std::max(1, own.support),
          EscapeHtml(own.label), EscapeHtml(score.classes[called].label),
          count > 0 ? absl::StrCat(count) : "");
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n</div>\n";
}

struct Confusion {
  int count;
  size_t truth;
  size_t called;
};

std::string MostConfused(const ClassificationScore& score) {
  std::vector<Confusion> all;
  for (size_t truth = 0; truth < score.classes.size(); ++truth) {
    for (size_t called = 0; called < score.classes.size(); ++called) {
      const int count = score.confusion[truth][called];
      if (truth != called && count > 0) all.push_back({count, truth, called});
    }
  }
  if (all.empty()) return "";
  std::stable_sort(
      all.begin(), all.end(),
      [](const Confusion& a, const Confusion& b) { return a.count > b.count; });
  all.resize(std::min(all.size(), kShownConfusions));
  std::vector<Bar> bars;
  for (const Confusion& one : all) {
    bars.push_back({absl::StrCat(score.classes[one.truth].label, " called ",
                                 score.classes[one.called].label),
                    static_cast<double>(one.count) / all[0].count,
                    absl::StrCat(one.count)});
  }
  return Bars("most frequent confusions", bars);
}

std::string Confusions(const ClassificationScore& score) {
  const size_t classes = score.classes.size();
  if (classes > kWidestMatrix) return MostConfused(score);
  const std::string both = Matrix(score) + MostConfused(score);
  return classes > kHalfWidthMatrix ? both : SideBySide(both);
}

std::string Classes(const ClassificationScore& score) {
  std::vector<std::vector<std::string>> rows;
  std::vector<Bar> bars;
  for (const ClassScore& own : score.classes) {
    rows.push_back({own.label, PercentText(own.precision),
                    PercentText(own.recall), RatioText(own.f1),
                    absl::StrCat(own.support)});
    bars.push_back({own.label, own.f1, RatioText(own.f1)});
  }
  rows.push_back({"mean over the labels", PercentText(score.macro_precision),
                  PercentText(score.macro_recall), RatioText(score.macro_f1),
                  absl::StrCat(score.examples)});
  return SideBySide(absl::StrCat(
      FigureTable({"label", "precision", "recall", "F1", "examples"}, rows),
      Bars("F1 by label", bars)));
}

std::string Scores(const ClassificationReport& report) {
  std::vector<std::vector<std::string>> rows;
  for (const ClassificationScore& score : report.scores) {
    rows.push_back({score.name, PercentText(score.accuracy),
                    PercentText(score.macro_precision),
                    PercentText(score.macro_recall),
                    RatioText(score.macro_f1)});
  }
  return FigureTable({"", "accuracy", "precision", "recall", "F1"}, rows, 0);
}

std::string Tested(const ClassificationReport& report) {
  if (report.scores.empty()) return "";
  const ClassificationScore& model = report.scores[0];
  return absl::StrCat(Section("Test", Scores(report)),
                      Section("By label", Classes(model)),
                      Section("What is taken for what", Confusions(model)));
}

std::string Title(const ClassificationReport& report) {
  if (report.scores.empty()) return "Classifier";
  std::vector<std::string> labels;
  for (const ClassScore& own : report.scores[0].classes) {
    labels.push_back(own.label);
  }
  if (labels.size() > kTitleLabels) {
    return absl::StrFormat("Classifier of %d labels", labels.size());
  }
  return absl::StrCat("Classifier: ", absl::StrJoin(labels, ", "));
}

std::string FirstFigures(const ClassificationReport& report) {
  if (report.scores.empty()) return "";
  const ClassificationScore& model = report.scores[0];
  return Tiles({{absl::StrCat("accuracy, give or take ",
                              PercentText(AccuracyError(model))),
                 PercentText(model.accuracy)},
                {"F1, mean over the labels", RatioText(model.macro_f1)},
                {"test examples", absl::StrCat(model.examples)},
                {"labels", absl::StrCat(model.classes.size())}});
}

// How many examples of each label there were to learn from.
std::string Balance(const ClassificationReport& report) {
  if (report.scores.empty() || report.train_examples.empty()) return "";
  const std::vector<int>& counts = report.train_examples;
  const int most = std::max(1, *std::max_element(counts.begin(), counts.end()));
  std::vector<Bar> bars;
  for (size_t i = 0; i < counts.size(); ++i) {
    bars.push_back({report.scores[0].classes[i].label,
                    static_cast<double>(counts[i]) / most,
                    absl::StrCat(counts[i])});
  }
  return Bars("examples to train on by label", bars);
}

}  // namespace

std::string ClassificationHtml(const ClassificationReport& report) {
  return ReportPage(
      Title(report), VerdictOn(report),
      absl::StrCat(
          FirstFigures(report), Tested(report), InputsSection(report.inputs),
          LearningSection(report.training), TrialsSection(report.training),
          DataSection(report.training, Balance(report))));
}

}  // namespace recur
