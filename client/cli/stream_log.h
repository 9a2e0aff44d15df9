// What `recur stream` shows: a line per answer as it comes, beside what was
// forecast for that row before, and at the end how good the forecasts were.
//
// Rows are added before they are pushed, from the reading thread; replies come
// from the stream's thread, in the order of the rows. Thread safe.
#ifndef RECUR_CLIENT_CLI_STREAM_LOG_H_
#define RECUR_CLIENT_CLI_STREAM_LOG_H_

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/cli/forecast_score.h"
#include "client/cli/forecast_view.h"
#include "client/cli/plot.h"
#include "client/sdk/stream.h"
#include "client/sdk/types.h"

namespace recur::cli {

struct StreamLogOptions {
  bool json = false;
  std::string session_id;      // told in every JSON object
  bool plot = false;           // a gauge per line and a chart at the end
  int target = 0;              // the one that is shown; JSON has all
  std::vector<double> levels;  // of the quantiles
};

class StreamLog {
 public:
  // `model` is the one of the session; `out` must outlive the log.
  StreamLog(const StreamLogOptions& options, const client::ModelInfo& model,
            std::ostream* out);

  // The value of the shown target at a step that will be pushed, and its time.
  void AddRow(uint64_t step, std::optional<int64_t> time_us, double truth);

  void OnReply(const client::StreamReply& reply);

  // The first reply's error, if any.
  absl::Status status() const;
  uint64_t applied_step() const;

  // After the last reply; empty without one. `seconds` is how long the rows
  // took.
  std::string Summary(double seconds) const;

 private:
  struct Row {
    uint64_t step = 0;
    std::optional<int64_t> time_us;
    double truth = PlotPoint::kNone;
  };
  struct Made {  // a forecast, and the truth when it was made
    uint64_t step = 0;
    ForecastView view;
    double last = PlotPoint::kNone;
  };

  void OnForecast(const Row& row, const client::Forecast& forecast);
  void OnClass(const Row& row, const client::Classification& classification);
  void PrintJson(const Row& row, const client::StreamReply& reply);
  PlotPoint ScorePast(const Row& row);
  void PrintHeader();
  std::string Format(double value) const;
  std::string Interval(const PlotPoint& point) const;
  std::string TimeOf(const Row& row) const;
  ForecastView ViewOf(const client::Forecast& forecast) const;
  std::string ForecastSummary() const;

  const StreamLogOptions options_;
  const client::ModelInfo model_;
  const std::vector<std::string> targets_;
  std::ostream* out_;

  mutable std::mutex mutex_;
  absl::Status status_;
  uint64_t applied_step_ = 0;
  std::deque<Row> rows_;               // pushed and not yet answered
  std::deque<Made> made_;              // as far back as the horizon
  std::vector<ForecastScore> scores_;  // by steps ahead, from 1
  std::vector<PlotPoint> points_;      // one step ahead
  std::string first_time_;             // of points_
  std::string last_time_;
  Range range_;
  std::map<std::string, int> labels_;
  int answered_ = 0;
  uint64_t replied_rows_ = 0;
  bool header_printed_ = false;
};

}  // namespace recur::cli

#endif  // RECUR_CLIENT_CLI_STREAM_LOG_H_
