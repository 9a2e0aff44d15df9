#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/train/report/report.h"
#include "model/train/report/report_verdict.h"

namespace recur {
namespace {

std::string Number(double value, int digits) {
  if (std::isnan(value)) return "-";
  return absl::StrFormat("%.*f", digits, value);
}

std::string Percent(double part) {
  if (std::isnan(part)) return "-";
  return absl::StrFormat("%.1f%%", 100.0 * part);
}

// Digits after the point that show four figures of a raw value.
int DigitsFor(double value) {
  if (!(std::abs(value) > 0.0)) return 3;
  return std::clamp(3 - static_cast<int>(std::floor(std::log10(value))), 0, 6);
}

constexpr char kForecastRow[] = "  %-21s %8s %8s %8s %6s %7s %7s %6s\n";

void AppendForecastRow(const ForecastScore& score, int digits,
                       std::string* text) {
  absl::StrAppend(
      text, absl::StrFormat(
                kForecastRow, score.name, Number(score.mae, digits),
                Number(score.rmse, digits), Number(score.mase, 3),
                Number(score.smape, 2), Number(score.weighted_quantile_loss, 4),
                Number(score.scaled_mse, 4), Percent(score.coverage)));
}

void AppendClassRow(const std::string& name, double precision, double recall,
                    double f1, const std::string& count, std::string* text) {
  absl::StrAppendFormat(text, "  %-22s %10s %10s %10s %10s\n", name,
                        Percent(precision), Percent(recall), Number(f1, 3),
                        count);
}

void AppendClasses(const ClassificationScore& score, std::string* text) {
  absl::StrAppendFormat(text, "  %-22s %10s %10s %10s %10s\n", score.name,
                        "precision", "recall", "F1", "examples");
  for (const ClassScore& own : score.classes) {
    AppendClassRow(own.label, own.precision, own.recall, own.f1,
                   absl::StrCat(own.support), text);
  }
  AppendClassRow("mean over the labels", score.macro_precision,
                 score.macro_recall, score.macro_f1,
                 absl::StrCat(score.examples), text);
}

// "Test", or the model and what it was scored on.
std::string What(const TrainingSummary& training) {
  if (training.model.empty()) return "Test";
  return absl::StrCat(training.model, " on ", training.data);
}

// Of data that somebody brings nobody knows.
const char* Untouched(const TrainingSummary& training) {
  return training.model.empty() ? ", untouched by training" : "";
}

}  // namespace

std::string ForecastText(const ForecastReport& report) {
  if (report.tables.empty()) return "No test part was kept.\n";
  std::string text = absl::StrFormat(
      "%s: %d window%s of %d step%s, %s to %s%s\n", What(report.training),
      report.windows, report.windows == 1 ? "" : "s", report.horizon,
      report.horizon == 1 ? "" : "s", report.first_test, report.last_test,
      Untouched(report.training));
  for (const ForecastTable& table : report.tables) {
    const ForecastScore& model = table.scores[0];
    absl::StrAppend(
        &text,
        absl::StrFormat(
            kForecastRow, table.target, "MAE", "RMSE",
            absl::StrFormat("MASE(%d)", table.season), "sMAPE", "wQL", "nMSE",
            absl::StrFormat("in%.0f%%", 100.0 * model.coverage_nominal)));
    for (const ForecastScore& score : table.scores) {
      AppendForecastRow(score, DigitsFor(model.mae), &text);
    }
  }
  return absl::StrCat(text, VerdictOn(report).sentence, "\n");
}

std::string ClassificationText(const ClassificationReport& report) {
  if (report.scores.empty()) return "No test part was kept.\n";
  std::string text =
      absl::StrFormat("%s: %d examples%s\n", What(report.training),
                      report.scores[0].examples, Untouched(report.training));
  absl::StrAppendFormat(&text, "  %-22s %10s %10s %10s %10s\n", "", "accuracy",
                        "precision", "recall", "F1");
  for (const ClassificationScore& score : report.scores) {
    absl::StrAppendFormat(
        &text, "  %-22s %10s %10s %10s %10s\n", score.name,
        Percent(score.accuracy), Percent(score.macro_precision),
        Percent(score.macro_recall), Number(score.macro_f1, 3));
  }
  absl::StrAppend(&text, "\n");
  AppendClasses(report.scores[0], &text);
  return absl::StrCat(text, VerdictOn(report).sentence, "\n");
}

}  // namespace recur
