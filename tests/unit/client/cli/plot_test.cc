#include "client/cli/plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "absl/strings/str_split.h"
#include "client/cli/table.h"

namespace recur::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kNone = PlotPoint::kNone;

TEST(PlotTest, ASparklineRisesFromTheLowestToTheHighest) {
  EXPECT_EQ(Sparkline({0, 1, 2, 3, 4, 5, 6, 7}), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(Sparkline({-1, 1}), "▁█");
}

TEST(PlotTest, ASparklineOfEqualValuesLiesInTheMiddle) {
  EXPECT_EQ(Sparkline({3, 3, 3}), "▅▅▅");
}

TEST(PlotTest, ASparklineLeavesGapsForWhatIsNotThere) {
  EXPECT_EQ(Sparkline({0, kNone, 1}), "▁ █");
  EXPECT_EQ(Sparkline({}), "");
  EXPECT_EQ(Sparkline({kNone}), " ");
}

TEST(PlotTest, ABarIsAsLongAsItsShare) {
  EXPECT_EQ(Bar(0.0, 4), "    ");
  EXPECT_EQ(Bar(0.5, 4), "██  ");
  EXPECT_EQ(Bar(1.0, 4), "████");
  EXPECT_EQ(Bar(0.3125, 4), "█▎  ");
  EXPECT_EQ(Bar(7.0, 4), "████");
}

TEST(PlotTest, AGaugeShowsIntervalPointAndTruth) {
  const Range range{0, 10};
  EXPECT_EQ(
      Gauge({.truth = 7.5, .point = 5.5, .low = 2.5, .high = 8.5}, range, 10),
      "  ├──┼─●┤ ");
  EXPECT_EQ(
      Gauge({.truth = 9.5, .point = 5.5, .low = 2.5, .high = 8.5}, range, 10),
      "  ├──┼──┤●");
}

TEST(PlotTest, AGaugeKeepsWhatLiesOutsideAtItsEnds) {
  EXPECT_EQ(Gauge({.truth = 99}, {0, 10}, 5), "    ●");
  EXPECT_EQ(Gauge({.truth = -99}, {0, 10}, 5), "●    ");
  EXPECT_EQ(Gauge({.truth = 1}, Range(), 3), "   ");
}

std::vector<std::string> Lines(const std::string& chart) {
  return absl::StrSplit(chart, '\n');
}

TEST(PlotTest, AChartDrawsTruthForecastAndInterval) {
  const std::vector<PlotPoint> points = {
      {.truth = 0.0}, {.truth = 4.0, .point = 2.0, .low = 0.5, .high = 3.5}};
  const std::string chart =
      Chart(points, {.width = 2, .height = 4, .title = "temp"});
  const auto lines = Lines(chart);
  ASSERT_GE(lines.size(), 6u);
  EXPECT_EQ(lines[0], "temp");
  EXPECT_EQ(lines[1], "      3.5 ┤ ●");
  EXPECT_EQ(lines[2], "      2.5 ┤ ─");
  EXPECT_EQ(lines[3], "          │ ░");
  EXPECT_EQ(lines[4], "      0.5 ┤●░");
  EXPECT_THAT(lines[5], HasSubstr("● observed  ─ forecast  ░ interval"));
}

TEST(PlotTest, AChartMarksWhatIsExtrapolated) {
  const std::vector<PlotPoint> points = {
      {.truth = 0.0}, {.point = 1.0}, {.point = 1.0, .extrapolated = true}};
  const std::string chart = Chart(points, {.width = 3, .height = 2});
  const auto lines = Lines(chart);
  EXPECT_EQ(lines[0], "     0.75 ┤ ─╌");
  EXPECT_THAT(chart, HasSubstr("● observed  ─ forecast  ╌ extrapolated\n"));
}

TEST(PlotTest, AChartNamesOnlyWhatItDraws) {
  const std::string chart = Chart({{.truth = 1.0}, {.truth = 2.0}}, {});
  EXPECT_THAT(chart, HasSubstr("observed"));
  EXPECT_THAT(chart, Not(HasSubstr("forecast")));
}

TEST(PlotTest, AChartAveragesMorePointsThanColumns) {
  std::vector<PlotPoint> points;
  for (int i = 0; i < 1'000; ++i) points.push_back({.truth = i * 1.0});
  const std::string chart = Chart(points, {.width = 10, .height = 5});
  EXPECT_THAT(chart, HasSubstr("mean of about 100 steps"));
  for (const std::string& line : Lines(chart)) {
    if (line.find("│") == std::string::npos &&
        line.find("┤") == std::string::npos) {
      continue;
    }
    EXPECT_EQ(DisplayWidth(line), 11 + 10) << line;
  }
}

TEST(PlotTest, AChartOfNothingIsEmpty) {
  EXPECT_EQ(Chart({}, {}), "");
  EXPECT_EQ(Chart({{}, {}}, {}), "");
}

TEST(PlotTest, AChartOfOneValueIsDrawn) {
  EXPECT_THAT(Chart({{.truth = 3.0}}, {.height = 3}), HasSubstr("●"));
}

TEST(PlotTest, AChartPutsLabelsBelowItsEnds) {
  std::vector<PlotPoint> points(40, {.truth = 1.0});
  const auto lines = Lines(Chart(points, {.width = 40,
                                          .height = 2,
                                          .first_label = "2012-01-01",
                                          .last_label = "2012-02-09"}));
  EXPECT_EQ(lines[2],
            "           2012-01-01" + std::string(20, ' ') + "2012-02-09");
}

}  // namespace
}  // namespace recur::cli
