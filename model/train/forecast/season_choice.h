// Which seasons a series has.
#ifndef RECUR_MODEL_TRAIN_FORECAST_SEASON_CHOICE_H_
#define RECUR_MODEL_TRAIN_FORECAST_SEASON_CHOICE_H_

#include <string>
#include <vector>

#include "model/train/forecast/forecast_data.h"

namespace recur {

struct Seasons {
  std::vector<int> cycles;  // in steps, ascending: a day, a week
  // Of daily data over four years or more: 364 and 365 days back are the same
  // day of the week and the same date.
  std::vector<int> years;

  std::vector<int> All() const;
};

// Looks at the changes from step to step of the training part, whose
// autocorrelation at a season stands out whatever the level does, averaged
// over series and targets. Where there are times, the day, the week and the
// year by the interval are looked at, elsewhere every distance up to a third
// of the series. Appends to *reasons what was chosen and why.
Seasons ChooseSeasons(const ForecastData& data,
                      std::vector<std::string>* reasons);

// The autocorrelation at lags 0 to `most`; missing values count as no change.
std::vector<double> Autocorrelation(const std::vector<double>& values,
                                    int most);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_SEASON_CHOICE_H_
