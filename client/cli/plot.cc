#include "client/cli/plot.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur::cli {
namespace {

using Line = std::vector<std::string>;  // one character each

Range RangeOf(absl::Span<const PlotPoint> points) {
  Range range;
  for (const PlotPoint& p : points) {
    for (double value : {p.truth, p.point, p.low, p.high}) {
      range.Include(value);
    }
  }
  return range;
}

// Where in [0, cells) a value lies; clamped, so that nothing is lost.
int CellOf(double value, const Range& range, int cells) {
  const double width = range.high - range.low;
  if (!(width > 0)) return cells / 2;
  const double share = (value - range.low) / width;
  return std::clamp(static_cast<int>(share * cells), 0, cells - 1);
}

std::string Join(const Line& line) {
  std::string text;
  for (const std::string& character : line) text += character;
  return text;
}

// The mean of those that are there.
class Mean {
 public:
  void Add(double value) {
    if (std::isnan(value)) return;
    sum_ += value;
    ++count_;
  }
  double value() const { return count_ > 0 ? sum_ / count_ : PlotPoint::kNone; }

 private:
  double sum_ = 0.0;
  int count_ = 0;
};

PlotPoint MeanOf(absl::Span<const PlotPoint> points) {
  Mean truth, point, low, high;
  for (const PlotPoint& p : points) {
    truth.Add(p.truth);
    point.Add(p.point);
    low.Add(p.low);
    high.Add(p.high);
  }
  return {.truth = truth.value(),
          .point = point.value(),
          .low = low.value(),
          .high = high.value(),
          .extrapolated = points.back().extrapolated};
}

// At most `columns` points, each the mean of its neighbours.
std::vector<PlotPoint> Condense(absl::Span<const PlotPoint> points,
                                int columns) {
  const size_t n = points.size();
  if (n <= static_cast<size_t>(columns)) return {points.begin(), points.end()};
  std::vector<PlotPoint> condensed;
  for (int i = 0; i < columns; ++i) {
    const size_t begin = n * i / columns;
    const size_t end = n * (i + 1) / columns;
    condensed.push_back(MeanOf(points.subspan(begin, end - begin)));
  }
  return condensed;
}

// grid[0] is the top line.
void DrawPoint(const PlotPoint& p, const Range& range, int left, int width,
               std::vector<Line>* grid) {
  const int height = static_cast<int>(grid->size());
  const auto fill = [&](double value, int from, int to, const char* mark) {
    if (std::isnan(value)) return;
    Line& line = (*grid)[height - 1 - CellOf(value, range, height)];
    for (int x = from; x < to; ++x) line[x] = mark;
  };
  if (!std::isnan(p.low) && !std::isnan(p.high)) {
    const int bottom = CellOf(p.low, range, height);
    const int top = CellOf(p.high, range, height);
    for (int y = bottom; y <= top; ++y) {
      for (int x = left; x < left + width; ++x) {
        (*grid)[height - 1 - y][x] = "░";
      }
    }
  }
  fill(p.point, left, left + width, p.extrapolated ? "╌" : "─");
  const int middle = left + width / 2;
  fill(p.truth, middle, middle + 1, "●");
}

std::string Legend(absl::Span<const PlotPoint> points, size_t per_column) {
  const auto any = [&](double PlotPoint::*field) {
    return std::any_of(
        points.begin(), points.end(),
        [field](const PlotPoint& p) { return !std::isnan(p.*field); });
  };
  std::string legend;
  if (any(&PlotPoint::truth)) absl::StrAppend(&legend, "  ● observed");
  if (any(&PlotPoint::point)) absl::StrAppend(&legend, "  ─ forecast");
  if (std::any_of(points.begin(), points.end(),
                  [](const PlotPoint& p) { return p.extrapolated; })) {
    absl::StrAppend(&legend, "  ╌ extrapolated");
  }
  if (any(&PlotPoint::low)) absl::StrAppend(&legend, "  ░ interval");
  if (per_column > 1) {
    absl::StrAppend(&legend, "  (a column is the mean of about ", per_column,
                    " steps)");
  }
  return legend;
}

std::string AxisLabels(const ChartOptions& options, int columns) {
  const int used =
      static_cast<int>(options.first_label.size() + options.last_label.size());
  if (used == 0) return "";
  return absl::StrCat(std::string(11, ' '), options.first_label,
                      std::string(std::max(1, columns - used), ' '),
                      options.last_label, "\n");
}

}  // namespace

void Range::Include(double value) {
  if (!std::isfinite(value)) return;
  low = std::min(low, value);
  high = std::max(high, value);
}

std::string Sparkline(absl::Span<const double> values) {
  static constexpr const char* kLevels[] = {"▁", "▂", "▃", "▄",
                                            "▅", "▆", "▇", "█"};
  Range range;
  for (double value : values) range.Include(value);
  std::string text;
  for (double value : values) {
    text += std::isfinite(value) ? kLevels[CellOf(value, range, 8)] : " ";
  }
  return text;
}

std::string Bar(double share, int width) {
  static constexpr const char* kEighths[] = {"",  "▏", "▎", "▍",
                                             "▌", "▋", "▊", "▉"};
  const int eighths =
      static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * width * 8));
  std::string text;
  for (int i = 0; i < eighths / 8; ++i) text += "█";
  text += kEighths[eighths % 8];
  const int used = eighths / 8 + (eighths % 8 > 0 ? 1 : 0);
  return text + std::string(width - used, ' ');
}

std::string Gauge(const PlotPoint& p, const Range& range, int width) {
  Line line(width, " ");
  if (range.empty()) return Join(line);
  if (!std::isnan(p.low) && !std::isnan(p.high)) {
    const int left = CellOf(p.low, range, width);
    const int right = CellOf(p.high, range, width);
    for (int x = left; x <= right; ++x) line[x] = "─";
    line[left] = "├";
    line[right] = "┤";
  }
  if (!std::isnan(p.point)) line[CellOf(p.point, range, width)] = "┼";
  if (!std::isnan(p.truth)) line[CellOf(p.truth, range, width)] = "●";
  return Join(line);
}

std::string Chart(absl::Span<const PlotPoint> points,
                  const ChartOptions& options) {
  const Range range = RangeOf(points);
  if (range.empty()) return "";
  const std::vector<PlotPoint> drawn = Condense(points, options.width);
  const int count = static_cast<int>(drawn.size());
  const int width = std::clamp(options.width / count, 1, 4);
  std::vector<Line> grid(options.height, Line(size_t{1} * count * width, " "));
  for (int i = 0; i < count; ++i) {
    DrawPoint(drawn[i], range, i * width, width, &grid);
  }
  std::string chart;
  if (!options.title.empty()) absl::StrAppend(&chart, options.title, "\n");
  const int last = options.height - 1;
  for (int y = 0; y <= last; ++y) {
    const bool labelled = y == 0 || y == last || y == last / 2;
    // The value in the middle of the line.
    const double value = range.low + (range.high - range.low) *
                                         (last - y + 0.5) / options.height;
    absl::StrAppend(
        &chart,
        labelled ? absl::StrFormat("%9.4g", value) : std::string(9, ' '),
        labelled ? " ┤" : " │", Join(grid[y]), "\n");
  }
  absl::StrAppend(&chart, AxisLabels(options, count * width),
                  std::string(9, ' '), Legend(points, points.size() / count),
                  "\n");
  return chart;
}

}  // namespace recur::cli
