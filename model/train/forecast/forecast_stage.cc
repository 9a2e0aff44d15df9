#include "model/train/forecast/forecast_stage.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace recur {
namespace {

constexpr size_t kJudged = 400;

// Every n-th of them, so that about kJudged are left; of each series one.
std::vector<int> Thinned(const std::vector<int>& origins,
                         const ForecastTrace& trace) {
  const size_t stride = 1 + origins.size() / kJudged;
  std::vector<int> thinned;
  size_t since = 0;
  for (size_t i = 0; i < origins.size(); ++i, ++since) {
    const bool first = i == 0 || trace.origins[origins[i]].series !=
                                     trace.origins[origins[i - 1]].series;
    if (!first && since < stride) continue;
    thinned.push_back(origins[i]);
    since = 0;
  }
  return thinned;
}

}  // namespace

absl::StatusOr<ForecastStage> MakeStage(const ForecastData& data,
                                        const ForecastPlan& plan,
                                        const std::vector<SeriesGrid>& grids,
                                        const std::vector<int>& fit_rows,
                                        const std::vector<int>& rows) {
  ForecastStage stage;
  for (size_t s = 0; s < grids.size(); ++s) {
    stage.limits.push_back(grids[s].StepsOf(fit_rows[s]));
  }
  auto fit = FitAutoregression(plan.spec.features, data, grids, stage.limits);
  if (!fit.ok()) return fit.status();
  stage.autoregression = *std::move(fit);
  auto features =
      Features::Create(plan.spec.features, stage.autoregression.weights);
  if (!features.ok()) return features.status();
  stage.trace = TraceRows(*features, stage.autoregression, data, grids, rows,
                          stage.limits);
  std::vector<int> after;
  for (size_t i = 0; i < stage.trace.origins.size(); ++i) {
    const Origin& origin = stage.trace.origins[i];
    const int end = origin.step + data.horizon;
    if (end < stage.limits[origin.series]) {
      stage.learnt.push_back(static_cast<int>(i));
    } else if (origin.row >= fit_rows[origin.series] - 1 &&
               end < grids[origin.series].StepsOf(rows[origin.series])) {
      after.push_back(static_cast<int>(i));
    }
  }
  stage.judged = Thinned(after, stage.trace);
  return stage;
}

absl::StatusOr<std::vector<int>> SearchRows(const ForecastData& data,
                                            double validation) {
  std::vector<int> rows;
  for (const ForecastSeries& own : data.series) {
    if (own.validation_rows > 0) {
      rows.push_back(own.fit_rows());
      continue;
    }
    if (data.series.size() > kMostKnownSeries) {
      rows.push_back(own.train_rows() - data.horizon);
      continue;
    }
    auto split = SplitSeries(own.train_rows(), validation, 0.0);
    if (!split.ok()) return split.status();
    rows.push_back(split->train.end);
  }
  return rows;
}

}  // namespace recur
