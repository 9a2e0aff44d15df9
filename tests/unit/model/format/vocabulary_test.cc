#include "model/format/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/spec/utf8.h"
#include "tests/unit/model/format/model_fixtures.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Refusal(const std::string& bytes) {
  const auto entries = DecodeVocabulary(bytes);
  EXPECT_EQ(entries.status().code(), absl::StatusCode::kDataLoss) << bytes;
  return std::string(entries.status().message());
}

TEST(VocabularyTest, WritesOneEscapedEntryPerLine) {
  EXPECT_EQ(EncodeVocabulary({"pump", " ", "\n", "\\", "a b", "ß", "\xff",
                              std::string(1, '\0'), "\x7f", "\t\r"}),
            "pump\n\\s\n\\n\n\\\\\na\\sb\nß\n\\xFF\n\\x00\n\\x7F\n\\t\\r\n");
}

TEST(VocabularyTest, ReadsBackEveryByteAndPairOfBytes) {
  std::vector<std::string> entries;
  for (int first = 0; first < 256; ++first) {
    entries.push_back(std::string(1, static_cast<char>(first)));
    for (int second = 0; second < 256; ++second) {
      entries.push_back(entries[first * 257] + static_cast<char>(second));
    }
  }
  const std::string bytes = EncodeVocabulary(entries);
  EXPECT_TRUE(IsUtf8(bytes));
  const auto back = DecodeVocabulary(bytes);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(*back == entries);
}

TEST(VocabularyTest, ReadsWhatPeopleWriteByHand) {
  const auto entries = DecodeVocabulary("a b\n\\x41\\x0a\n");
  ASSERT_TRUE(entries.ok()) << entries.status();
  EXPECT_THAT(*entries, ElementsAre("a b", "A\n"));
}

TEST(VocabularyTest, RefusesWhatIsNotAVocabulary) {
  EXPECT_EQ(Refusal("a\nb"), "line 2 has no end: the file is truncated");
  EXPECT_EQ(Refusal("a\n\nb\n"), "line 2, \"\", is empty");
  EXPECT_EQ(Refusal("a\nb\na\n"), "line 3, \"a\", is there twice");
  EXPECT_EQ(Refusal("a\n\\x61\n"), "line 2, \"\\\\x61\", is there twice");
  for (const char* bad : {"\\\n", "\\q\n", "\\x\n", "\\x4\n", "\\x4g\n"}) {
    EXPECT_THAT(Refusal(bad), HasSubstr("has an escape other than"));
  }
  // As from an editor that ends lines otherwise: no text would have the word.
  for (const char* bad : {"pump\r\n", "a\tb\n", "\xff\n", "\x7f\n"}) {
    EXPECT_THAT(Refusal(bad), HasSubstr("has a byte that must be written as"));
  }
}

}  // namespace
}  // namespace recur
