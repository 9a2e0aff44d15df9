#include "model/train/report/report_sections.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "model/train/report/chart.h"
#include "model/train/report/html_text.h"
#include "model/train/report/progress.h"
#include "model/train/report/report_page.h"

namespace recur {
namespace {

constexpr size_t kShownInputs = 20;
constexpr size_t kShownTrials = 30;

void AddLosses(const LearningCurve& curve, Ink ink, Chart* chart) {
  std::vector<double> steps;
  std::vector<double> losses;
  for (const LearningPoint& point : curve.points) {
    steps.push_back(point.step);
    losses.push_back(point.loss);
  }
  chart->AddLine(curve.phase, ink, steps, losses);
}

std::string LossChart(const LearningCurve& curve) {
  Chart chart(absl::StrCat(curve.phase, ": loss of the minibatches"),
              "updates");
  AddLosses(curve, Ink::kModel, &chart);
  for (const LearningPoint& point : curve.points) {
    chart.AddNote(point.step, absl::StrCat("step ", point.step, ": loss ",
                                           FigureText(point.loss)));
  }
  return chart.Html();
}

// The phases that looked at no validation part, in one chart.
std::string OtherLosses(const std::vector<LearningCurve>& curves) {
  if (curves.empty()) return "";
  constexpr Ink kInks[] = {Ink::kModel, Ink::kFloor, Ink::kOther};
  Chart chart("loss of the minibatches", "updates");
  for (size_t i = 0; i < curves.size(); ++i) {
    AddLosses(curves[i], kInks[i % std::size(kInks)], &chart);
  }
  return absl::StrCat("<div>", chart.Legend(), chart.Html(), "</div>\n");
}

// Only some of the points were validated: a line through those.
std::string ValidationChart(const TrainingSummary& training,
                            const LearningCurve& curve) {
  std::vector<double> steps;
  std::vector<double> errors;
  for (const LearningPoint& point : curve.points) {
    if (!std::isfinite(point.validation)) continue;
    steps.push_back(point.step);
    errors.push_back(point.validation);
  }
  if (steps.empty()) return "";
  const std::string& name = training.validation_name;
  Chart chart(absl::StrCat(curve.phase, ": ", name.empty() ? "error" : name,
                           " of the validation part"),
              curve.best_step > 0
                  ? absl::StrCat("updates; best after ", curve.best_step)
                  : "updates");
  chart.AddLine("", Ink::kFloor, steps, errors);
  chart.AddDots("", Ink::kFloor, steps, errors);
  if (curve.best_step > 0) chart.AddRule(curve.best_step);
  for (size_t i = 0; i < steps.size(); ++i) {
    chart.AddNote(steps[i],
                  absl::StrCat("step ", steps[i], ": ", FigureText(errors[i])));
  }
  return chart.Html();
}

}  // namespace

std::string LearningSection(const TrainingSummary& training) {
  std::string charts;
  std::vector<LearningCurve> others;
  for (const LearningCurve& curve : training.curves) {
    if (curve.points.size() < 2) continue;
    const std::string validation = ValidationChart(training, curve);
    if (validation.empty()) {
      others.push_back(curve);
    } else {
      charts += LossChart(curve) + validation;
    }
  }
  charts += OtherLosses(others);
  return charts.empty() ? "" : Section("Learning", SideBySide(charts));
}

std::string TrialsSection(const TrainingSummary& training) {
  if (training.trials.empty()) return "";
  std::vector<Trial> trials = training.trials;
  const auto rank = [](const Trial& trial) {
    return std::isfinite(trial.validation) ? trial.validation : HUGE_VAL;
  };
  std::stable_sort(
      trials.begin(), trials.end(),
      [&](const Trial& a, const Trial& b) { return rank(a) < rank(b); });
  int chosen = -1;
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < std::min(kShownTrials, trials.size()); ++i) {
    if (trials[i].chosen) chosen = static_cast<int>(i);
    rows.push_back({trials[i].settings, FigureText(trials[i].validation),
                    FormatSeconds(trials[i].seconds)});
  }
  const std::string& name = training.validation_name;
  std::string html = FigureTable(
      {"settings", name.empty() ? "validation" : name, "time"}, rows, chosen);
  if (trials.size() > rows.size()) {
    html += Paragraph(absl::StrCat("The best ", rows.size(), " of ",
                                   trials.size(), " are shown."));
  }
  return Section("What was tried", html);
}

std::string InputsSection(const std::vector<InputShare>& inputs) {
  if (inputs.empty()) return "";
  std::vector<Bar> bars;
  const double largest = std::max(inputs.front().share, 1e-12);
  for (size_t i = 0; i < std::min(kShownInputs, inputs.size()); ++i) {
    bars.push_back({inputs[i].name, inputs[i].share / largest,
                    PercentText(inputs[i].share)});
  }
  std::string html = Bars("share of the influence on the answers", bars);
  if (inputs.size() > bars.size()) {
    html += Paragraph(absl::StrCat("The first ", bars.size(), " of ",
                                   inputs.size(), " are shown."));
  }
  return Section("Which inputs mattered", html);
}

std::string DataSection(const TrainingSummary& training,
                        const std::string& more_html) {
  std::vector<Fact> facts;
  if (!training.model.empty()) facts.push_back({"model", training.model});
  facts.push_back({"file", training.data});
  if (training.train_rows > 0) {
    facts.push_back({"to train on", absl::StrCat(training.train_rows)});
  }
  facts.push_back({"for the test", absl::StrCat(training.test_rows)});
  facts.insert(facts.end(), training.facts.begin(), training.facts.end());
  if (training.steps > 0) {
    facts.push_back({"updates", absl::StrCat(training.steps, " in ",
                                             FormatSeconds(training.seconds),
                                             ", seed ", training.seed)});
  }
  return Section("Data and choices",
                 absl::StrCat(SideBySide(FactTable(facts) + more_html),
                              Lines(training.choices)));
}

}  // namespace recur
