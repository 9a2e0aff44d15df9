#include "model/train/forecast/forecast_folds.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/train/forecast/forecast_trainer.h"
#include "model/train/forecast/score_forecaster.h"
#include "model/train/learning/serve_model.h"

namespace recur {
namespace {

// The first `rows` rows, the last `test_rows` of them for the test.
ForecastSeries CutSeries(ForecastSeries own, int rows, int test_rows) {
  SeriesTable& table = own.table;
  table.values.resize(static_cast<size_t>(rows) * table.columns.size());
  if (!table.times.empty()) table.times.resize(rows);
  std::erase_if(table.gaps,
                [rows](const SeriesGap& gap) { return gap.row >= rows; });
  own.lines.resize(std::min<size_t>(own.lines.size(), rows));
  own.test_rows = test_rows;
  return own;
}

absl::StatusOr<ForecastScore> ScoreFold(const ForecastData& fold,
                                        const ForecastPlan& plan,
                                        const TrainingOptions& options,
                                        Progress* progress) {
  auto training = TrainForecaster(fold, plan, options, progress);
  if (!training.ok()) return training.status();
  auto servable = ServeModel(training->model);
  if (!servable.ok()) return servable.status();
  ForecastReport report;
  if (auto s = ScoreForecaster(*servable, fold, {}, &report); !s.ok()) return s;
  return std::move(report.tables[0].scores[0]);
}

std::string MeanAndDeviation(absl::Span<const ForecastScore> scores,
                             const char* name, double ForecastScore::*value) {
  const auto count = static_cast<double>(scores.size());
  double mean = 0.0;
  for (const ForecastScore& score : scores) mean += score.*value / count;
  double squares = 0.0;
  for (const ForecastScore& score : scores) {
    squares += (score.*value - mean) * (score.*value - mean);
  }
  return absl::StrFormat("%s %.4g +- %.2g", name, mean,
                         std::sqrt(squares / std::max(1.0, count - 1.0)));
}

}  // namespace

absl::StatusOr<std::vector<ForecastData>> RollingFolds(const ForecastData& data,
                                                       int folds) {
  std::vector<ForecastData> cut;
  for (int back = folds - 1; back >= 0; --back) {
    ForecastData fold = data;
    for (ForecastSeries& own : fold.series) {
      const int test = own.test_rows > 0 ? own.test_rows : data.horizon;
      const int rows = own.train_rows() - back * test;
      if (rows - test < test + data.horizon) {
        return absl::InvalidArgumentError(absl::StrFormat(
            "%s: %d rows to train on are too few for --folds %d of %d rows "
            "each; use fewer folds or a smaller --test",
            data.path, own.train_rows(), folds, test));
      }
      own = CutSeries(std::move(own), rows, test);
    }
    cut.push_back(std::move(fold));
  }
  return cut;
}

ForecastData WithoutNewest(const ForecastData& data, double part) {
  ForecastData cut = data;
  for (ForecastSeries& own : cut.series) {
    if (own.validation_rows > 0) continue;
    const int rows = own.train_rows();
    const int newest = static_cast<int>(std::lround(part * rows));
    own = CutSeries(std::move(own), std::max(0, rows - newest), 0);
  }
  return cut;
}

absl::StatusOr<std::vector<ForecastScore>> RollOrigin(
    const ForecastData& data, const ForecastPlan& plan,
    const TrainingOptions& options, int folds, Progress* progress) {
  auto cut = RollingFolds(data, folds);
  if (!cut.ok()) return cut.status();
  std::vector<ForecastScore> scores;
  for (const ForecastData& fold : *cut) {
    auto score = ScoreFold(fold, plan, options, progress);
    if (!score.ok()) return score.status();
    scores.push_back(*std::move(score));
  }
  return scores;
}

std::string FoldsText(absl::Span<const ForecastScore> scores) {
  return absl::StrCat(
      scores.size(),
      " folds: ", MeanAndDeviation(scores, "MAE", &ForecastScore::mae), ", ",
      MeanAndDeviation(scores, "MASE", &ForecastScore::mase), ", ",
      MeanAndDeviation(scores, "weighted quantile loss",
                       &ForecastScore::weighted_quantile_loss));
}

}  // namespace recur
