// A series as network inputs, and minibatches of windows cut from it.
#ifndef RECUR_MODEL_TRAIN_FORECAST_WINDOWS_H_
#define RECUR_MODEL_TRAIN_FORECAST_WINDOWS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/features/features.h"
#include "model/network/trainable_network.h"
#include "model/train/forecast_data.h"
#include "model/train/random.h"

namespace recur {

// What the features make of the training rows, computed once by the same calls
// as in serving. An origin is a row from which forecasts are learnt; it is
// counted like the rows. Memory: 4 bytes * (steps * inputs + rows * horizon *
// (future features + targets)).
struct ForecastTrace {
  int input_size = 0;
  int future_size = 0;            // of a whole horizon
  int target_size = 0;            // of a whole horizon
  std::vector<float> inputs;      // [steps, input_size]
  std::vector<int> origin_steps;  // [origins], ascending
  std::vector<int> origin_at;     // [steps], -1 within a gap
  std::vector<float> future;      // [origins, future_size]
  // Scaled and clipped to +- 20, so that no outlier leads a minibatch; NaN
  // where missing or after the training rows.
  std::vector<float> targets;  // [origins, target_size]
};

// Of the first `rows` rows; the grid is of the same data.
ForecastTrace TraceRows(const Features& features, const ForecastData& data,
                        const SeriesGrid& grid, int rows);

// Draws minibatches: windows that end at a random origin, from a zero state,
// each learning from that origin and up to three more from its second quarter
// on. All targets are at steps below `limit`. The trace must outlive it.
class WindowSampler {
 public:
  // A window longer than the steps allow is shortened. INVALID_ARGUMENT if not
  // one window fits.
  static absl::StatusOr<WindowSampler> Create(const ForecastTrace& trace,
                                              int window, int horizon,
                                              int limit, int batch,
                                              uint64_t seed);

  // Replaces *batch and *targets ([points, target_size]).
  void Draw(SequenceBatch* batch, std::vector<float>* targets);

  int window() const { return window_; }

 private:
  WindowSampler(const ForecastTrace& trace, int window, int batch,
                uint64_t seed);

  void DrawRow(int row, SequenceBatch* batch, std::vector<float>* targets);
  void AddPoint(int row, int start, int origin, SequenceBatch* batch,
                std::vector<float>* targets) const;

  const ForecastTrace* trace_;
  int window_;
  int batch_;
  std::vector<int> ends_;  // origins at which a window can end
  Random random_;
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_WINDOWS_H_
