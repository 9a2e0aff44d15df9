// Small pictures made of characters. Pure: text in UTF-8 comes back. NaN means
// "not there" everywhere.
#ifndef RECUR_CLIENT_CLI_PLOT_H_
#define RECUR_CLIENT_CLI_PLOT_H_

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace recur::cli {

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void Include(double value);  // NaN and infinities are left out
  bool empty() const { return !(low <= high); }
  double Largest() const { return std::max(std::abs(low), std::abs(high)); }
};

// One character per value, as high as it lies between the smallest and the
// largest: "▁▃█". Equal values lie in the middle.
std::string Sparkline(absl::Span<const double> values);

// A share of 0 to 1 as a bar of `width` characters.
std::string Bar(double share, int width);

// What was forecast and what came.
struct PlotPoint {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

  double truth = kNone;
  double point = kNone;
  double low = kNone;  // of the interval
  double high = kNone;
  bool extrapolated = false;  // the point and the interval
};

// One point on one line of `width` characters:
//   "   ├──┼─●┤   "  ├ ┤ the interval, ┼ the point, ● what came
std::string Gauge(const PlotPoint& point, const Range& range, int width);

struct ChartOptions {
  int width = 72;   // of the drawing, without the axis
  int height = 12;  // lines of the drawing
  std::string title;
  std::string first_label;  // below the left end
  std::string last_label;   // below the right end
};

// Points from left to right with an axis, labels and a legend; every line ends
// with a newline. More points than columns are averaged. Empty if there is
// nothing to draw.
std::string Chart(absl::Span<const PlotPoint> points,
                  const ChartOptions& options);

}  // namespace recur::cli

#endif  // RECUR_CLIENT_CLI_PLOT_H_
