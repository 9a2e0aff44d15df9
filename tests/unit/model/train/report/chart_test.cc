#include "model/train/report/chart.h"

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/model/train/report/html_reader.h"

namespace recur {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ChartTest, ALineGoesFromCornerToCorner) {
  Chart chart("rise", "steps");
  chart.AddLine("y", Ink::kModel, {0.0, 1.0, 2.0}, {0.0, 5.0, 10.0});
  // 4 % of the range are free above and below.
  EXPECT_THAT(chart.Html(),
              HasSubstr("d=\"M0.0 963.0h0L500.0 500.0L1000.0 37.0\""));
}

TEST(ChartTest, AMissingValueInterruptsALine) {
  Chart chart("gap", "steps");
  chart.AddLine("y", Ink::kTruth, {0.0, 1.0, 2.0}, {1.0, std::nan(""), 1.0});
  EXPECT_THAT(chart.Html(), HasSubstr("d=\"M0.0 500.0h0M1000.0 500.0h0\""));
}

TEST(ChartTest, ABandLeavesOutWhatIsMissing) {
  Chart chart("band", "steps");
  chart.AddBand("80%", Ink::kModel, {0.0, 1.0, 2.0}, {0.0, std::nan(""), 0.0},
                {1.0, 1.0, 1.0});
  EXPECT_THAT(chart.Html(), Not(HasSubstr("nan")));
}

TEST(ChartTest, EveryTextIsEscaped) {
  Chart chart("<i>", "\"x\"");
  chart.AddLine("a<b", Ink::kModel, {0.0, 1.0}, {0.0, 1.0});
  chart.AddNote(0.0, "</title><script>");
  const std::string html = chart.Html() + chart.Legend();
  EXPECT_EQ(FindHtmlFault(html), "");
  EXPECT_THAT(html, Not(HasSubstr("<i>")));
  EXPECT_THAT(html, Not(HasSubstr("<script>")));
  EXPECT_THAT(html, HasSubstr("a&lt;b"));
}

TEST(ChartTest, NothingToShowIsStillAPage) {
  const Chart chart("nothing", "steps");
  EXPECT_EQ(FindHtmlFault(chart.Html()), "");
  EXPECT_THAT(chart.Html(), Not(HasSubstr("inf")));
}

}  // namespace
}  // namespace recur
