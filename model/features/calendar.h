// Where a moment stands in the day, the week and the year, as network inputs.
#ifndef RECUR_MODEL_FEATURES_CALENDAR_H_
#define RECUR_MODEL_FEATURES_CALENDAR_H_

#include <cstdint>

#include "model/spec/feature_spec.h"

namespace recur {

// The earliest and latest moment that observations may have, microseconds
// since the epoch: 0001-01-01T00:00:00Z and the last one of 9999.
inline constexpr int64_t kFirstTimeUs = -62135596800000000;
inline constexpr int64_t kLastTimeUs = 253402300799999999;

// Writes calendar.Width() inputs for the local time of time_us, in the order
// that feature_spec.h gives, and returns the end. The parts of the periods are
// exact to the microsecond. time_us may be up to 100,000 years from the epoch.
// Allocates nothing; one sine and cosine per period in use.
float* WriteCalendar(const Calendar& calendar, int64_t time_us, float* out);

}  // namespace recur

#endif  // RECUR_MODEL_FEATURES_CALENDAR_H_
