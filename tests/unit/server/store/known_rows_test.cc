#include "server/store/known_rows.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace recur {
namespace {

TEST(KnownRowsTest, KnowsWhatWasWrittenLast) {
  KnownRows rows(10);
  EXPECT_EQ(rows.Find("s"), nullptr);
  rows.Wrote("s", {{.epoch = 3, .step = 5}, 100});
  rows.Wrote("t", {{.epoch = 4, .step = 1}, 200});
  rows.Wrote("s", {{.epoch = 3, .step = 6}, 300});
  ASSERT_NE(rows.Find("s"), nullptr);
  EXPECT_EQ(rows.Find("s")->version.epoch, 3u);
  EXPECT_EQ(rows.Find("s")->version.step, 6u);
  EXPECT_EQ(rows.Find("s")->keep_until_us, 300);
  EXPECT_EQ(rows.Find("t")->version.epoch, 4u);
  rows.ForgetAll();
  EXPECT_EQ(rows.Find("s"), nullptr);
}

TEST(KnownRowsTest, KnowsAtLeastSoManyAndAtMostTwice) {
  constexpr uint64_t kLeast = 100;
  KnownRows rows(kLeast);
  for (uint64_t i = 0; i < 1'000; ++i) {
    rows.Wrote(absl::StrCat(i), {{.epoch = 1, .step = i}, 0});
    for (uint64_t k = 0; k < kLeast && k <= i; ++k) {
      const KnownRows::Row* row = rows.Find(absl::StrCat(i - k));
      ASSERT_NE(row, nullptr) << i << " " << k;
      EXPECT_EQ(row->version.step, i - k);
    }
    if (i >= 2 * kLeast) {
      EXPECT_EQ(rows.Find(absl::StrCat(i - 2 * kLeast)), nullptr);
    }
  }
}

TEST(KnownRowsTest, WhatIsKnownTwiceIsKnownAsItIsNow) {
  KnownRows rows(2);
  rows.Wrote("s", {{.epoch = 1, .step = 1}, 0});
  rows.Wrote("t", {{.epoch = 1, .step = 1}, 0});
  rows.Wrote("s", {{.epoch = 2, .step = 7}, 0});
  EXPECT_EQ(rows.Find("s")->version.epoch, 2u);
  EXPECT_EQ(rows.Find("t")->version.epoch, 1u);
}

}  // namespace
}  // namespace recur
