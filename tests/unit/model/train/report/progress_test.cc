#include "model/train/report/progress.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace recur {
namespace {

class ProgressTest : public ::testing::Test {
 protected:
  Progress Make(bool terminal) {
    return Progress(&out_, terminal, [this] { return now_; });
  }
  void Pass(std::chrono::milliseconds time) { now_ += time; }

  std::ostringstream out_;
  std::chrono::steady_clock::time_point now_;
};

TEST_F(ProgressTest, SaysLossMetricAndTimeLeft) {
  Progress progress = Make(false);
  progress.Start("searching", "validation");
  Pass(std::chrono::seconds(20));
  progress.Update({100, 400, 0.5, 0.25});
  EXPECT_EQ(out_.str(),
            "searching [#####...............] step 100 of at most 400  loss "
            "0.5000  validation 0.2500  at most 1 min 00 s left\n");
}

TEST_F(ProgressTest, RewritesOneLineOnATerminal) {
  Progress progress = Make(true);
  progress.Start("training", "");
  Pass(std::chrono::milliseconds(200));
  progress.Update({1, 2, 0.5});
  Pass(std::chrono::milliseconds(10));
  progress.Update({2, 2, 0.25});  // too soon after the last
  progress.Finish();
  const std::string text = out_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\r'), 2);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_NE(text.find("loss 0.2500  in 0 s"), std::string::npos);
}

TEST_F(ProgressTest, AnEarlyEndLeavesNothingToWaitFor) {
  Progress progress = Make(false);
  progress.Start("searching", "validation");
  Pass(std::chrono::seconds(3));
  progress.Update({100, 400, 0.5, 0.25});
  progress.Finish();
  EXPECT_EQ(out_.str().find("left"), std::string::npos);
  EXPECT_NE(out_.str().find("in 3 s"), std::string::npos);
}

TEST_F(ProgressTest, CanBeSilent) {
  Progress progress(nullptr, true);
  progress.Start("training", "");
  progress.Update({1, 2, 0.5});
  progress.Finish();
}

TEST_F(ProgressTest, RemembersEveryLookAndSomeOfTheSteps) {
  Progress progress(nullptr, false);
  progress.Start("searching", "validation");
  double validation = std::numeric_limits<double>::quiet_NaN();
  for (int step = 1; step <= 1000; ++step) {
    if (step % 333 == 0) validation = step == 666 ? 0.25 : 0.5;
    progress.Update({step, 1000, 1.0 / step, validation});
  }
  progress.Finish();
  progress.Start("training", "");
  progress.Update({1, 2, 0.5});
  ASSERT_EQ(progress.curves().size(), 2u);
  const LearningCurve& curve = progress.curves()[0];
  EXPECT_EQ(curve.phase, "searching");
  EXPECT_EQ(curve.best_step, 666);
  EXPECT_NEAR(static_cast<double>(curve.points.size()), 203.0, 2.0);
  int looks = 0;
  for (const LearningPoint& point : curve.points) {
    EXPECT_EQ(point.loss, 1.0 / point.step);
    if (!std::isnan(point.validation)) ++looks;
  }
  EXPECT_EQ(looks, 3);
  EXPECT_EQ(progress.curves()[1].points.size(), 1u);
}

TEST_F(ProgressTest, FormatsSeconds) {
  EXPECT_EQ(FormatSeconds(4.4), "4 s");
  EXPECT_EQ(FormatSeconds(200), "3 min 20 s");
  EXPECT_EQ(FormatSeconds(7500), "2 h 05 min");
}

}  // namespace
}  // namespace recur
