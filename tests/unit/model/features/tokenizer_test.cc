#include "model/features/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const TextSpec kWords = {.unit = TokenUnit::kWord, .lowercase = true};
const TextSpec kCharacters = {.unit = TokenUnit::kCharacter,
                              .lowercase = false};

TEST(TokenizerTest, CutsWordsAndSingleMarks) {
  EXPECT_THAT(SplitText(kWords, "Pump P-7: 30% over, restarted!!"),
              ElementsAre("pump", "p", "-", "7", ":", "30", "%", "over", ",",
                          "restarted", "!", "!"));
}

TEST(TokenizerTest, SpacesAndControlCharactersOnlySeparate) {
  EXPECT_THAT(SplitText(kWords, std::string("\t a\r\nb\x00"
                                            "c\x7f d ",
                                            12)),
              ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(SplitText(kWords, " \n\t"), IsEmpty());
  EXPECT_THAT(SplitText(kWords, ""), IsEmpty());
}

TEST(TokenizerTest, LettersBeyondAsciiBelongToWordsAndKeepTheirCase) {
  EXPECT_THAT(SplitText(kWords, "ÜBER-Öl läuft"),
              ElementsAre("Über", "-", "Öl", "läuft"));
}

TEST(TokenizerTest, KeepsCaseWhenAskedTo) {
  const TextSpec spec = {.unit = TokenUnit::kWord, .lowercase = false};
  EXPECT_THAT(SplitText(spec, "Ab aB"), ElementsAre("Ab", "aB"));
}

TEST(TokenizerTest, CutsUtf8Characters) {
  EXPECT_THAT(SplitText(kCharacters, "aé€😀 z"),
              ElementsAre("a", "é", "€", "😀", " ", "z"));
}

TEST(TokenizerTest, ControlCharactersCountAsSpaces) {
  EXPECT_THAT(SplitText(kCharacters, "a\nb\tc"),
              ElementsAre("a", " ", "b", " ", "c"));
}

TEST(TokenizerTest, BytesThatAreNotUtf8AreACharacterEach) {
  // A lone continuation, a cut sequence, an overlong form, a surrogate,
  // beyond U+10FFFF, and bytes that never occur.
  EXPECT_THAT(SplitText(kCharacters, "\x80x"), ElementsAre("\x80", "x"));
  EXPECT_THAT(SplitText(kCharacters, "\xe2\x82"), ElementsAre("\xe2", "\x82"));
  EXPECT_THAT(SplitText(kCharacters, "\xe2\x82x"),
              ElementsAre("\xe2", "\x82", "x"));
  EXPECT_THAT(SplitText(kCharacters, "\xc0\xaf"), ElementsAre("\xc0", "\xaf"));
  EXPECT_THAT(SplitText(kCharacters, "\xe0\x9f\xbf"),
              ElementsAre("\xe0", "\x9f", "\xbf"));
  EXPECT_THAT(SplitText(kCharacters, "\xed\xa0\x80"),
              ElementsAre("\xed", "\xa0", "\x80"));
  EXPECT_THAT(SplitText(kCharacters, "\xf4\x90\x80\x80"),
              ElementsAre("\xf4", "\x90", "\x80", "\x80"));
  EXPECT_THAT(SplitText(kCharacters, "\xff\xc3\xa9"),
              ElementsAre("\xff", "\xc3\xa9"));
}

TEST(TokenizerTest, TheLastCharactersOfEachLengthAreWhole) {
  EXPECT_THAT(SplitText(kCharacters,
                        "\x7e\xdf\xbf\xed\x9f\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf"),
              ElementsAre("\x7e", "\xdf\xbf", "\xed\x9f\xbf", "\xef\xbf\xbf",
                          "\xf4\x8f\xbf\xbf"));
}

TEST(TokenizerTest, PiecesOfAnyBytesJoinToTheText) {
  std::string text;
  for (int a = 32; a < 256; ++a) {
    for (int b = 126; b < 256; b += 7) {
      if (a == 127 || b == 127) continue;
      text += static_cast<char>(a);
      text += static_cast<char>(b);
    }
  }
  std::string joined;
  for (const std::string& piece : SplitText(kCharacters, text)) {
    joined += piece;
  }
  EXPECT_EQ(joined, text);
}

TEST(TokenizerTest, EncodesUnknownWordsAsZero) {
  const auto tokenizer = Tokenizer::Create(kWords, {"pump", "leak"});
  ASSERT_TRUE(tokenizer.ok());
  EXPECT_THAT(tokenizer->Encode("Leak at PUMP, leak"),
              ElementsAre(2, 0, 1, 0, 2));
  EXPECT_THAT(tokenizer->Encode("  "), IsEmpty());
}

TEST(TokenizerTest, RefusesDoubledAndEmptyEntries) {
  const absl::Status doubled =
      Tokenizer::Create(kWords, {"a", "b", "a"}).status();
  EXPECT_EQ(doubled.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(doubled.message(),
            "vocabulary entry 3 \"a\" is the same as entry 1");
  const absl::Status empty = Tokenizer::Create(kWords, {"a", ""}).status();
  EXPECT_EQ(empty.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(empty.message(), "vocabulary entry 2 is empty");
}

TEST(TokenizerTest, TheVocabularyIsByFrequencyThenByBytes) {
  const std::vector<std::string> texts = {"b b c", "a c é", "é Z z d"};
  EXPECT_THAT(BuildVocabulary(kWords, texts, 100, 1),
              ElementsAre("b", "c", "z", "é", "a", "d"));
}

TEST(TokenizerTest, TheVocabularyLeavesOutTheRareAndRoomForTheUnknown) {
  const std::vector<std::string> texts = {"a a a b b c"};
  EXPECT_THAT(BuildVocabulary(kWords, texts, 100, 2), ElementsAre("a", "b"));
  EXPECT_THAT(BuildVocabulary(kWords, texts, 2, 1), ElementsAre("a"));
  EXPECT_THAT(BuildVocabulary(kWords, texts, 1, 1), IsEmpty());
  EXPECT_THAT(BuildVocabulary(kWords, {}, 100, 1), IsEmpty());
}

TEST(TokenizerTest, AVocabularyEncodesItsOwnTextsWithoutUnknowns) {
  const std::vector<std::string> texts = {"über 7%, ok\n\xff", "\xc3 A b"};
  for (TextSpec spec : {kWords, kCharacters}) {
    const auto tokenizer =
        Tokenizer::Create(spec, BuildVocabulary(spec, texts, 1000, 1));
    ASSERT_TRUE(tokenizer.ok());
    for (const std::string& text : texts) {
      EXPECT_THAT(tokenizer->Encode(text), ::testing::Each(::testing::Gt(0)));
    }
  }
}

}  // namespace
}  // namespace recur
