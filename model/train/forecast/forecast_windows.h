// Series as network inputs, and minibatches of windows cut from them.
#ifndef RECUR_MODEL_TRAIN_FORECAST_FORECAST_WINDOWS_H_
#define RECUR_MODEL_TRAIN_FORECAST_FORECAST_WINDOWS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/features/features.h"
#include "model/network/trainable_network.h"
#include "model/train/forecast/autoregression_fit.h"
#include "model/train/forecast/forecast_data.h"
#include "model/train/forecast/future_rows.h"
#include "model/train/learning/random.h"

namespace recur {

// What the features make of the rows, computed once by the same calls as in
// serving. The steps of all series lie one after the other. Memory: 4 bytes *
// (steps * inputs + origins * horizon * (future features but those of the
// calendar + targets)).
struct ForecastTrace {
  int input_size = 0;
  int horizon = 0;
  int target_count = 0;
  std::vector<float> inputs;      // [steps, input_size]
  std::vector<int> first_step;    // [series + 1], of a series among all steps
  std::vector<Origin> origins;    // by series and row
  std::vector<int> first_origin;  // [series + 1]
  std::vector<int> origin_at;     // [steps], -1 where there is none
  FutureRows future;              // of the origins
  // Scaled; NaN where missing or after the rows that were traced.
  std::vector<float> targets;  // [origins, horizon, target_count]

  int series() const { return static_cast<int>(first_step.size()) - 1; }
};

// Of the first `rows[s]` rows of every series s. The autoregression was fitted
// on the first limits[s] steps: origins whose horizon lies within them get the
// forecast of a fit that has not seen them, those after them that of `full`,
// the features with the weights fitted to all. Rows from which the lags reach
// back beyond the first step are no origins.
ForecastTrace TraceRows(const Features& full, const AutoregressionFit& fit,
                        const ForecastData& data,
                        const std::vector<SeriesGrid>& grids,
                        const std::vector<int>& rows,
                        const std::vector<int>& limits);

// Draws minibatches: windows that end at a random origin, from a zero state,
// each learning from that origin and up to three more from its second quarter
// on. Of series s all targets are at steps below limits[s]. A series is drawn
// in proportion to its origins; of many, to their square root. The trace must
// outlive it.
class WindowSampler {
 public:
  // A window longer than half of a series is cut short there. INVALID_ARGUMENT
  // if there is no origin to learn from.
  static absl::StatusOr<WindowSampler> Create(const ForecastTrace& trace,
                                              int window,
                                              const std::vector<int>& limits,
                                              int batch, uint64_t seed);

  // Replaces *batch and *targets ([points, horizon, target_count]).
  void Draw(SequenceBatch* batch, std::vector<float>* targets);

  // Where it stands in its random numbers.
  void Carry(StateArchive& archive) { archive(random_); }

  int window() const { return window_; }

 private:
  // The origins at which windows of a series can end.
  struct Ends {
    int first = 0;  // into trace.origins
    int count = 0;
    double weight_up_to = 0.0;  // of this and all series before
  };

  WindowSampler(const ForecastTrace& trace, int window, int batch,
                uint64_t seed);

  int DrawEnd();
  void DrawRow(int row, SequenceBatch* batch, std::vector<float>* targets);
  void AddPoint(int row, int start, int origin, SequenceBatch* batch,
                std::vector<float>* targets) const;

  const ForecastTrace* trace_;
  int window_;
  int batch_;
  std::vector<Ends> ends_;
  Random random_;
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_FORECAST_WINDOWS_H_
