#include "model/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kDay = int64_t{86400} * 1000000;

CsvTable Table(absl::string_view bytes) {
  auto table = CsvTable::Parse(bytes, "data.csv");
  EXPECT_TRUE(table.ok()) << table.status();
  return *std::move(table);
}

template <typename T>
std::string Refusal(const absl::StatusOr<T>& result) {
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(result.status().message());
}

TEST(ReadSeriesTest, TakesColumnsInTheOrderTheyAreNamed) {
  const auto series = ReadSeries(
      Table("t,a,b,c\n2012-01-01,1,2,x\n2012-01-02,3,,y\n"), {{"b", "a"}, "t"});
  ASSERT_TRUE(series.ok()) << series.status();
  EXPECT_THAT(series->columns, ElementsAre("b", "a"));
  ASSERT_EQ(series->rows(), 2);
  EXPECT_EQ(series->values[0], 2.0);
  EXPECT_EQ(series->values[1], 1.0);
  EXPECT_TRUE(std::isnan(series->values[2]));
  EXPECT_EQ(series->values[3], 3.0);
  EXPECT_EQ(series->times[1] - series->times[0], kDay);
  EXPECT_EQ(series->interval, std::chrono::hours(24));
  EXPECT_THAT(series->gaps, IsEmpty());
}

TEST(ReadSeriesTest, WithoutATimeColumnHasNoTimesAndNoInterval) {
  const auto series = ReadSeries(Table("a\n1\n2\n3\n"), {{"a"}, ""});
  ASSERT_TRUE(series.ok()) << series.status();
  EXPECT_EQ(series->rows(), 3);
  EXPECT_THAT(series->times, IsEmpty());
  EXPECT_EQ(series->interval.count(), 0);
  EXPECT_THAT(series->gaps, IsEmpty());
}

TEST(ReadSeriesTest, FindsTheIntervalAndTheGaps) {
  const auto series =
      ReadSeries(Table("t,a\n0,1\n60,1\n120,1\n300,1\n360,1\n400,1\n460,1\n"),
                 {{"a"}, "t"});
  ASSERT_TRUE(series.ok()) << series.status();
  EXPECT_EQ(series->interval, std::chrono::minutes(1));
  EXPECT_THAT(series->gaps,
              ElementsAre(SeriesGap{3, 5, std::chrono::minutes(3)},
                          SeriesGap{5, 7, std::chrono::seconds(40)}));
}

TEST(ReadSeriesTest, OfEquallyCommonDifferencesTheSmallestIsTheInterval) {
  const auto series = ReadSeries(Table("t,a\n0,1\n7,1\n10,1\n"), {{"a"}, "t"});
  ASSERT_TRUE(series.ok()) << series.status();
  EXPECT_EQ(series->interval, std::chrono::seconds(3));
  const auto single = ReadSeries(Table("t,a\n0,1\n"), {{"a"}, "t"});
  ASSERT_TRUE(single.ok()) << single.status();
  EXPECT_EQ(single->interval.count(), 0);
}

TEST(ReadSeriesTest, RefusesTimesThatDoNotAscend) {
  EXPECT_EQ(Refusal(ReadSeries(Table("t,a\n2012-01-02,1\n\n2012-01-02,2\n"),
                               {{"a"}, "t"})),
            "data.csv: line 4, column \"t\": 2012-01-02 is not after "
            "2012-01-02 on line 2; times must ascend");
  EXPECT_THAT(Refusal(ReadSeries(Table("t,a\n5,1\n6,1\n4,2\n"), {{"a"}, "t"})),
              HasSubstr("line 4, column \"t\": 1970-01-01T00:00:04Z is not "
                        "after 1970-01-01T00:00:06Z on line 3"));
}

TEST(ReadSeriesTest, RefusesWhatIsNotThere) {
  EXPECT_EQ(Refusal(ReadSeries(Table("a\n"), {{"a"}, ""})),
            "data.csv: no rows follow the header");
  EXPECT_EQ(Refusal(ReadSeries(Table("a\n1\n"), {{}, ""})),
            "data.csv: no value columns are named");
  EXPECT_EQ(Refusal(ReadSeries(Table("a\n1\n"), {{"a", "a"}, ""})),
            "data.csv: the column \"a\" is named twice");
  EXPECT_EQ(ReadSeries(Table("a\n1\n"), {{"b"}, ""}).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadSeries(Table("a\n1\n"), {{"a"}, "t"}).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Refusal(ReadSeries(Table("a\n1\nx\n"), {{"a"}, ""})),
            "data.csv: line 3, column \"a\": \"x\" is not a finite number");
}

TEST(ReadSeriesTest, ReadsTheSeattleWeather) {
  const std::string path =
      RECUR_SOURCE_DIR "/deploy/examples/seattle_weather.csv";
  const auto table = CsvTable::Read(path);
  ASSERT_TRUE(table.ok()) << table.status();
  const auto series = ReadSeries(*table, {{"temp_max", "wind"}, "date"});
  ASSERT_TRUE(series.ok()) << series.status();
  EXPECT_EQ(series->rows(), 1461);  // 2012 to 2015
  EXPECT_EQ(series->interval, std::chrono::hours(24));
  EXPECT_THAT(series->gaps, IsEmpty());
  EXPECT_EQ(series->values[0], 12.8);
  EXPECT_EQ(series->values[1], 4.7);
}

const SequenceColumns kColumns = {{"x", "y"}, "id", "label", "t"};

TEST(ReadLabelledSequencesTest, GathersRowsOfAnIdInFileOrder) {
  const auto sequences = ReadLabelledSequences(
      Table("id,t,x,y,label\n7,1,1,2,on\n3,1,5,6,off\n7,2,3,,on\n"), kColumns);
  ASSERT_TRUE(sequences.ok()) << sequences.status();
  ASSERT_EQ(sequences->size(), 2u);
  const LabelledSequence& first = (*sequences)[0];
  EXPECT_EQ(first.id, "7");
  EXPECT_EQ(first.label, "on");
  EXPECT_THAT(first.lines, ElementsAre(2, 4));
  EXPECT_THAT(first.labels, IsEmpty());
  EXPECT_THAT(first.times, ElementsAre(1000000, 2000000));
  ASSERT_EQ(first.values.size(), 4u);
  EXPECT_EQ(first.values[2], 3.0);
  EXPECT_TRUE(std::isnan(first.values[3]));
  const LabelledSequence& second = (*sequences)[1];
  EXPECT_EQ(second.label, "off");
  EXPECT_THAT(second.lines, ElementsAre(3));
  EXPECT_THAT(second.values, ElementsAre(5.0, 6.0));
}

TEST(ReadLabelledSequencesTest, NeedsNoTimes) {
  const auto sequences = ReadLabelledSequences(
      Table("id,x,label\na,1,on\na,1,on\n"), {{"x"}, "id", "label", ""});
  ASSERT_TRUE(sequences.ok()) << sequences.status();
  EXPECT_THAT(sequences->at(0).values, ElementsAre(1.0, 1.0));
  EXPECT_THAT(sequences->at(0).times, IsEmpty());
}

TEST(ReadLabelledSequencesTest, AsksForTheIdAndTheLabel) {
  const CsvTable table = Table("id,x,label\na,1,on\n");
  EXPECT_EQ(Refusal(ReadLabelledSequences(table, {{"x"}, "", "label", ""})),
            "data.csv: no column is named for the sequence id; it tells which "
            "rows belong together");
  EXPECT_EQ(Refusal(ReadLabelledSequences(table, {{"x"}, "id", "", ""})),
            "data.csv: no column is named for the label");
  EXPECT_EQ(Refusal(ReadLabelledSequences(table, {{}, "id", "label", ""})),
            "data.csv: no value columns are named");
}

TEST(ReadLabelledSequencesTest, NamesTheLineOfABadRow) {
  const auto refusal = [](const char* rows) {
    return Refusal(ReadLabelledSequences(
        Table(std::string("id,t,x,y,label\n7,1,1,2,on\n") + rows), kColumns));
  };
  EXPECT_EQ(refusal("3,1,1,2,on\n7,2,1,2,off\n"),
            "data.csv: line 4, column \"label\": sequence \"7\" has the label "
            "\"off\" here and \"on\" on line 2; a sequence has one label, "
            "unless every row is said to have its own (--label-per-step)");
  EXPECT_EQ(refusal("3,2,1,2,on\n7,1,1,2,on\n"),
            "data.csv: line 4, column \"t\": 1970-01-01T00:00:01Z is not after "
            "1970-01-01T00:00:01Z on line 2; times must ascend");
  EXPECT_EQ(refusal(" ,2,1,2,on\n"),
            "data.csv: line 3, column \"id\": the cell is empty");
  EXPECT_EQ(refusal("7,2,1,2,\n"),
            "data.csv: line 3, column \"label\": the cell is empty");
}

TEST(ReadLabelledSequencesTest, ReadsALabelPerStep) {
  SequenceColumns columns = kColumns;
  columns.label_per_step = true;
  const char* const rows =
      "id,t,x,y,label\n7,1,1,2,on\n3,1,5,6,off\n7,2,3,4,off\n";
  const auto sequences = ReadLabelledSequences(Table(rows), columns);
  ASSERT_TRUE(sequences.ok()) << sequences.status();
  ASSERT_EQ(sequences->size(), 2u);
  EXPECT_THAT(sequences->at(0).labels, ElementsAre("on", "off"));
  EXPECT_EQ(sequences->at(0).label, "");

  // Without an id all rows are one stream.
  columns.id = "";
  columns.time = "";
  const auto stream = ReadLabelledSequences(Table(rows), columns);
  ASSERT_TRUE(stream.ok()) << stream.status();
  ASSERT_EQ(stream->size(), 1u);
  EXPECT_THAT(stream->at(0).labels, ElementsAre("on", "off", "off"));
  EXPECT_THAT(stream->at(0).values, ElementsAre(1, 2, 5, 6, 3, 4));
}

TEST(ReadLabelledTextsTest, ReadsOnePerRow) {
  const auto texts = ReadLabelledTexts(
      Table("label,text\nleak,\"oil, below pump\n7\"\n wear , worn belt\n"),
      "text", "label");
  ASSERT_TRUE(texts.ok()) << texts.status();
  ASSERT_EQ(texts->size(), 2u);
  EXPECT_EQ(texts->at(0).text, "oil, below pump\n7");
  EXPECT_EQ(texts->at(0).label, "leak");
  EXPECT_EQ(texts->at(1).text, " worn belt");
  EXPECT_EQ(texts->at(1).label, "wear");
  EXPECT_EQ(texts->at(1).line, 4);
}

TEST(ReadLabelledTextsTest, RefusesEmptyTextsLabelsAndTables) {
  EXPECT_EQ(Refusal(ReadLabelledTexts(Table("a,b\nx,y\n \t,y\n"), "a", "b")),
            "data.csv: line 3, column \"a\": the cell is empty");
  EXPECT_EQ(Refusal(ReadLabelledTexts(Table("a,b\nx,\n"), "a", "b")),
            "data.csv: line 2, column \"b\": the cell is empty");
  EXPECT_EQ(Refusal(ReadLabelledTexts(Table("a,b\n"), "a", "b")),
            "data.csv: no rows follow the header");
  EXPECT_EQ(Refusal(ReadLabelledTexts(Table("a,b\n"), "", "b")),
            "data.csv: no column is named for the text");
}

}  // namespace
}  // namespace recur
