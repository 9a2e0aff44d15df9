// What a decoder is told of the target steps of all origins:
// [origins, horizon, columns]. Columns that depend on the step alone, such as a
// calendar's, are kept once per step, however many origins look at it; they are
// most of the columns of dated series.
#ifndef RECUR_MODEL_TRAIN_FORECAST_FUTURE_ROWS_H_
#define RECUR_MODEL_TRAIN_FORECAST_FUTURE_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace recur {

class FutureRows {
 public:
  FutureRows() = default;  // without columns
  // by_step[c]: column c depends on the step alone.
  FutureRows(int horizon, std::vector<bool> by_step);

  int columns() const { return static_cast<int>(places_.size()); }
  size_t origins() const { return first_step_.size(); }

  // `rows` [horizon, columns] of the next origin, the first of whose target
  // steps has this number. What is told of a step again replaces what was.
  void Add(int64_t first_step, absl::Span<const float> rows);

  float At(size_t origin, int k, int column) const;

  // Appends the rows of an origin, [horizon, columns].
  void AppendTo(size_t origin, std::vector<float>* out) const;

  // These columns alone, each over its divisor.
  FutureRows Pick(absl::Span<const int> columns,
                  absl::Span<const double> divisors) const;

 private:
  struct Place {
    bool by_step = false;
    int column = 0;  // among those of its kind
  };

  int horizon_ = 0;
  int own_columns_ = 0;
  int step_columns_ = 0;
  std::vector<Place> places_;
  std::vector<int64_t> first_step_;  // [origins]
  std::vector<float> own_;           // [origins, horizon, own_columns_]
  std::vector<float> of_step_;       // [steps, step_columns_]
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_FUTURE_ROWS_H_
