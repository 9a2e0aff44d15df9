#include "model/data/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>

#include "absl/strings/str_cat.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

CsvTable Table(absl::string_view bytes) {
  auto table = CsvTable::Parse(bytes, "data.csv");
  EXPECT_TRUE(table.ok()) << table.status();
  return *std::move(table);
}

std::string Refusal(absl::string_view bytes) {
  const auto table = CsvTable::Parse(bytes, "data.csv");
  EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument) << bytes;
  return std::string(table.status().message());
}

std::string NumbersRefusal(absl::string_view cell) {
  const auto numbers =
      Table(absl::StrCat("a,b\n1,2\n3,", cell, "\n")).Numbers(1);
  EXPECT_EQ(numbers.status().code(), absl::StatusCode::kInvalidArgument)
      << cell;
  return std::string(numbers.status().message());
}

TEST(CsvTest, ReadsHeaderRowsAndLines) {
  const CsvTable table = Table("date,temp\n2012-01-01,12.8\n2012-01-02,10.6\n");
  EXPECT_EQ(table.path(), "data.csv");
  EXPECT_THAT(table.columns(), ElementsAre("date", "temp"));
  ASSERT_EQ(table.rows(), 2);
  EXPECT_EQ(table.line(0), 2);
  EXPECT_EQ(table.line(1), 3);
  EXPECT_EQ(table.cell(1, 0), "2012-01-02");
  EXPECT_EQ(*table.ColumnIndex("temp"), 1);
}

TEST(CsvTest, ReadsQuotesAsTheStandardSays) {
  const CsvTable table =
      Table("text,\"label\"\n\"a, \"\"b\"\"\",x\n\"two\nlines\",\"\"\n,\"y\"");
  ASSERT_EQ(table.rows(), 3);
  EXPECT_EQ(table.cell(0, 0), "a, \"b\"");
  EXPECT_EQ(table.cell(1, 0), "two\nlines");
  EXPECT_EQ(table.cell(1, 1), "");
  EXPECT_EQ(table.cell(2, 0), "");
  EXPECT_EQ(table.cell(2, 1), "y");
  EXPECT_EQ(table.line(1), 3);
  EXPECT_EQ(table.line(2), 5);
}

TEST(CsvTest, TakesEveryLineEndAndAByteOrderMark) {
  for (const char* bytes :
       {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4",
        "\xEF\xBB\xBF"
        "a,b\n1,2\n3,4",
        "\"a\",\"b\"\r\n\"1\",\"2\"\r\n3,4"}) {
    const CsvTable table = Table(bytes);
    EXPECT_THAT(table.columns(), ElementsAre("a", "b"));
    ASSERT_EQ(table.rows(), 2) << bytes;
    EXPECT_EQ(table.line(1), 3);
    EXPECT_THAT(*table.Numbers(1), ElementsAre(2.0, 4.0));
  }
}

TEST(CsvTest, SkipsEmptyLinesAndCountsThem) {
  const CsvTable table = Table("\na\n\n1\n\n\n2\n\n");
  ASSERT_EQ(table.rows(), 2);
  EXPECT_EQ(table.line(0), 4);
  EXPECT_EQ(table.line(1), 7);
}

TEST(CsvTest, AHeaderAloneIsATableWithoutRows) {
  EXPECT_EQ(Table("a,b").rows(), 0);
}

TEST(CsvTest, NamesTheLineOfABadRow) {
  EXPECT_EQ(Refusal("a,b\n1,2\n3\n"),
            "data.csv: line 3 has 1 cells; the header has 2");
  EXPECT_EQ(Refusal("a,b\n\"1\n2\",2\n3,4,5\n"),
            "data.csv: line 4 has 3 cells; the header has 2");
  EXPECT_EQ(Refusal("a,b\n1,2\n3,\"4\n5,6\n"),
            "data.csv: line 3: a quote is opened and never closed");
  EXPECT_EQ(Refusal("a,b\n1,2\n\"x\ny\"z,4\n"),
            "data.csv: line 4: \"z\" follows a closing quote; a comma or the "
            "end of the line must");
}

TEST(CsvTest, RefusesBadHeaders) {
  EXPECT_THAT(Refusal(""), HasSubstr("data.csv: line 1: the file is empty"));
  EXPECT_THAT(Refusal("\n\r\n"), HasSubstr("the file is empty"));
  EXPECT_THAT(Refusal("\xEF\xBB\xBF"), HasSubstr("the file is empty"));
  EXPECT_EQ(Refusal("a,,c\n"), "data.csv: line 1: column 2 has no name");
  EXPECT_EQ(Refusal("a,b, a\n"),
            "data.csv: line 1: two columns are named \"a\"");
}

TEST(CsvTest, NamesTheColumnsThereAre) {
  const auto index = Table("date,temp_max\n").ColumnIndex("temp");
  EXPECT_EQ(index.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(index.status().message(),
            "data.csv: no column \"temp\"; there are: date, temp_max");
}

TEST(CsvTest, ReadsNumbersAndMissingOnes) {
  const auto numbers =
      Table("x,y\n1,\n-2.5e-3,\n+7, \n .5 ,NaN\n1e308,NA\n5e-324,null\n")
          .Numbers(0);
  ASSERT_TRUE(numbers.ok()) << numbers.status();
  EXPECT_THAT(*numbers, ElementsAre(1.0, -2.5e-3, 7.0, 0.5, 1e308, 5e-324));
  const auto missing =
      Table("x,y\n1,\n2,  \n3,NaN\n4,nan\n5,NA\n6,null\n7,\"\"\n").Numbers(1);
  ASSERT_TRUE(missing.ok()) << missing.status();
  ASSERT_EQ(missing->size(), 7u);
  for (double value : *missing) EXPECT_TRUE(std::isnan(value));
}

TEST(CsvTest, NamesTheLineOfABadCell) {
  EXPECT_EQ(NumbersRefusal("\"12,5\""),
            "data.csv: line 3, column \"b\": \"12,5\" is not a finite number");
}

TEST(CsvTest, RefusesWhatIsNotAFiniteNumber) {
  EXPECT_EQ(NumbersRefusal("abc"),
            "data.csv: line 3, column \"b\": \"abc\" is not a finite number");
  for (const char* cell : {"1.2.3", "inf", "-Infinity", "1e999", "0x10", "1 2",
                           "--1", "+-1", "+", "nan(3)", "-", "1e", "١"}) {
    EXPECT_THAT(NumbersRefusal(cell), EndsWith("is not a finite number"));
  }
}

TEST(CsvTest, NamesAFileThatIsNotThere) {
  const auto table = CsvTable::Read("/nowhere/data.csv");
  EXPECT_EQ(table.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(table.status().message(),
            "/nowhere/data.csv: cannot be opened: No such file or directory");
  EXPECT_FALSE(CsvTable::Read("/").ok());
}

TEST(CsvTest, RandomBytesGiveAStatusOrATable) {
  std::mt19937 random(2);
  int tables = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes;
    for (unsigned i = 0; i < random() % 24; ++i) {
      bytes.push_back("ab1,\"\n\r \xEF\xBB\xBF"[random() % 11]);
    }
    const auto table = CsvTable::Parse(bytes, "x");
    if (!table.ok()) continue;
    ++tables;
    for (int row = 0; row < table->rows(); ++row) {
      for (int c = 0; c < static_cast<int>(table->columns().size()); ++c) {
        EXPECT_LE(table->cell(row, c).size(), bytes.size());
      }
    }
  }
  EXPECT_GT(tables, 0);
}

// Written with quotes wherever they are needed or by chance, any table reads
// back as it was.
TEST(CsvTest, ReadsBackWhatWasWritten) {
  std::mt19937 random(4);
  for (int round = 0; round < 300; ++round) {
    const int width = 1 + random() % 4;
    std::vector<std::string> cells;
    std::string bytes;
    for (int c = 0; c < width; ++c) absl::StrAppend(&bytes, c ? "," : "", c);
    for (int i = 0; i < width * 5; ++i) {
      bytes += i % width ? "," : "\n";
      std::string& cell = cells.emplace_back();
      for (unsigned n = random() % 5; n > 0; --n) {
        cell.push_back("ab\",\n \r"[random() % 7]);
      }
      const bool quoted =
          cell.find_first_of("\",\n\r") != cell.npos || cell.empty();
      if (!quoted && random() % 2) {
        bytes += cell;
        continue;
      }
      bytes += '"';
      for (char c : cell) bytes += c == '"' ? "\"\"" : std::string(1, c);
      bytes += '"';
    }
    const CsvTable table = Table(bytes);
    ASSERT_EQ(table.rows(), 5) << bytes;
    for (int i = 0; i < width * 5; ++i) {
      EXPECT_EQ(table.cell(i / width, i % width), cells[i]) << bytes;
    }
  }
}

TEST(CsvTest, ReadsFiftyThousandRowsFast) {
  const std::string path = (std::filesystem::temp_directory_path() /
                            absl::StrCat("recur-csv-", getpid(), ".csv"))
                               .string();
  {
    std::ofstream file(path);
    file << "time,a,b,c,d,e,f,g\n";
    for (int i = 0; i < 50000; ++i) {
      file << "2016-07-01 00:00:00,5.827000141143799,2.009,1.598,0.462,4.203,"
              "1.34,30.5310001373291\n";
    }
  }
  const auto start = std::chrono::steady_clock::now();
  const auto table = CsvTable::Read(path);
  ASSERT_TRUE(table.ok()) << table.status();
  double sum = 0;
  for (int column = 1; column < 8; ++column) {
    const auto numbers = table->Numbers(column);
    ASSERT_TRUE(numbers.ok()) << numbers.status();
    for (double value : *numbers) sum += value;
  }
  EXPECT_EQ(table->Times(0)->size(), 50000u);
  const std::chrono::duration<double> taken =
      std::chrono::steady_clock::now() - start;
  std::filesystem::remove(path);
  EXPECT_NEAR(sum / 50000, 45.9700002784, 1e-9);
  std::printf("50,000 rows of 8 cells in %.3f s\n", taken.count());
  // Far above what it takes, for sanitizers and busy machines.
  EXPECT_LT(taken.count(), 5.0);
}

}  // namespace
}  // namespace recur
