// Which calendar inputs a series deserves.
#ifndef RECUR_MODEL_TRAIN_FORECAST_CALENDAR_CHOICE_H_
#define RECUR_MODEL_TRAIN_FORECAST_CALENDAR_CHOICE_H_

#include <string>
#include <vector>

#include "model/spec/feature_spec.h"
#include "model/train/forecast/forecast_data.h"

namespace recur {

// Harmonics by the interval and the length of the training part:
//   year  if it covers two years: 2, from four years on 3, and dates for steps
//         of a day or less
//   week  if it covers three weeks of at most daily steps: 3; for daily steps
//         only where days of the week differ by more than chance in the first
//         target
//   day   if it covers three days of at most 12-hour steps: as many as the
//         steps can tell apart, at most 4
// None without times. Appends to *reasons what was chosen and why.
Calendar ChooseCalendar(const ForecastData& data,
                        std::vector<std::string>* reasons);

// The part of a series' movement around its own mean over a whole period that
// its phase explains, 0 to 1: about (period - 1) / size for one without the
// period. NaNs are left out.
double PhaseShare(const std::vector<double>& values, int period);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_CALENDAR_CHOICE_H_
