#include "model/train/report/report_verdict.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/train/report/html_text.h"

namespace recur {
namespace {

constexpr double kEven = 0.01;      // of the floor's error
constexpr double kNormal95 = 1.96;  // standard errors
constexpr char kNoTest[] =
    "No test part was kept: nothing is known of how good the model is on new "
    "data.";
constexpr char kAdvice[] =
    " Use the simple forecast, or give the model more rows, more columns or "
    "another horizon.";

// The floor with the lowest error; null without floors.
const ForecastScore* BestFloor(const ForecastTable& table) {
  const ForecastScore* best = nullptr;
  for (size_t i = 1; i < table.scores.size(); ++i) {
    const ForecastScore& floor = table.scores[i];
    if (!std::isfinite(floor.mae)) continue;
    if (best == nullptr || floor.mae < best->mae) best = &floor;
  }
  return best;
}

Verdict::Kind KindOf(double ratio) {
  if (ratio < 1.0 - kEven) return Verdict::Kind::kBetter;
  return ratio <= 1.0 + kEven ? Verdict::Kind::kEven : Verdict::Kind::kWorse;
}

Verdict OneTarget(const ForecastTable& table, const ForecastScore& floor) {
  const ForecastScore& model = table.scores[0];
  const double ratio = model.mae / floor.mae;
  const std::string figures = absl::StrFormat(
      "mean absolute error %s, the best simple forecast (%s) has %s",
      FigureText(model.mae), floor.name, FigureText(floor.mae));
  const Verdict::Kind kind = KindOf(ratio);
  if (kind == Verdict::Kind::kBetter) {
    return {kind,
            absl::StrFormat(
                "The model beats the simple forecasts of %s by %.1f%%: %s.",
                table.target, 100.0 * (1.0 - ratio), figures)};
  }
  if (kind == Verdict::Kind::kEven) {
    return {kind,
            absl::StrCat("The model is no better than the simple forecasts of ",
                         table.target, ": ", figures, ".", kAdvice)};
  }
  return {kind, absl::StrFormat("The model does not beat the simple forecasts "
                                "of %s, it is %.1f%% worse: %s.%s",
                                table.target, 100.0 * (ratio - 1.0), figures,
                                kAdvice)};
}

Verdict ManyTargets(int targets, int beaten, double mean) {
  const Verdict::Kind kind = KindOf(mean);
  const std::string how =
      kind == Verdict::Kind::kEven
          ? "are equally large"
          : absl::StrFormat("are %.1f%% %s", 100.0 * std::abs(1.0 - mean),
                            mean < 1.0 ? "smaller" : "larger");
  return {kind,
          absl::StrFormat(
              "The model %s the simple forecasts: its mean absolute errors %s "
              "on average over %d targets, and smaller on %d of them.%s",
              kind == Verdict::Kind::kBetter ? "beats" : "does not beat", how,
              targets, beaten, kind == Verdict::Kind::kBetter ? "" : kAdvice)};
}

}  // namespace

Verdict VerdictOn(const ForecastReport& report) {
  int judged = 0;
  int beaten = 0;
  double sum = 0.0;
  const ForecastTable* last = nullptr;
  for (const ForecastTable& table : report.tables) {
    const ForecastScore* floor = BestFloor(table);
    // A floor without error cannot be beaten, and has no ratio.
    if (floor == nullptr || !(floor->mae > 0.0) ||
        !std::isfinite(table.scores[0].mae))
      continue;
    const double ratio = table.scores[0].mae / floor->mae;
    ++judged;
    if (KindOf(ratio) == Verdict::Kind::kBetter) ++beaten;
    sum += ratio;
    last = &table;
  }
  if (judged == 0)
    return {Verdict::Kind::kUntested,
            report.tables.empty()
                ? kNoTest
                : "The test part has no truth to hold the forecasts against."};
  if (judged == 1) return OneTarget(*last, *BestFloor(*last));
  return ManyTargets(judged, beaten, sum / judged);
}

double AccuracyError(const ClassificationScore& score) {
  const double n = std::max(1, score.examples);
  return kNormal95 * std::sqrt(score.accuracy * (1.0 - score.accuracy) / n);
}

Verdict VerdictOn(const ClassificationReport& report) {
  if (report.scores.empty()) return {Verdict::Kind::kUntested, kNoTest};
  const ClassificationScore& model = report.scores[0];
  const ClassificationScore* floor = nullptr;
  for (size_t i = 1; i < report.scores.size(); ++i) {
    if (floor == nullptr || report.scores[i].accuracy > floor->accuracy)
      floor = &report.scores[i];
  }
  const std::string right = absl::StrFormat(
      "it is right for %s of %d test examples (give or take %s)",
      PercentText(model.accuracy), model.examples,
      PercentText(AccuracyError(model)));
  if (floor == nullptr)
    return {Verdict::Kind::kUntested,
            absl::StrCat("There is nothing to hold the model against: ", right,
                         ".")};
  const double gain = model.accuracy - floor->accuracy;
  const std::string figures =
      absl::StrFormat("%s, the best simple answer (%s) for %s", right,
                      floor->name, PercentText(floor->accuracy));
  if (gain > AccuracyError(model)) {
    return {Verdict::Kind::kBetter,
            absl::StrCat("The model beats the simple answers: ", figures, ".")};
  }
  const bool even = gain > -AccuracyError(model);
  return {even ? Verdict::Kind::kEven : Verdict::Kind::kWorse,
          absl::StrFormat(
              "The model %s: %s. It needs more examples, or other columns.",
              even ? "is no better than the simple answers"
                   : "is worse than the simple answers",
              figures)};
}

}  // namespace recur
