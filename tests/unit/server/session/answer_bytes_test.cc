#include "server/session/answer_bytes.h"

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/escaping.h"

namespace recur {
namespace {

StepAnswer After(uint64_t step, Answer answer) {
  return {step, std::make_shared<const Answer>(std::move(answer))};
}

// After steps 8 and 9 of 10.
std::vector<StepAnswer> Two() {
  return {After(8, Forecast{.point = {1.5},
                            .quantiles = {-2.0, 0.5},
                            .warming_up = true,
                            .start_us = -5}),
          After(9, Classification{{0.25f, 0.75f}})};
}

// By hand, from SNAPSHOT.md.
std::string TwoBytes() {
  return absl::HexStringToBytes(
      "02000000"          // 2 steps before the applied one
      "02000000"          // a forecast
      "03000000"          // warming up, with a start
      "01000000"          // points
      "02000000"          // quantiles
      "00000000"          //
      "fbffffffffffffff"  // start
      "000000000000f83f"
      "00000000000000c0"
      "000000000000e03f"
      "01000000"  // 1 step before the applied one
      "01000000"  // a classification
      "02000000"  // labels
      "0000803e"
      "0000403f");
}

TEST(AnswerBytesTest, AreWrittenAsThePageSays) {
  std::string bytes;
  AppendAnswers(Two(), 10, &bytes);
  EXPECT_EQ(absl::BytesToHexString(bytes), absl::BytesToHexString(TwoBytes()));
}

TEST(AnswerBytesTest, AreReadAsThePageSays) {
  const auto back = ParseAnswers(TwoBytes(), 10, 4);
  ASSERT_TRUE(back.ok()) << back.status();
  ASSERT_EQ(back->size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ((*back)[i].step, Two()[i].step);
    EXPECT_EQ(*(*back)[i].answer, *Two()[i].answer);
  }
}

TEST(AnswerBytesTest, EveryShorterOrLongerOneIsRefused) {
  const std::string bytes = TwoBytes() + '\0';
  for (size_t size = 0; size <= bytes.size(); ++size) {
    // The first answer alone is whole as well.
    if (size == 56 || size == TwoBytes().size()) continue;
    EXPECT_FALSE(ParseAnswers(bytes.substr(0, size), 10, 4).ok()) << size;
  }
}

TEST(AnswerBytesTest, OnlyEarlierStepsOfTheWindowHaveOne) {
  EXPECT_TRUE(ParseAnswers(TwoBytes(), 10, 3).ok());
  EXPECT_FALSE(ParseAnswers(TwoBytes(), 10, 2).ok());
  for (const uint32_t age : {0u, 2u, 3u, 0xffffffffu}) {
    std::string forged = TwoBytes();
    forged.replace(56, 4, reinterpret_cast<const char*>(&age), 4);
    EXPECT_FALSE(ParseAnswers(forged, 10, 4).ok()) << age;
  }
}

TEST(AnswerBytesTest, AnyBytesAreSafeToRead) {
  std::mt19937 random(1);
  for (int i = 0; i < 50'000; ++i) {
    std::string forged = TwoBytes();
    for (int changes = 0; changes < 3; ++changes) {
      forged[random() % forged.size()] = static_cast<char>(random());
    }
    const auto answers = ParseAnswers(forged, 10, 4);
    if (answers.ok()) continue;
    EXPECT_EQ(answers.status().code(), absl::StatusCode::kDataLoss);
  }
}

}  // namespace
}  // namespace recur
