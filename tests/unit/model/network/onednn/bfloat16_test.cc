#include "model/network/onednn/bfloat16.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "model/network/random_weights.h"
#include "oneapi/dnnl/dnnl.hpp"

namespace recur {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Bfloat16 Narrow(float value) {
  Bfloat16 narrow = 0;
  ToBfloat16(&value, 1, &narrow);
  return narrow;
}

float Widen(Bfloat16 value) {
  float wide = 0;
  FromBfloat16(&value, 1, &wide);
  return wide;
}

TEST(Bfloat16Test, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(Widen(Narrow(1.0f)), 1.0f);
  EXPECT_EQ(Widen(Narrow(-0.15625f)), -0.15625f);
  constexpr float kUlp = 1.0f / 128;  // of values from 1 to 2
  EXPECT_EQ(Widen(Narrow(1 + 0.49f * kUlp)), 1.0f);
  EXPECT_EQ(Widen(Narrow(1 + 0.51f * kUlp)), 1 + kUlp);
  EXPECT_EQ(Widen(Narrow(1 + 0.5f * kUlp)), 1.0f);
  EXPECT_EQ(Widen(Narrow(1 + 1.5f * kUlp)), 1 + 2 * kUlp);
  EXPECT_EQ(Widen(Narrow(-1 - 1.5f * kUlp)), -1 - 2 * kUlp);
  EXPECT_EQ(Widen(Narrow(1.999f)), 2.0f);
}

TEST(Bfloat16Test, KeepsZerosInfinitiesAndNaNs) {
  EXPECT_EQ(Narrow(0.0f), 0x0000);
  EXPECT_EQ(Narrow(-0.0f), 0x8000);
  EXPECT_EQ(Widen(Narrow(kInfinity)), kInfinity);
  EXPECT_EQ(Widen(Narrow(-kInfinity)), -kInfinity);
  EXPECT_EQ(Widen(Narrow(std::numeric_limits<float>::max())), kInfinity);
  for (uint32_t bits : {0x7fc00000u, 0xffc00000u, 0x7fffffffu, 0xffffffffu,
                        0x7f800001u, 0xff800001u}) {
    EXPECT_TRUE(std::isnan(Widen(Narrow(std::bit_cast<float>(bits))))) << bits;
  }
}

TEST(Bfloat16Test, EveryBfloat16ReadsBackAsItself) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto value = static_cast<Bfloat16>(bits);
    const float wide = Widen(value);
    EXPECT_EQ(std::bit_cast<uint32_t>(wide), bits << 16);
    if (!std::isnan(wide)) {
      ASSERT_EQ(Narrow(wide), value);
    }
  }
}

TEST(Bfloat16Test, AnyNumberOfValuesAgreesWithOneAtATimeAndWithOnednn) {
  for (int count : {0, 1, 15, 16, 31, 32, 33, 64, 100, 1000}) {
    std::vector<float> values = RandomValues(count, 7, 3.0f);
    std::vector<Bfloat16> narrow(count + 1, 0x1234);
    ToBfloat16(values.data(), count, narrow.data());
    EXPECT_EQ(narrow[count], 0x1234);
    std::vector<float> wide(count + 1, 7.0f);
    FromBfloat16(narrow.data(), count, wide.data());
    EXPECT_EQ(wide[count], 7.0f);
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(narrow[i], Narrow(values[i])) << i << " of " << count;
      ASSERT_NEAR(wide[i], values[i], std::abs(values[i]) / 256);
    }
    if (count == 0) continue;
    using Memory = dnnl::memory;
    dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    dnnl::stream stream(engine);
    std::vector<Bfloat16> theirs(count);
    Memory from({{count}, Memory::data_type::f32, Memory::format_tag::a},
                engine, values.data());
    Memory to({{count}, Memory::data_type::bf16, Memory::format_tag::a}, engine,
              theirs.data());
    dnnl::reorder(from, to).execute(stream, from, to);
    narrow.pop_back();
    EXPECT_EQ(narrow, theirs) << count;
  }
}

}  // namespace
}  // namespace recur
