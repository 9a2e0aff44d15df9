#include "client/cli/stream_log.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/json_output.h"
#include "client/cli/table.h"
#include "model/data/csv.h"

namespace recur::cli {
namespace {

constexpr int kStepWidth = 6;
constexpr int kTimeWidth = 10;
constexpr int kNumberWidth = 8;
constexpr int kIntervalWidth = 18;
constexpr int kGaugeWidth = 40;

std::string Verdict(const PlotPoint& point) {
  if (std::isnan(point.low) || std::isnan(point.truth)) return " ";
  return point.low <= point.truth && point.truth <= point.high ? "✓" : "✗";
}

}  // namespace

StreamLog::StreamLog(const StreamLogOptions& options,
                     const client::ModelInfo& model, std::ostream* out)
    : options_(options), model_(model), targets_(TargetsOf(model)), out_(out) {}

void StreamLog::AddRow(uint64_t step, std::optional<int64_t> time_us,
                       double truth) {
  std::lock_guard<std::mutex> lock(mutex_);
  rows_.push_back({step, time_us, truth});
  range_.Include(truth);
}

absl::Status StreamLog::status() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return status_;
}

uint64_t StreamLog::applied_step() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return applied_step_;
}

void StreamLog::OnReply(const client::StreamReply& reply) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!status_.ok()) return;
  status_ = reply.status;
  if (!status_.ok()) return;
  applied_step_ = reply.applied_step;
  Row row;
  while (!rows_.empty() && rows_.front().step <= reply.step) {
    row = rows_.front();
    rows_.pop_front();
    ++replied_rows_;
  }
  if (reply.forecast.has_value()) {
    status_ = ViewOf(*reply.forecast).Check();
    if (!status_.ok()) return;
  }
  if (reply.forecast.has_value() || reply.classification.has_value()) {
    ++answered_;
  }
  if (options_.json) {
    PrintJson(row, reply);
  } else if (reply.forecast.has_value()) {
    OnForecast(row, *reply.forecast);
  } else if (reply.classification.has_value()) {
    OnClass(row, *reply.classification);
  }
  out_->flush();
}

ForecastView StreamLog::ViewOf(const client::Forecast& forecast) const {
  return {.forecast = forecast,
          .targets = targets_,
          .levels = options_.levels,
          .interval = model_.interval};
}

std::string StreamLog::Format(double value) const {
  return FormatNumber(value, range_.Largest());
}

std::string StreamLog::Interval(const PlotPoint& point) const {
  if (std::isnan(point.low)) return "";
  return absl::StrCat("[", Format(point.low), ", ", Format(point.high), "]");
}

std::string StreamLog::TimeOf(const Row& row) const {
  return row.time_us.has_value() ? FormatTime(*row.time_us) : "";
}

void StreamLog::PrintJson(const Row& row, const client::StreamReply& reply) {
  nlohmann::ordered_json json = {{"session_id", options_.session_id},
                                 {"step", reply.step}};
  if (row.time_us.has_value()) json["time"] = TimeOf(row);
  json["applied_step"] = reply.applied_step;
  if (reply.durable_step.has_value()) {
    json["durable_step"] = *reply.durable_step;
  }
  if (reply.duplicate) json["duplicate"] = true;
  if (reply.classification.has_value()) {
    json["labels"] = ToJson(*reply.classification);
  }
  if (reply.forecast.has_value()) {
    json["forecast"] = ToJson(ViewOf(*reply.forecast));
  }
  *out_ << JsonLine(json) << "\n";
}

// Holds every forecast that reaches this row against it; returns the one made
// a step before.
PlotPoint StreamLog::ScorePast(const Row& row) {
  PlotPoint one_ahead{.truth = row.truth};
  for (const Made& made : made_) {
    const uint64_t ahead = row.step - made.step;
    if (ahead == 0 || ahead > static_cast<uint64_t>(made.view.horizon())) {
      continue;
    }
    PlotPoint point =
        made.view.At(static_cast<int>(ahead) - 1, options_.target);
    point.truth = row.truth;
    if (scores_.size() < ahead) scores_.resize(ahead);
    scores_[ahead - 1].Add(point, made.last);
    if (ahead == 1) one_ahead = point;
  }
  return one_ahead;
}

void StreamLog::PrintHeader() {
  if (std::exchange(header_printed_, true)) return;
  if (targets_.empty()) {
    *out_ << PadLeft("step", kStepWidth) << "  " << PadRight("time", kTimeWidth)
          << "  answer\n";
    return;
  }
  const std::string interval =
      options_.levels.size() < 2 ? "" : ViewOf({}).IntervalName();
  *out_ << PadLeft("step", kStepWidth) << "  " << PadRight("time", kTimeWidth)
        << "  " << PadLeft(targets_[options_.target], kNumberWidth) << "  "
        << PadLeft("forecast", kNumberWidth) << "  "
        << PadRight(interval, kIntervalWidth) << "    "
        << (options_.plot ? "forecast, and what came (●)" : "what follows")
        << "\n";
}

void StreamLog::OnForecast(const Row& row, const client::Forecast& forecast) {
  PrintHeader();
  const PlotPoint past = ScorePast(row);
  points_.push_back(past);
  last_time_ = TimeOf(row);
  if (points_.size() == 1) first_time_ = last_time_;
  ForecastView view = ViewOf(forecast);
  for (int step = 0; step < view.horizon(); ++step) {
    const PlotPoint next = view.At(step, options_.target);
    for (double value : {next.point, next.low, next.high}) {
      range_.Include(value);
    }
  }
  std::vector<double> next;
  next.reserve(view.horizon());
  for (int step = 0; step < view.horizon(); ++step) {
    next.push_back(view.Point(step, options_.target));
  }
  const std::string picture =
      options_.plot ? Gauge(past, range_, kGaugeWidth)
                    : absl::StrCat(Format(next.front()), " ", Sparkline(next),
                                   " ", Format(next.back()));
  *out_ << PadLeft(absl::StrCat(row.step), kStepWidth) << "  "
        << PadRight(TimeOf(row), kTimeWidth) << "  "
        << PadLeft(Format(row.truth), kNumberWidth) << "  "
        << PadLeft(Format(past.point), kNumberWidth) << "  "
        << PadRight(Interval(past), kIntervalWidth) << " " << Verdict(past)
        << "  " << picture << (forecast.warming_up ? "  (warming up)" : "")
        << "\n";
  made_.push_back({row.step, std::move(view), row.truth});
  if (made_.size() > made_.back().view.forecast.point.size()) {
    made_.pop_front();
  }
}

void StreamLog::OnClass(const Row& row,
                        const client::Classification& classification) {
  PrintHeader();
  if (classification.labels.empty()) return;
  const client::Label& best = classification.labels.front();
  ++labels_[best.label];
  *out_ << PadLeft(absl::StrCat(row.step), kStepWidth) << "  "
        << PadRight(TimeOf(row), kTimeWidth) << "  "
        << Bar(best.probability, 10)
        << absl::StrFormat(" %5.1f%%  %s", 100 * best.probability, best.label)
        << "\n";
}

std::string StreamLog::ForecastSummary() const {
  const ForecastView view = ViewOf({});
  std::vector<Table::Column> columns = {{"steps ahead", true},
                                        {"forecasts", true},
                                        {"MAE", true},
                                        {"naive MAE", true}};
  if (view.HasInterval()) {
    columns.push_back({absl::StrCat("in ", view.IntervalName()), true});
  }
  Table table(std::move(columns));
  for (size_t i = 0; i < scores_.size(); ++i) {
    const ForecastScore& score = scores_[i];
    if (score.count() == 0) continue;
    table.AddRow({absl::StrCat("+", i + 1), absl::StrCat(score.count()),
                  Format(score.Mae()), Format(score.NaiveMae()),
                  absl::StrFormat("%.1f%%", 100 * score.Coverage())});
  }
  return absl::StrCat("\n", targets_[options_.target],
                      ": forecasts against what came\n", table.ToString());
}

std::string StreamLog::Summary(double seconds) const {
  std::lock_guard<std::mutex> lock(mutex_);
  if (options_.json || replied_rows_ == 0) return "";
  std::string text = absl::StrFormat(
      "\n%s in %.2f s (%.0f rows/s), %s\n", Counted(replied_rows_, "row"),
      seconds, static_cast<double>(replied_rows_) / std::max(seconds, 1e-9),
      Counted(answered_, "answer"));
  for (const auto& [label, count] : labels_) {
    absl::StrAppend(&text, PadLeft(absl::StrCat(count), 6), "  ", label, "\n");
  }
  if (!scores_.empty()) absl::StrAppend(&text, ForecastSummary());
  if (options_.plot && !points_.empty()) {
    absl::StrAppend(
        &text, "\n",
        Chart(points_, {.title = absl::StrCat(targets_[options_.target],
                                              ", forecast one step ahead"),
                        .first_label = first_time_,
                        .last_label = last_time_}));
  }
  return text;
}

}  // namespace recur::cli
