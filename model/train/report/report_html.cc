#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/train/report/chart.h"
#include "model/train/report/html_text.h"
#include "model/train/report/report.h"
#include "model/train/report/report_page.h"
#include "model/train/report/report_sections.h"
#include "model/train/report/report_verdict.h"

namespace recur {
namespace {

constexpr size_t kOpenTargets = 3;  // the others are folded away

Ink FloorInk(size_t index) { return index == 1 ? Ink::kFloor : Ink::kOther; }

std::vector<double> Steps(int first, size_t count) {
  std::vector<double> steps;
  for (size_t i = 0; i < count; ++i) {
    steps.push_back(first + static_cast<double>(i));
  }
  return steps;
}

// One level of [horizon, levels].
std::vector<double> LevelOf(const ForecastWindow& window, size_t levels,
                            size_t level) {
  std::vector<double> own;
  for (size_t at = level; at < window.quantiles.size(); at += levels) {
    own.push_back(window.quantiles[at]);
  }
  return own;
}

std::string BandName(const std::vector<double>& levels) {
  return absl::StrFormat("%g%% to %g%% quantile and between",
                         100.0 * levels.front(), 100.0 * levels.back());
}

void AddNotes(const ForecastWindow& window, const std::vector<double>& levels,
              Chart* chart) {
  for (size_t k = 0; k < window.point.size(); ++k) {
    std::string note = absl::StrFormat("step %d: truth %s, forecast %s", k + 1,
                                       FigureText(window.truth[k]),
                                       FigureText(window.point[k]));
    if (levels.size() > 1) {
      const size_t row = k * levels.size();
      absl::StrAppendFormat(
          &note, ", %g%% to %g%%: %s to %s", 100.0 * levels.front(),
          100.0 * levels.back(), FigureText(window.quantiles[row]),
          FigureText(window.quantiles[row + levels.size() - 1]));
    }
    chart->AddNote(static_cast<double>(k + 1), std::move(note));
  }
}

Chart WindowChart(const ForecastWindow& window,
                  const std::vector<double>& levels) {
  Chart chart(absl::StrCat(window.kind, ": after ", window.origin),
              absl::StrCat("steps from the last value seen; loss ",
                           FigureText(window.loss)));
  const std::vector<double> ahead = Steps(1, window.point.size());
  for (size_t low = 0; low + 1 < levels.size() - low; ++low) {
    const size_t high = levels.size() - 1 - low;
    chart.AddBand(low == 0 ? BandName(levels) : "", Ink::kModel, ahead,
                  LevelOf(window, levels.size(), low),
                  LevelOf(window, levels.size(), high));
  }
  std::vector<double> truth = window.context;
  truth.insert(truth.end(), window.truth.begin(), window.truth.end());
  const int first = 1 - static_cast<int>(window.context.size());
  chart.AddRule(0.0);
  chart.AddLine("truth", Ink::kTruth, Steps(first, truth.size()), truth);
  chart.AddLine("forecast", Ink::kModel, ahead, window.point);
  AddNotes(window, levels, &chart);
  return chart;
}

std::string Windows(const ForecastTable& table,
                    const std::vector<double>& levels) {
  if (table.windows.empty()) return "";
  std::string charts;
  for (const ForecastWindow& window : table.windows) {
    charts += WindowChart(window, levels).Html();
  }
  return absl::StrCat(WindowChart(table.windows[0], levels).Legend(),
                      SideBySide(charts));
}

std::string ErrorByStep(const ForecastTable& table) {
  const std::vector<double>& own = table.scores[0].mae_by_step;
  if (own.size() < 2) return "";
  Chart chart("mean absolute error by step ahead", "steps ahead");
  const std::vector<double> steps = Steps(1, own.size());
  chart.IncludeY(0.0);
  for (size_t i = table.scores.size(); i-- > 0;) {
    chart.AddLine(table.scores[i].name, i == 0 ? Ink::kModel : FloorInk(i),
                  steps, table.scores[i].mae_by_step);
  }
  for (size_t k = 0; k < own.size(); ++k) {
    std::string note = absl::StrCat("step ", k + 1, ":");
    for (const ForecastScore& score : table.scores) {
      absl::StrAppend(&note, " ", score.name, " ",
                      FigureText(score.mae_by_step[k]));
    }
    chart.AddNote(steps[k], std::move(note));
  }
  return absl::StrCat("<div>", chart.Legend(), chart.Html(), "</div>\n");
}

std::string Coverage(const ForecastTable& table,
                     const std::vector<double>& levels) {
  const std::vector<double>& below = table.scores[0].below_by_level;
  if (below.size() < 2) return "";
  Chart chart("part of the truth below each quantile",
              "quantile; on the dotted line it keeps what it promises");
  chart.AddDots("model", Ink::kModel, levels, below);
  chart.AddLine("", Ink::kModel, levels, below);
  chart.AddLine("as promised", Ink::kGuide, {0.0, 1.0}, {0.0, 1.0});
  for (size_t i = 0; i < levels.size(); ++i) {
    chart.AddNote(levels[i],
                  absl::StrFormat("%g%% quantile: %s of the truth lies below",
                                  100.0 * levels[i], PercentText(below[i])));
  }
  return absl::StrCat("<div>", chart.Legend(), chart.Html(), "</div>\n");
}

std::string Scores(const ForecastTable& table) {
  const ForecastScore& model = table.scores[0];
  std::vector<std::vector<std::string>> rows;
  for (const ForecastScore& score : table.scores) {
    rows.push_back({score.name, FigureText(score.mae), FigureText(score.rmse),
                    RatioText(score.mase),
                    FigureText(score.weighted_quantile_loss),
                    PercentText(score.coverage)});
  }
  return FigureTable(
      {"", "MAE", "RMSE", absl::StrFormat("MASE(%d)", table.season), "wQL",
       absl::StrFormat("in %.0f%% band", 100.0 * model.coverage_nominal)},
      rows, 0);
}

std::string Target(const ForecastReport& report, const ForecastTable& table) {
  return absl::StrCat(
      Scores(table), Windows(table, report.levels),
      SideBySide(ErrorByStep(table) + Coverage(table, report.levels)));
}

std::string Title(const ForecastReport& report) {
  std::vector<std::string> targets;
  for (const ForecastTable& table : report.tables) {
    targets.push_back(table.target);
  }
  if (targets.size() > kOpenTargets) {
    targets = {absl::StrCat(targets.size(), " targets")};
  }
  return absl::StrFormat(
      "%s, %d step%s ahead",
      targets.empty() ? "Forecaster" : absl::StrJoin(targets, ", "),
      report.horizon, report.horizon == 1 ? "" : "s");
}

std::string FirstFigures(const ForecastReport& report) {
  if (report.tables.size() != 1) return "";
  const ForecastScore& model = report.tables[0].scores[0];
  std::vector<Fact> figures = {
      {"mean absolute error", FigureText(model.mae)},
      {absl::StrFormat("MASE, season %d", report.tables[0].season),
       RatioText(model.mase)}};
  if (!report.levels.empty()) {
    figures.push_back({absl::StrFormat("of the truth in the %.0f%% band",
                                       100.0 * model.coverage_nominal),
                       PercentText(model.coverage)});
  }
  figures.push_back({absl::StrFormat("windows, %s to %s", report.first_test,
                                     report.last_test),
                     absl::StrCat(report.windows)});
  return Tiles(figures);
}

}  // namespace

std::string ForecastHtml(const ForecastReport& report) {
  std::string html = FirstFigures(report);
  for (size_t i = 0; i < report.tables.size(); ++i) {
    const ForecastTable& table = report.tables[i];
    const std::string target = Target(report, table);
    html += report.tables.size() == 1 ? Section("Test", target)
            : i < kOpenTargets        ? Section(table.target, target)
                                      : Folded(table.target, target);
  }
  html += InputsSection(report.inputs);
  html += LearningSection(report.training);
  html += TrialsSection(report.training);
  html += DataSection(report.training, "");
  return ReportPage(Title(report), VerdictOn(report), html);
}

}  // namespace recur
