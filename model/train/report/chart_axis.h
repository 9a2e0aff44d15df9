// Where an axis begins and ends, and what is written along it.
#ifndef RECUR_MODEL_TRAIN_REPORT_CHART_AXIS_H_
#define RECUR_MODEL_TRAIN_REPORT_CHART_AXIS_H_

#include <string>
#include <vector>

namespace recur {

struct Tick {
  double value = 0.0;
  std::string label;
};

struct Axis {
  double low = 0.0;
  double high = 1.0;  // > low
  std::vector<Tick> ticks;

  // Where the value lies, 0 at low and 1 at high.
  double Part(double value) const { return (value - low) / (high - low); }
};

// From `low` to `high` as they are (a little around them if they are equal; 0
// to 1 if they are not finite or in order), with about `count` ticks that are
// multiples of 1, 2 or 5 times a power of ten (Heckbert, "Nice Numbers for
// Graph Labels", 1990). Labels have as many digits as tell them apart;
// thousands, millions and milliards are k, M and G.
Axis MakeAxis(double low, double high, int count);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_REPORT_CHART_AXIS_H_
