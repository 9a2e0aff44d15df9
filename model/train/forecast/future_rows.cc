#include "model/train/forecast/future_rows.h"

#include <algorithm>
#include <utility>

namespace recur {

FutureRows::FutureRows(int horizon, std::vector<bool> by_step)
    : horizon_(horizon) {
  for (const bool alone : by_step) {
    places_.push_back({alone, alone ? step_columns_++ : own_columns_++});
  }
}

void FutureRows::Add(int64_t first_step, absl::Span<const float> rows) {
  const auto end = static_cast<size_t>(first_step + horizon_) * step_columns_;
  of_step_.resize(std::max(of_step_.size(), end));
  size_t own = own_.size();
  own_.resize(own + static_cast<size_t>(horizon_) * own_columns_);
  for (int k = 0; k < horizon_; ++k) {
    float* of_step =
        of_step_.data() + static_cast<size_t>(first_step + k) * step_columns_;
    for (size_t c = 0; c < places_.size(); ++c) {
      const float value = rows[k * places_.size() + c];
      if (places_[c].by_step) {
        of_step[places_[c].column] = value;
      } else {
        own_[own++] = value;
      }
    }
  }
  first_step_.push_back(first_step);
}

float FutureRows::At(size_t origin, int k, int column) const {
  const Place& place = places_[column];
  if (place.by_step) {
    return of_step_[static_cast<size_t>(first_step_[origin] + k) *
                        step_columns_ +
                    place.column];
  }
  return own_[(origin * horizon_ + k) * own_columns_ + place.column];
}

void FutureRows::AppendTo(size_t origin, std::vector<float>* out) const {
  for (int k = 0; k < horizon_; ++k) {
    for (int column = 0; column < columns(); ++column) {
      out->push_back(At(origin, k, column));
    }
  }
}

FutureRows FutureRows::Pick(absl::Span<const int> columns,
                            absl::Span<const double> divisors) const {
  std::vector<bool> by_step;
  for (int column : columns) by_step.push_back(places_[column].by_step);
  FutureRows picked(horizon_, std::move(by_step));
  picked.own_.reserve(origins() * horizon_ * picked.own_columns_);
  std::vector<float> rows;
  for (size_t origin = 0; origin < origins(); ++origin) {
    rows.clear();
    for (int k = 0; k < horizon_; ++k) {
      for (size_t i = 0; i < columns.size(); ++i) {
        rows.push_back(
            static_cast<float>(At(origin, k, columns[i]) / divisors[i]));
      }
    }
    picked.Add(first_step_[origin], rows);
  }
  return picked;
}

}  // namespace recur
