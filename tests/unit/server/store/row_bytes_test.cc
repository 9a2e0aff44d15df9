#include "server/store/row_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/escaping.h"

namespace recur {
namespace {

using ::testing::HasSubstr;

std::string Encode(absl::string_view id, const RowView& row) {
  const RowHeader header = EncodeRowHeader(id, row);
  return std::string(header.data(), header.size()) + std::string(row.snapshot);
}

const RowView kRow = {.epoch = 0x1122334455667788,
                      .step = 7,
                      .keep_until_us = -2,
                      .snapshot = "state"};

void ExpectRefused(absl::string_view id, absl::string_view bytes) {
  const std::vector<char> copy(bytes.begin(), bytes.end());
  EXPECT_EQ(DecodeRow(id, {copy.data(), copy.size()}).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST(RowBytesTest, ComeBackAsTheyWere) {
  const std::string bytes = Encode("id", kRow);
  const absl::StatusOr<RowView> row = DecodeRow("id", bytes);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->epoch, kRow.epoch);
  EXPECT_EQ(row->step, kRow.step);
  EXPECT_EQ(row->keep_until_us, kRow.keep_until_us);
  EXPECT_EQ(row->snapshot, "state");
}

TEST(RowBytesTest, AreLaidOutAsTheHeaderSays) {
  const std::string bytes = Encode("id", kRow);
  EXPECT_EQ(bytes.substr(0, 4), "RROW");
  EXPECT_EQ(absl::BytesToHexString(bytes.substr(12)),
            "8877665544332211"
            "0700000000000000"
            "feffffffffffffff"
            "7374617465");
}

TEST(RowBytesTest, EveryFlippedBitIsNoticed) {
  const std::string bytes = Encode("id", kRow);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] ^= 1 << bit % 8;
    ExpectRefused("id", flipped);
  }
}

TEST(RowBytesTest, EveryOtherLengthIsNoticed) {
  const std::string bytes = Encode("id", kRow);
  for (size_t size = 0; size < bytes.size(); ++size) {
    ExpectRefused("id", bytes.substr(0, size));
  }
  ExpectRefused("id", bytes + '\0');
}

TEST(RowBytesTest, ARowOfAnotherSessionIsNoticed) {
  ExpectRefused("di", Encode("id", kRow));
  EXPECT_THAT(
      std::string(DecodeRow("di", Encode("id", kRow)).status().message()),
      HasSubstr("session \"di\""));
}

}  // namespace
}  // namespace recur
