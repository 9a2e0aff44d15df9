#include "model/spec/precision.h"

#include <gtest/gtest.h>

#include <string>

namespace recur {
namespace {

TEST(PrecisionTest, NamesReadBack) {
  for (Precision precision : {Precision::kF32, Precision::kBf16}) {
    const auto parsed = ParsePrecision(PrecisionName(precision));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(*parsed, precision);
  }
}

TEST(PrecisionTest, WhatItIsNotIsToldTheChoices) {
  const absl::Status status = ParsePrecision("fp8").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "precision is \"fp8\"; it must be f32 or bf16");
  for (const char* name : {"", "BF16", "bf16 ", "float32", "int8"}) {
    EXPECT_FALSE(ParsePrecision(name).ok()) << name;
  }
}

TEST(PrecisionTest, HostileNamesAreEscapedAndCut) {
  const std::string name = "\n\"" + std::string(5000, 'x');
  const std::string message(ParsePrecision(name).status().message());
  EXPECT_EQ(message.find('\n'), message.npos);
  EXPECT_LT(message.size(), 130u);
}

}  // namespace
}  // namespace recur
