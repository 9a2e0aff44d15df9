#include "model/train/report/chart_axis.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_format.h"

namespace recur {
namespace {

constexpr double kWidest = 1e300;
constexpr double kRounding = 1e-9;    // of a step
constexpr double kNarrowest = 1e-12;  // step, of the largest value
constexpr double kLongest = 1e12;     // written out
constexpr int kMostDigits = 6;        // after the point

struct Unit {
  double size;
  const char* name;
};

// The unit in which the largest label stays short, and labels a step apart
// differ within two digits.
Unit UnitFor(double largest, double step) {
  for (const Unit& unit : {Unit{1e9, "G"}, Unit{1e6, "M"}, Unit{1e3, "k"}}) {
    if (largest >= 10.0 * unit.size && step >= 0.01 * unit.size) return unit;
  }
  return {1.0, ""};
}

double NiceStep(double about) {
  const double power = std::pow(10.0, std::floor(std::log10(about)));
  for (double times : {1.0, 2.0, 5.0}) {
    if (times * power >= about * (1.0 - kRounding)) return times * power;
  }
  return 10.0 * power;
}

std::string Label(double value, double step, const Unit& unit) {
  const int digits = std::max(
      0,
      static_cast<int>(std::ceil(-std::log10(step / unit.size) - kRounding)));
  if (digits > kMostDigits || std::abs(value / unit.size) >= kLongest) {
    return absl::StrFormat("%.3g", value);
  }
  if (value == 0.0) return "0";
  return absl::StrFormat("%.*f%s", digits, value / unit.size, unit.name);
}

}  // namespace

Axis MakeAxis(double low, double high, int count) {
  Axis axis;
  if (low <= high && std::abs(low) < kWidest && std::abs(high) < kWidest) {
    const double around = low < high ? 0.0 : std::max(0.5, std::abs(low) * 0.1);
    axis.low = low - around;
    axis.high = high + around;
  }
  const double step = NiceStep((axis.high - axis.low) / std::max(1, count));
  const double largest = std::max(std::abs(axis.low), std::abs(axis.high));
  // Their labels would be the same.
  if (step < kNarrowest * largest) return axis;
  const Unit unit = UnitFor(largest, step);
  const double first = std::ceil(axis.low / step - kRounding);
  const double last = std::floor(axis.high / step + kRounding);
  for (int i = 0; i <= last - first; ++i) {
    const double value = (first + i) * step;
    axis.ticks.push_back({value, Label(value, step, unit)});
  }
  return axis;
}

}  // namespace recur
