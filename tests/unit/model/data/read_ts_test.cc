#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "model/data/dataset.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

constexpr char kHead[] =
    "#A comment: with a colon\n"
    "@problemName Pumps\n@timeStamps false\n@missing true\n"
    "@univariate false\n@classLabel true idle busy\n@data\n";

std::string Refusal(const std::string& bytes) {
  const auto file = ParseTs(bytes, "pumps.ts");
  EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(file.status().message());
}

TEST(ReadTsTest, ReadsDimensionsOfSequencesOfDifferentLengths) {
  const auto file =
      ParseTs(std::string(kHead) + "1,2,3:4,?,6.5:idle\r\n\n-1e-3:7: busy \n",
              "pumps.ts");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->columns, ElementsAre("dim_0", "dim_1"));
  ASSERT_EQ(file->sequences.size(), 2u);
  const LabelledSequence& first = file->sequences[0];
  EXPECT_EQ(first.label, "idle");
  EXPECT_THAT(first.lines, ElementsAre(8, 8, 8));
  ASSERT_EQ(first.values.size(), 6u);
  EXPECT_EQ(first.values[0], 1.0);
  EXPECT_EQ(first.values[1], 4.0);
  EXPECT_TRUE(std::isnan(first.values[3]));
  EXPECT_EQ(first.values[5], 6.5);
  const LabelledSequence& second = file->sequences[1];
  EXPECT_EQ(second.label, "busy");
  EXPECT_THAT(second.values, ElementsAre(-1e-3, 7.0));
  EXPECT_THAT(second.lines, ElementsAre(10));
}

TEST(ReadTsTest, OneDimensionIsTheValue) {
  const auto file = ParseTs("@data\n1,2:a\n3:b", "pumps.ts");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->columns, ElementsAre("value"));
  EXPECT_EQ(file->sequences.size(), 2u);
}

TEST(ReadTsTest, NamesTheLineThatIsWrong) {
  EXPECT_EQ(Refusal("@data\n1,2:a\n1,hot:a\n"),
            "pumps.ts: line 3: value 2 of dimension 0: \"hot\" is not a finite "
            "number; a missing value is \"?\"");
  EXPECT_EQ(Refusal("@data\n1,2:3,4:a\n1,2:3:a\n"),
            "pumps.ts: line 3: dimension 1 has 1 values; the first one has 2");
  EXPECT_EQ(Refusal("@data\n1,2:3,4:a\n1,2:a\n"),
            "pumps.ts: line 3: 2 dimensions and a label are separated by "
            "\":\"; 2 parts are here");
  EXPECT_EQ(Refusal("@data\n1,2: \n"), "pumps.ts: line 2: the label is empty");
  EXPECT_EQ(Refusal("1,2:a\n"),
            "pumps.ts: line 1: a header line that begins with \"@\", or "
            "\"@data\" must come before the first sequence");
  EXPECT_EQ(Refusal("@data\n"),
            "pumps.ts: line 1: no sequence follows "
            "\"@data\"");
  EXPECT_EQ(Refusal(""),
            "pumps.ts: line 1: there is no \"@data\" line in the file");
}

TEST(ReadTsTest, RefusesFilesThatAreNotOfLabelledSequences) {
  EXPECT_EQ(Refusal("@timeStamps true\n"),
            "pumps.ts: line 1: values with timestamps are not read; write the "
            "file without them");
  EXPECT_EQ(Refusal("@classLabel false\n"),
            "pumps.ts: line 1: the sequences have no labels; a classifier "
            "needs \"@classLabel true\"");
  EXPECT_EQ(Refusal("@targetLabel true\n"),
            "pumps.ts: line 1: the labels are numbers to predict; a classifier "
            "needs \"@classLabel true\"");
}

TEST(ReadTsTest, SaysHowToUnpackOrRecodeAFile) {
  EXPECT_EQ(Refusal("\x1F\x8B\x08"),
            "pumps.ts: line 1: the file is compressed; unpack it with "
            "`gunzip`");
  EXPECT_EQ(Refusal("@data\n1:caf\xE9\n"),
            "pumps.ts: line 2: byte 0xE9 is not UTF-8 text; save the file as "
            "UTF-8, for example with `iconv -f WINDOWS-1252 -t UTF-8`");
  EXPECT_EQ(Refusal("\xFF\xFE@"),
            "pumps.ts: line 1: the file is UTF-16; save it as UTF-8, for "
            "example with `iconv -f UTF-16 -t UTF-8`");
}

}  // namespace
}  // namespace recur
