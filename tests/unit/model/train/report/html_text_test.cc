#include "model/train/report/html_text.h"

#include <limits>

#include "gtest/gtest.h"

namespace recur {
namespace {

TEST(HtmlTextTest, MarksAreEscaped) {
  EXPECT_EQ(EscapeHtml("<b a=\"1\" c='2'>&</b>"),
            "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;&lt;/b&gt;");
}

TEST(HtmlTextTest, OtherCharactersStay) {
  EXPECT_EQ(EscapeHtml("20 \xc2\xb0\x43, \xe6\xb0\x97\xe6\xb8\xa9 \t"),
            "20 \xc2\xb0\x43, \xe6\xb0\x97\xe6\xb8\xa9 \t");
}

TEST(HtmlTextTest, WhatXmlHasNotIsReplaced) {
  EXPECT_EQ(EscapeHtml("a\xff"
                       "b"),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(EscapeHtml(absl::string_view("\0\x1b", 2)),
            "\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(EscapeHtml("\xef\xbf\xbf"), "\xef\xbf\xbd");  // U+FFFF
}

TEST(HtmlTextTest, FiguresHaveFourDigits) {
  EXPECT_EQ(FigureText(2.5649), "2.565");
  EXPECT_EQ(FigureText(0.11424), "0.1142");
  EXPECT_EQ(FigureText(123.46), "123.5");
  EXPECT_EQ(FigureText(-1234567.0), "-1234567");
  EXPECT_EQ(FigureText(0.0), "0");
  EXPECT_EQ(FigureText(1.2347e-7), "1.235e-07");
  EXPECT_EQ(FigureText(std::numeric_limits<double>::quiet_NaN()), "-");
  EXPECT_EQ(PercentText(0.8456), "84.6%");
  EXPECT_EQ(RatioText(0.05), "0.050");
}

}  // namespace
}  // namespace recur
