#include "model/format/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "tests/unit/model/format/model_fixtures.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string LittleEndian(uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i)
    bytes.push_back(static_cast<char>(value >> 8 * i));
  return bytes;
}

std::string Container(const std::string& header, const std::string& data) {
  return LittleEndian(header.size()) + header + data;
}

std::string Refusal(const std::string& bytes) {
  const auto weights = DecodeSafetensors(bytes);
  EXPECT_EQ(weights.status().code(), absl::StatusCode::kDataLoss);
  return std::string(weights.status().message());
}

std::string OneTensor(const std::string& entry, size_t data_bytes) {
  return Container("{\"a\":" + entry + "}", std::string(data_bytes, '\0'));
}

// 1.0f, -2.5f and 0.15625f as the IEEE 754 standard spells them.
constexpr char kFloats[] =
    "\x00\x00\x80\x3f"
    "\x00\x00\x20\xc0"
    "\x00\x00\x20\x3e";

TEST(SafetensorsTest, ReadsBytesWrittenByHand) {
  const std::string data(kFloats, 12);
  const auto weights = DecodeSafetensors(Container(
      "{\"__metadata__\":{\"format\":\"pt\"},"
      "\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]},"
      "\"a\":{\"data_offsets\":[0,8],\"shape\":[1,2],\"dtype\":\"F32\"}}   ",
      data));
  ASSERT_TRUE(weights.ok()) << weights.status();
  ASSERT_EQ(weights->size(), 2u);
  EXPECT_THAT(weights->at("a").dims, ElementsAre(1, 2));
  EXPECT_THAT(weights->at("a").values, ElementsAre(1.0f, -2.5f));
  EXPECT_TRUE(weights->at("b").dims.empty());
  EXPECT_THAT(weights->at("b").values, ElementsAre(0.15625f));
}

TEST(SafetensorsTest, WritesTheBytesThatThePageDescribes) {
  Weights weights;
  weights["z"] = {{1}, {0.15625f}};
  weights["a.b"] = {{2, 1}, {1.0f, -2.5f}};
  std::string header =
      "{\"a.b\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[0,8]},"
      "\"z\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]}}";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  EXPECT_EQ(EncodeSafetensors(weights),
            Container(header, std::string(kFloats, 12)));
}

TEST(SafetensorsTest, EveryKindOfWeightsReadsBackAsItWas) {
  for (const Model& model : AllModels()) {
    const std::string bytes = EncodeSafetensors(model.weights);
    const auto weights = DecodeSafetensors(bytes);
    ASSERT_TRUE(weights.ok()) << weights.status();
    EXPECT_TRUE(*weights == model.weights);
  }
}

TEST(SafetensorsTest, KeepsEveryFiniteBitPattern) {
  Weights weights;
  weights["x"] = {{5},
                  {-0.0f, std::numeric_limits<float>::denorm_min(),
                   std::numeric_limits<float>::max(), 1e-40f, 0.1f}};
  const auto back = DecodeSafetensors(EncodeSafetensors(weights));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(
      std::memcmp(back->at("x").values.data(), weights["x"].values.data(), 20),
      0);
}

TEST(SafetensorsTest, AnEmptySetOfTensorsIsAFile) {
  const auto weights = DecodeSafetensors(EncodeSafetensors({}));
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_TRUE(weights->empty());
}

TEST(SafetensorsTest, RefusesHeaderLengthsBeyondTheFileOrTheLimit) {
  EXPECT_EQ(Refusal(""), "0 bytes; a header length needs 8");
  EXPECT_EQ(Refusal(LittleEndian(3) + "{}"),
            "header length 3; 2 bytes follow it and the limit is 16777216");
  EXPECT_THAT(Refusal(LittleEndian(~uint64_t{0}) + "{}"),
              HasSubstr("header length 18446744073709551615"));
  const std::string long_header((16 << 20) + 8, ' ');
  EXPECT_THAT(Refusal(Container("{}" + long_header, "")),
              HasSubstr("the limit is 16777216"));
}

TEST(SafetensorsTest, RefusesBadHeaders) {
  EXPECT_THAT(Refusal(Container("[]", "")), HasSubstr("header: not a JSON"));
  EXPECT_THAT(Refusal(Container("{\"a\":", "")), HasSubstr("not JSON"));
  EXPECT_THAT(Refusal(Container("{\"a\":{},\"a\":{}}", "")),
              HasSubstr("\"a\" is given twice"));
  EXPECT_THAT(Refusal(Container("{\"a\":[[[[[[[[[[[[0]]]]]]]]]]]]}", "")),
              HasSubstr("levels deep"));
  EXPECT_THAT(Refusal(Container("{\"a\":{\"dtype\":\"F32\"}}", "")),
              HasSubstr("exactly dtype, shape and data_offsets"));
  EXPECT_THAT(Refusal(Container("{\"a\":3}", "")), HasSubstr("tensor \"a\""));
}

TEST(SafetensorsTest, RefusesOtherTypes) {
  EXPECT_EQ(Refusal(OneTensor(
                R"({"dtype":"F64","shape":[1],"data_offsets":[0,8]})", 8)),
            "tensor \"a\" has dtype \"F64\"; only \"F32\" is read");
  EXPECT_EQ(
      Refusal(OneTensor(R"({"dtype":7,"shape":[1],"data_offsets":[0,4]})", 4)),
      "tensor \"a\" has dtype number; only \"F32\" is read");
}

TEST(SafetensorsTest, RefusesHolesOverlapsAndWrongEnds) {
  const auto two = [](const std::string& a, const std::string& b) {
    return Container(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" + a +
            "},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":" + b +
            "}}",
        std::string(8, '\0'));
  };
  EXPECT_TRUE(DecodeSafetensors(two("[4,8]", "[0,4]")).ok());
  EXPECT_EQ(Refusal(two("[0,4]", "[5,9]")),
            "tensor \"b\" begins at byte 5 of the data; the one before ends at "
            "4: a hole");
  EXPECT_EQ(Refusal(two("[0,4]", "[3,7]")),
            "tensor \"b\" begins at byte 3 of the data; the one before ends at "
            "4: an overlap");
  EXPECT_THAT(Refusal(two("[0,4]", "[0,4]")), HasSubstr("overlap"));
  EXPECT_THAT(Refusal(two("[4,8]", "[8,12]")), HasSubstr("hole"));
  EXPECT_THAT(Refusal(two("[8,4]", "[0,4]")), HasSubstr("[begin, end]"));
  EXPECT_THAT(Refusal(two("[-4,0]", "[0,4]")), HasSubstr("[begin, end]"));
  EXPECT_THAT(Refusal(two("[0,4]",
                          "[18446744073709551612,"
                          "18446744073709551615]")),
              HasSubstr("[begin, end]"));
  EXPECT_EQ(Refusal(OneTensor(
                R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 7)),
            "tensor \"a\" ends at byte 8 of the data, which has 7: the file is "
            "truncated");
  EXPECT_EQ(Refusal(OneTensor(
                R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})", 9)),
            "1 bytes follow the last tensor's data");
}

TEST(SafetensorsTest, RefusesShapesThatOverflowOrDoNotFit) {
  EXPECT_EQ(
      Refusal(
          OneTensor(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})", 8)),
      "tensor \"a\" has shape [3], which needs 12 bytes; its data_offsets span "
      "8");
  EXPECT_THAT(
      Refusal(OneTensor(R"({"dtype":"F32","shape":[4294967296,4294967296],)"
                        R"("data_offsets":[0,0]})",
                        0)),
      HasSubstr("overflows 64 bits"));
  EXPECT_THAT(
      Refusal(OneTensor(R"({"dtype":"F32","shape":[4611686018427387904],)"
                        R"("data_offsets":[0,0]})",
                        0)),
      HasSubstr("overflows 64 bits"));
  EXPECT_THAT(Refusal(OneTensor(
                  R"({"dtype":"F32","shape":[-1],"data_offsets":[0,4]})", 4)),
              HasSubstr("not a whole number"));
  EXPECT_THAT(Refusal(OneTensor(R"({"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],)"
                                R"("data_offsets":[0,4]})",
                                4)),
              HasSubstr("at most 8"));
}

TEST(SafetensorsTest, RefusesValuesThatAreNotFinite) {
  Weights weights;
  weights["w"] = {{3}, {0.0f, 1.0f, std::nanf("")}};
  EXPECT_EQ(Refusal(EncodeSafetensors(weights)),
            "tensor \"w\" has nan at index 2; every value must be finite");
  weights["w"].values = {0.0f, -INFINITY, 0.0f};
  EXPECT_EQ(Refusal(EncodeSafetensors(weights)),
            "tensor \"w\" has -inf at index 1; every value must be finite");
}

TEST(SafetensorsTest, EveryTruncationIsRefused) {
  const std::string bytes = EncodeSafetensors(SmallModel().weights);
  for (size_t size = 0; size < bytes.size(); ++size) {
    Refusal(bytes.substr(0, size));
  }
}

TEST(SafetensorsTest, RandomChangesOfBytesGiveAStatusOrWholeTensors) {
  const std::string original = EncodeSafetensors(SmallModel().weights);
  std::mt19937 random(5);
  int read = 0;
  for (int round = 0; round < 6000; ++round) {
    std::string bytes = original;
    for (unsigned change = 0; change <= random() % 4; ++change) {
      bytes[random() % bytes.size()] =
          random() % 2 ? static_cast<char>(random())
                       : "0123456789{}[]\",:"[random() % 17];
    }
    const auto weights = DecodeSafetensors(bytes);
    if (!weights.ok()) continue;
    ++read;
    for (const auto& [name, tensor] : *weights) {
      ASSERT_EQ(ElementCount(tensor.dims),
                static_cast<int64_t>(tensor.values.size()));
      for (float value : tensor.values) ASSERT_TRUE(std::isfinite(value));
    }
  }
  EXPECT_GT(read, 0);
}

}  // namespace
}  // namespace recur
