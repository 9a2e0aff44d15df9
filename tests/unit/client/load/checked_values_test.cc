#include "client/load/checked_values.h"

#include <gtest/gtest.h>

#include <vector>

namespace recur::load {
namespace {

TEST(CheckedValuesTest, SumsAreThoseOfWhatIsWritten) {
  const CheckedValues values(3, 9);
  std::vector<float> step(3);
  for (uint64_t session : {uint64_t{0}, uint64_t{1}, uint64_t{999'999}}) {
    double sums[3] = {};
    for (uint64_t n = 1; n <= 20'000; ++n) {
      values.Write(session, n, step.data());
      EXPECT_GE(step[0], 1.0f);  // a step that is lost is noticed
      EXPECT_LE(step[0], 3.0f);
      for (int c = 0; c < 3; ++c) {
        sums[c] += step[c];
        ASSERT_EQ(values.Sum(session, n) * (c + 1), sums[c]) << n;
      }
    }
  }
}

TEST(CheckedValuesTest, SessionsHaveDifferentSums) {
  const CheckedValues values(1, 9);
  int different = 0;
  for (uint64_t session = 1; session <= 100; ++session) {
    different += values.Sum(session, 500) != values.Sum(0, 500) ? 1 : 0;
  }
  EXPECT_GT(different, 90);
}

TEST(CheckedValuesTest, SumsStayExactInFloat) {
  const CheckedValues values(2, 9);
  const uint64_t last = values.last_summed_step();
  EXPECT_GT(last, 1'000'000u);
  EXPECT_LT(2 * values.Sum(5, last), 1 << 24);
  EXPECT_EQ(values.Sum(5, last + 1'000), values.Sum(5, last));
  std::vector<float> step(2, 1.0f);
  values.Write(5, last + 1, step.data());
  EXPECT_EQ(step, std::vector<float>(2, 0.0f));
}

}  // namespace
}  // namespace recur::load
