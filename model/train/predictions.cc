#include "model/train/predictions.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "model/train/classify/classify_answers.h"
#include "model/train/forecast/backtest.h"
#include "model/train/output_file.h"

namespace recur {
namespace {

// RFC 4180: quoted where it has to be.
std::string Field(absl::string_view text) {
  if (text.find_first_of(",\"\r\n") == text.npos) return std::string(text);
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

std::string Field(double value) {
  return std::isnan(value) ? "" : absl::StrFormat("%.17g", value);
}

// The rows of one origin.
void AppendForecast(const Forecast& forecast, const Origin& origin,
                    const ForecastData& data, const SeriesGrid& grid,
                    size_t levels, std::string* out) {
  const ForecastSeries& series = data.series[origin.series];
  for (int step = 1; step <= data.horizon; ++step) {
    for (int target = 0; target < data.targets; ++target) {
      const size_t at = static_cast<size_t>(step - 1) * data.targets + target;
      const double truth =
          grid.targets[static_cast<size_t>(origin.step + step) * data.targets +
                       target];
      absl::StrAppend(out, Field(series.id), ",", Field(data.columns()[target]),
                      ",", origin.row + 1, ",", step, ",", Field(truth), ",",
                      Field(forecast.point[at]));
      for (size_t level = 0; level < levels; ++level) {
        absl::StrAppend(out, ",",
                        Field(forecast.quantiles[at * levels + level]));
      }
      out->push_back('\n');
    }
  }
}

}  // namespace

absl::Status WriteForecasts(const std::string& path, const Servable& model,
                            const ForecastData& data, int stride) {
  auto grids = MakeGrids(model.features, data);
  if (!grids.ok()) return grids.status();
  const std::vector<Origin> origins =
      TestOrigins(data, *grids, stride > 0 ? stride : data.horizon);
  std::string csv = "series,target,origin,step,truth,point";
  const std::vector<double>& levels = model.spec.quantiles;
  for (double level : levels) absl::StrAppend(&csv, ",", level);
  csv.push_back('\n');
  if (!origins.empty()) {
    auto forecasts = Backtest(model, data, origins);
    if (!forecasts.ok()) return forecasts.status();
    for (size_t i = 0; i < origins.size(); ++i) {
      AppendForecast((*forecasts)[i], origins[i], data,
                     (*grids)[origins[i].series], levels.size(), &csv);
    }
  }
  return WriteOutputFile("--predictions", path, csv);
}

absl::Status WriteClasses(const std::string& path, const Servable& model,
                          const ClassifyData& data,
                          const std::vector<ClassifyExample>& examples) {
  auto answers = ClassifyExamples(model, examples, data.test);
  if (!answers.ok()) return answers.status();
  std::string csv = "line,truth,label";
  for (const std::string& label : data.labels) {
    absl::StrAppend(&csv, ",", Field(absl::StrCat("p(", label, ")")));
  }
  csv.push_back('\n');
  auto answer = answers->begin();
  for (int example : data.test) {
    for (const LabelledStep& step : examples[example].labelled) {
      absl::StrAppend(&csv,
                      data.LineOf(example, data.label_per_step ? step.step : 0),
                      ",", Field(data.labels[step.truth]), ",",
                      Field(data.labels[TopClass(*answer)]));
      for (float probability : answer->probabilities) {
        absl::StrAppend(&csv, ",", Field(double{probability}));
      }
      csv.push_back('\n');
      ++answer;
    }
  }
  return WriteOutputFile("--predictions", path, csv);
}

}  // namespace recur
