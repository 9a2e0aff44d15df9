#include "model/train/learning/state_archive.h"

#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace recur {
namespace {

enum class Colour { kRed, kBlue };

struct Inner {
  int number = 0;
  std::string name;

  void Carry(StateArchive& archive) { archive(number, name); }
  friend bool operator==(const Inner&, const Inner&) = default;
};

struct Everything {
  uint64_t whole = 0;
  double real = 0.0;
  bool yes = false;
  Colour colour = Colour::kRed;
  std::string text;
  std::vector<float> floats;
  std::vector<Inner> inner;
  Weights weights;

  void Carry(StateArchive& archive) {
    archive(whole, real, yes, colour, text, floats, inner, weights);
  }
  friend bool operator==(const Everything&, const Everything&) = default;
};

Everything Sample() {
  return {~uint64_t{0},
          -std::numeric_limits<double>::denorm_min(),
          true,
          Colour::kBlue,
          std::string("a\0b", 3),
          {0.1f, std::numeric_limits<float>::infinity()},
          {{1, "one"}, {2, ""}},
          {{"w", Tensor{{2, 1}, {1.0f, -2.0f}}}, {"x", Tensor{{0}, {}}}}};
}

std::string Written(Everything value) {
  StateArchive archive;
  value.Carry(archive);
  return archive.bytes();
}

TEST(StateArchiveTest, GivesBackEveryBit) {
  const std::string bytes = Written(Sample());
  StateArchive archive(bytes);
  Everything value;
  value.Carry(archive);
  EXPECT_TRUE(archive.Finish().ok()) << archive.Finish();
  EXPECT_EQ(value, Sample());
}

TEST(StateArchiveTest, RefusesEveryTruncation) {
  const std::string bytes = Written(Sample());
  for (size_t length = 0; length < bytes.size(); ++length) {
    StateArchive archive(absl::string_view(bytes).substr(0, length));
    Everything value;
    value.Carry(archive);
    EXPECT_EQ(archive.Finish().code(), absl::StatusCode::kDataLoss) << length;
  }
}

TEST(StateArchiveTest, RefusesBytesThatAreLeftOver) {
  const std::string bytes = Written(Sample()) + "x";
  StateArchive archive(bytes);
  Everything value;
  value.Carry(archive);
  EXPECT_EQ(archive.Finish().message(), "1 bytes are left over");
}

TEST(StateArchiveTest, AllocatesNothingForACountThatCannotBe) {
  const std::string bytes(8, '\xff');
  StateArchive archive(bytes);
  std::vector<double> values;
  archive(values);
  EXPECT_TRUE(values.empty());
  EXPECT_EQ(archive.Finish().message(),
            "says that 18446744073709551615 items follow; there are 0 bytes");
}

TEST(StateArchiveTest, AnyChangedByteReadsOrIsRefused) {
  const std::string bytes = Written(Sample());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x80);
    StateArchive archive(changed);
    Everything value;
    value.Carry(archive);  // whatever it says, the sanitizers are content
  }
}

}  // namespace
}  // namespace recur
