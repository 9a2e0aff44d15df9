#include "model/train/report/chart.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/train/report/chart_axis.h"
#include "model/train/report/html_text.h"

namespace recur {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kSize = 1000;  // of the drawing, whatever its size on the page
constexpr double kAround = 0.04;  // free part above and below the curves
constexpr int kTicksAcross = 5;
constexpr int kTicksUp = 4;

const char* InkClass(Ink ink) {
  switch (ink) {
    case Ink::kTruth:
      return "truth";
    case Ink::kModel:
      return "model";
    case Ink::kFloor:
      return "floor";
    case Ink::kOther:
      return "other";
    case Ink::kGuide:
      return "guide";
  }
  return "";
}

void Widen(double value, double* low, double* high) {
  if (!std::isfinite(value)) return;
  *low = std::min(*low, value);
  *high = std::max(*high, value);
}

}  // namespace

// From values to places in the drawing.
struct Chart::Frame {
  Axis x;
  Axis y;

  double Across(double value) const { return x.Part(value) * kSize; }
  double Down(double value) const { return (1.0 - y.Part(value)) * kSize; }
  std::string At(double x_value, double y_value) const {
    return absl::StrFormat("%.1f %.1f", Across(x_value), Down(y_value));
  }
};

Chart::Chart(std::string title, std::string x_name)
    : title_(std::move(title)),
      x_name_(std::move(x_name)),
      low_x_(kInfinity),
      high_x_(-kInfinity),
      low_y_(kInfinity),
      high_y_(-kInfinity) {}

void Chart::Add(Series series) {
  for (double x : series.xs) Widen(x, &low_x_, &high_x_);
  for (double y : series.ys) IncludeY(y);
  for (double low : series.lows) IncludeY(low);
  series_.push_back(std::move(series));
}

void Chart::AddLine(std::string name, Ink ink, std::vector<double> xs,
                    std::vector<double> ys) {
  Add({Shape::kLine, std::move(name), ink, std::move(xs), std::move(ys), {}});
}

void Chart::AddDots(std::string name, Ink ink, std::vector<double> xs,
                    std::vector<double> ys) {
  Add({Shape::kDots, std::move(name), ink, std::move(xs), std::move(ys), {}});
}

void Chart::AddBand(std::string name, Ink ink, const std::vector<double>& xs,
                    const std::vector<double>& low,
                    const std::vector<double>& high) {
  Series series{Shape::kBand, std::move(name), ink};
  for (size_t i = 0; i < xs.size(); ++i) {
    if (!std::isfinite(low[i]) || !std::isfinite(high[i])) continue;
    series.xs.push_back(xs[i]);
    series.ys.push_back(high[i]);
    series.lows.push_back(low[i]);
  }
  Add(std::move(series));
}

void Chart::AddRule(double x) {
  Widen(x, &low_x_, &high_x_);
  rules_.push_back(x);
}

void Chart::AddNote(double x, std::string text) {
  notes_.push_back({x, std::move(text)});
}

void Chart::IncludeY(double y) { Widen(y, &low_y_, &high_y_); }

std::string Chart::Legend() const {
  std::string html = "<p class=\"legend\">";
  for (const Series& series : series_) {
    if (series.name.empty()) continue;
    const char* shape = series.shape == Shape::kBand   ? "band"
                        : series.shape == Shape::kDots ? "dots"
                                                       : "line";
    absl::StrAppendFormat(&html, "<span><i class=\"%s %s\"></i>%s</span>",
                          shape, InkClass(series.ink), EscapeHtml(series.name));
  }
  return html + "</p>\n";
}

std::string Chart::Curve(const Frame& frame, const Series& series) const {
  std::string path;
  bool begun = false;
  for (size_t i = 0; i < series.xs.size(); ++i) {
    if (!std::isfinite(series.ys[i])) {
      begun = false;
      continue;
    }
    const bool joined = begun && series.shape != Shape::kDots;
    // A point alone is a path of no length, which round ends make a dot.
    absl::StrAppend(&path, joined ? "L" : "M",
                    frame.At(series.xs[i], series.ys[i]), joined ? "" : "h0");
    begun = true;
  }
  if (series.shape != Shape::kBand) {
    return absl::StrFormat("<path class=\"%s %s\" d=\"%s\"/>\n",
                           series.shape == Shape::kLine ? "line" : "dots",
                           InkClass(series.ink), path);
  }
  for (size_t i = series.xs.size(); i-- > 0;) {
    absl::StrAppend(&path, "L", frame.At(series.xs[i], series.lows[i]));
  }
  return absl::StrFormat("<path class=\"band %s\" d=\"%sZ\"/>\n",
                         InkClass(series.ink), path);
}

std::string Chart::Notes(const Frame& frame) const {
  std::string html;
  for (size_t i = 0; i < notes_.size(); ++i) {
    const double here = frame.Across(notes_[i].x);
    const double left =
        i > 0 ? (frame.Across(notes_[i - 1].x) + here) / 2.0 : here - 10.0;
    const double right = i + 1 < notes_.size()
                             ? (frame.Across(notes_[i + 1].x) + here) / 2.0
                             : 2.0 * here - left;
    absl::StrAppendFormat(&html,
                          "<rect class=\"note\" x=\"%.1f\" y=\"0\" "
                          "width=\"%.1f\" height=\"%d\"><title>%s</title>"
                          "</rect>\n",
                          left, right - left, kSize,
                          EscapeHtml(notes_[i].text));
  }
  return html;
}

std::string Chart::Html() const {
  const double around = low_y_ < high_y_ ? kAround * (high_y_ - low_y_) : 0.0;
  const Frame frame{MakeAxis(low_x_, high_x_, kTicksAcross),
                    MakeAxis(low_y_ - around, high_y_ + around, kTicksUp)};
  size_t gutter = 1;
  for (const Tick& tick : frame.y.ticks) {
    gutter = std::max(gutter, tick.label.size());
  }
  std::string html = absl::StrFormat(
      "<figure class=\"chart\"><figcaption>%s</figcaption>\n"
      "<div class=\"plot\" style=\"--gutter:%dch\">\n<div class=\"y\">",
      EscapeHtml(title_), gutter);
  for (const Tick& tick : frame.y.ticks) {
    absl::StrAppendFormat(&html, "<span style=\"top:%.1f%%\">%s</span>",
                          100.0 * (1.0 - frame.y.Part(tick.value)), tick.label);
  }
  absl::StrAppendFormat(&html,
                        "</div>\n<svg viewBox=\"0 0 %d %d\" "
                        "preserveAspectRatio=\"none\" role=\"img\" "
                        "aria-label=\"%s\">\n",
                        kSize, kSize, EscapeHtml(title_));
  for (const Tick& tick : frame.y.ticks) {
    absl::StrAppendFormat(&html, "<path class=\"grid\" d=\"M0 %.1fH%d\"/>\n",
                          frame.Down(tick.value), kSize);
  }
  for (double x : rules_) {
    absl::StrAppendFormat(&html, "<path class=\"rule\" d=\"M%.1f 0V%d\"/>\n",
                          frame.Across(x), kSize);
  }
  for (const Series& series : series_) html += Curve(frame, series);
  html += Notes(frame) + "</svg>\n<div class=\"x\">";
  for (const Tick& tick : frame.x.ticks) {
    absl::StrAppendFormat(&html, "<span style=\"left:%.1f%%\">%s</span>",
                          100.0 * frame.x.Part(tick.value), tick.label);
  }
  absl::StrAppendFormat(&html,
                        "</div>\n</div>\n<p class=\"xname\">%s</p></figure>\n",
                        EscapeHtml(x_name_));
  return html;
}

}  // namespace recur
