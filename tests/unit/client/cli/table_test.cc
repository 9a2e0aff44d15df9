#include "client/cli/table.h"

#include <gtest/gtest.h>

#include <cmath>

namespace recur::cli {
namespace {

TEST(TableTest, AlignsColumnsAtTheirWidestCell) {
  Table table({{"model"}, {"steps", true}, {"note"}});
  table.AddRow({"a", "1", "x"});
  table.AddRow({"weather", "1461"});
  EXPECT_EQ(table.ToString(),
            "model    steps  note\n"
            "a            1  x\n"
            "weather   1461\n");
}

TEST(TableTest, CountsCharactersAndNotBytes) {
  Table table({{"a"}, {"b"}});
  table.AddRow({"grün", "1"});
  table.AddRow({"gray", "2"});
  EXPECT_EQ(table.ToString(), "a     b\ngrün  1\ngray  2\n");
  EXPECT_EQ(DisplayWidth("▁█"), 2);
}

TEST(TableTest, NumbersKeepTheDigitsThatMatter) {
  EXPECT_EQ(FormatNumber(1234.56), "1234.6");
  EXPECT_EQ(FormatNumber(-12.345), "-12.35");
  EXPECT_EQ(FormatNumber(0.01234), "0.0123");
  EXPECT_EQ(FormatNumber(0.0), "0.00");
  EXPECT_EQ(FormatNumber(-0.004, 1.0), "0.00");
  EXPECT_EQ(FormatNumber(-0.006, 1.0), "-0.01");
  EXPECT_EQ(FormatNumber(1e-9), "1e-09");
  EXPECT_EQ(FormatNumber(std::nan("")), "-");
}

TEST(TableTest, NumbersSideBySideLookAlike) {
  EXPECT_EQ(FormatNumber(0.8198, 12.3), "0.82");
  EXPECT_EQ(FormatNumber(3.0, 1234.0), "3.0");
  EXPECT_EQ(FormatNumber(3.0, 0.5), "3.0000");
}

TEST(TableTest, CountsOneAndMany) {
  EXPECT_EQ(Counted(1, "row"), "1 row");
  EXPECT_EQ(Counted(0, "row"), "0 rows");
  EXPECT_EQ(Counted(12, "answer"), "12 answers");
}

TEST(TableTest, BytesAndSecondsHaveUnits) {
  EXPECT_EQ(FormatBytes(512), "512 B");
  EXPECT_EQ(FormatBytes(1536), "1.5 KiB");
  EXPECT_EQ(FormatBytes(20.0 * 1024 * 1024), "20 MiB");
  EXPECT_EQ(FormatSeconds(0.25), "250 ms");
  EXPECT_EQ(FormatSeconds(90), "90 s");
  EXPECT_EQ(FormatSeconds(86'400), "24.0 h");
  EXPECT_EQ(FormatSeconds(7 * 86'400), "7 days");
}

}  // namespace
}  // namespace recur::cli
