#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <random>

#include "model/data/csv.h"

namespace recur {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr int64_t kSecond = 1000000;

int64_t Parsed(absl::string_view text) {
  const auto time = ParseTime(text);
  EXPECT_TRUE(time.ok()) << time.status();
  return time.value_or(-1);
}

TEST(TimeTextTest, ReadsEveryFormOfTheHeader) {
  // Seconds as `date -u +%s` gives them.
  EXPECT_EQ(Parsed("1970-01-01"), 0);
  EXPECT_EQ(Parsed("2012-01-31"), 1327968000 * kSecond);
  EXPECT_EQ(Parsed("2012-01-31 23:59"), 1328054340 * kSecond);
  EXPECT_EQ(Parsed("2012-01-31T23:59:58"), 1328054398 * kSecond);
  EXPECT_EQ(Parsed("2012-01-31 23:59:58.123456"),
            1328054398 * kSecond + 123456);
  EXPECT_EQ(Parsed("2012-01-31T23:59:58.5Z"), 1328054398 * kSecond + 500000);
  EXPECT_EQ(Parsed("2012-01-31T23:59:58.1234569z"),
            1328054398 * kSecond + 123456);
  EXPECT_EQ(Parsed("2012-01-31T23:59:00+01:00"), 1328050740 * kSecond);
  EXPECT_EQ(Parsed("2012-01-31 23:59 -0830"), 1328084940 * kSecond);
  EXPECT_EQ(Parsed("2012-01-31T23:59+05"), 1328036340 * kSecond);
  EXPECT_EQ(Parsed(" 1327968000 "), 1327968000 * kSecond);
  EXPECT_EQ(Parsed("-1"), -kSecond);
  EXPECT_EQ(Parsed("1969-12-31T23:59:59Z"), -kSecond);
  EXPECT_EQ(Parsed("2012-02-29"), 1330473600 * kSecond);
}

TEST(TimeTextTest, AgreesWithTheCLibraryOnRandomTimes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    const time_t seconds =
        static_cast<time_t>(random() % 8000000000) - 2000000000;
    std::tm parts;
    gmtime_r(&seconds, &parts);
    char text[64];
    std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    EXPECT_EQ(Parsed(text), seconds * kSecond);
    EXPECT_EQ(Parsed(std::to_string(seconds)), seconds * kSecond);
  }
}

TEST(TimeTextTest, ReadsAMonthAsItsFirstDay) {
  EXPECT_EQ(Parsed("2012-01"), Parsed("2012-01-01"));
  EXPECT_EQ(Parsed(" 1749-12 "), Parsed("1749-12-01"));
}

TEST(TimeTextTest, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "yesterday",
                           "2012-1-31",
                           "2012-13",
                           "2012-01-",
                           "2012-01T00:00",
                           "2012-02-30",
                           "2011-02-29",
                           "2012-13-01",
                           "2012-00-01",
                           "2012-01-00",
                           "0000-01-01",
                           "2012-01-31T",
                           "2012-01-31 24:00",
                           "2012-01-31 23:60",
                           "2012-01-31 23:59:60",
                           "2012-01-31 23:59:5",
                           "2012-01-31 23:59:58.",
                           "2012-01-31 23",
                           "2012-01-31Z",
                           "2012-01-31T23:59:00+1",
                           "2012-01-31T23:59:00+24:00",
                           "2012-01-31T23:59:00 UTC",
                           "2012-01-31x",
                           "12012-01-31",
                           "1.5",
                           "20120131T00"}) {
    const auto time = ParseTime(text);
    EXPECT_EQ(time.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(time.status().message()),
                HasSubstr("is not a time such as 2012-01-31"));
  }
  EXPECT_THAT(std::string(ParseTime("1327968000000").status().message()),
              EndsWith("are not in the years 1 to 9999"));
  EXPECT_FALSE(ParseTime("99999999999999999999").ok());
}

TEST(TimeTextTest, NamesLineAndColumnInATable) {
  const auto table =
      CsvTable::Parse("x,when\n1,2012-01-31\n2,2012-01-32\n", "f");
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->Times(1).status().message(),
            "f: line 3, column \"when\": \"2012-01-32\" is not a time such as "
            "2012-01-31, 2012-01-31T23:59:00Z or seconds since the epoch");
}

TEST(TimeTextTest, WritesDatesAndTimesThatReadBack) {
  EXPECT_EQ(FormatTime(0), "1970-01-01");
  EXPECT_EQ(FormatTime(1327968000 * kSecond), "2012-01-31");
  EXPECT_EQ(FormatTime(1328054399 * kSecond), "2012-01-31T23:59:59Z");
  EXPECT_EQ(FormatTime(1328054399 * kSecond + 250000),
            "2012-01-31T23:59:59.25Z");
  EXPECT_EQ(FormatTime(-kSecond), "1969-12-31T23:59:59Z");
  std::mt19937_64 random(6);
  for (int i = 0; i < 2000; ++i) {
    const int64_t time =
        static_cast<int64_t>(random() % 6000000000000000) - 2000000000000000;
    EXPECT_EQ(Parsed(FormatTime(time)), time);
  }
}

}  // namespace
}  // namespace recur
