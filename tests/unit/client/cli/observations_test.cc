#include "client/cli/observations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "client/cli/live_rows.h"

namespace recur::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kDay = 86'400'000'000;

client::ModelInfo Weather() {
  client::ModelInfo model{.name = "weather",
                          .interval = std::chrono::hours(24),
                          .needs_time = true};
  model.inputs = {{.name = "temp", .target = true},
                  {.name = "holiday", .known_ahead = true}};
  return model;
}

CsvTable Parse(const std::string& text) {
  auto table = CsvTable::Parse(text, "w.csv");
  EXPECT_TRUE(table.ok()) << table.status();
  return *table;
}

constexpr char kCsv[] =
    "wind,holiday,date,temp\n"
    "1,0,1970-01-02,10.5\n"
    "2,1,1970-01-03,\n"
    "3,0,1970-01-04,12\n";

TEST(ObservationsTest, FindsInputsByNameInTheModelsOrder) {
  const CsvTable table = Parse(kCsv);
  const auto columns = MapColumns(table, Weather(), "");
  ASSERT_TRUE(columns.ok()) << columns.status();
  EXPECT_THAT(columns->inputs, ElementsAre(3, 1));
  EXPECT_EQ(columns->time, 2);
  const auto rows = ReadObservations(table, *columns);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->rows(), 3);
  EXPECT_THAT(rows->row(0), ElementsAre(10.5, 0));
  EXPECT_TRUE(std::isnan(rows->row(1)[0]));
  EXPECT_THAT(rows->times_us, ElementsAre(kDay, 2 * kDay, 3 * kDay));
  const client::Sequence last = rows->Slice(2, 3);
  EXPECT_THAT(last.values, ElementsAre(12, 0));
  EXPECT_THAT(last.times_us, ElementsAre(3 * kDay));
}

TEST(ObservationsTest, NamesTheColumnThatIsMissing) {
  const auto columns = MapColumns(Parse("date,temp\n"), Weather(), "");
  EXPECT_EQ(columns.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(columns.status().message(),
            "w.csv: no column \"holiday\", which model \"weather\" takes; "
            "there are: date, temp");
}

TEST(ObservationsTest, SaysWhenTimesAreNeededAndNotThere) {
  const auto columns = MapColumns(Parse("day,temp,holiday\n"), Weather(), "");
  EXPECT_THAT(columns.status().message(),
              HasSubstr("needs times, and there is no column time, date, "
                        "timestamp, datetime; name one with --time"));
  EXPECT_EQ(MapColumns(Parse("day,temp,holiday\n"), Weather(), "day")->time, 0);
}

TEST(ObservationsTest, ReadsNoTimesForAModelThatDoesNotLookAtThem) {
  client::ModelInfo model = Weather();
  model.interval = std::chrono::microseconds(0);
  model.needs_time = false;
  const CsvTable table = Parse("date,temp,holiday\nsoon,1,0\n");
  const auto columns = MapColumns(table, model, "");
  EXPECT_EQ(columns->time, -1);
  EXPECT_THAT(ReadObservations(table, *columns)->times_us, IsEmpty());
}

TEST(ObservationsTest, CategoriesAreReadByTheirNames) {
  client::ModelInfo model = Weather();
  model.interval = std::chrono::microseconds(0);
  model.needs_time = false;
  model.inputs[1] = {.name = "site", .categories = {"north", "south"}};
  const CsvTable table = Parse("site,temp\nsouth,7\nnorth,8\n");
  const auto rows = ReadObservations(table, *MapColumns(table, model, ""));
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(rows->values, ElementsAre(7, 1, 8, 0));
  const CsvTable other = Parse("site,temp\nwest,7\n");
  EXPECT_THAT(
      ReadObservations(other, *MapColumns(other, model, "")).status().message(),
      HasSubstr("line 2, column \"site\": \"west\" is not known"));
}

TEST(ObservationsTest, KnownInputsAreThoseOfTheRowsAhead) {
  const CsvTable table = Parse(kCsv);
  const auto rows = ReadObservations(table, *MapColumns(table, Weather(), ""));
  EXPECT_THAT(KnownAhead(*rows, Weather(), 1, 2), ElementsAre(1, 0));
  EXPECT_THAT(KnownAhead(*rows, Weather(), 2, 2), IsEmpty());
}

TEST(ObservationsTest, ReadsStandardInput) {
  std::istringstream in("a,b\n1,2\n");
  const auto table = ReadTable("-", in);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->rows(), 1);
  EXPECT_EQ(table->path(), "standard input");
}

// Gives out one line per read, and remembers how many were taken.
class LineSource : public std::stringbuf {
 public:
  explicit LineSource(std::vector<std::string> lines)
      : lines_(std::move(lines)) {}
  int taken() const { return taken_; }

 protected:
  int_type underflow() override {
    if (taken_ == static_cast<int>(lines_.size())) return traits_type::eof();
    std::string& line = lines_[taken_++];
    setg(line.data(), line.data(), line.data() + line.size());
    return traits_type::to_int_type(line[0]);
  }

 private:
  std::vector<std::string> lines_;
  int taken_ = 0;
};

TEST(LiveRowsTest, ARowIsThereAsSoonAsItsLineIs) {
  LineSource source(
      {"date,temp,holiday\n", "1970-01-02,1,0\n", "1970-01-03,2,1\n"});
  std::istream in(&source);
  auto rows = LiveRows::Create(&in, "stdin", Weather(), "");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(source.taken(), 1);
  const auto first = rows->Next();
  ASSERT_TRUE(first.ok() && first->has_value());
  EXPECT_EQ(source.taken(), 2);
  EXPECT_THAT((*first)->values, ElementsAre(1, 0));
  EXPECT_THAT((*first)->times_us, ElementsAre(kDay));
  EXPECT_THAT((*rows->Next())->values, ElementsAre(2, 1));
  const auto end = rows->Next();
  EXPECT_TRUE(end.ok() && !end->has_value());
}

TEST(LiveRowsTest, NamesTheLineOfABadCell) {
  std::istringstream in(
      "date,temp,holiday\n1970-01-02,1,0\n\n1970-01-03,warm,0\n");
  auto rows = LiveRows::Create(&in, "stdin", Weather(), "");
  ASSERT_TRUE(rows->Next().ok());
  const auto bad = rows->Next();
  EXPECT_EQ(bad.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(bad.status().message(),
              HasSubstr("stdin: line 4, column \"temp\": \"warm\""));
}

TEST(LiveRowsTest, AQuotedCellMayHoldALineEnd) {
  std::istringstream in(
      "date,temp,holiday,note\n1970-01-02,1,0,\"two\nlines\"\n"
      "1970-01-03,2,0,\n");
  auto rows = LiveRows::Create(&in, "stdin", Weather(), "");
  EXPECT_THAT((*rows->Next())->values, ElementsAre(1, 0));
  EXPECT_THAT((*rows->Next())->values, ElementsAre(2, 0));
  EXPECT_FALSE(rows->Next()->has_value());
}

TEST(LiveRowsTest, AnEmptyInputIsAnError) {
  std::istringstream in("");
  EXPECT_THAT(LiveRows::Create(&in, "stdin", Weather(), "").status().message(),
              HasSubstr("stdin"));
}

}  // namespace
}  // namespace recur::cli
