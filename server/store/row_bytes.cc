#include "server/store/row_bytes.h"

#include <xxhash.h>

#include <bit>
#include <cstring>

#include "absl/strings/str_format.h"

namespace recur {
namespace {

// Numbers are copied as they are.
static_assert(std::endian::native == std::endian::little);

constexpr char kMagic[4] = {'R', 'R', 'O', 'W'};
constexpr size_t kChecksumPlace = sizeof(kMagic);
constexpr size_t kNumbersPlace = kChecksumPlace + sizeof(uint64_t);
static_assert(kNumbersPlace + 3 * sizeof(uint64_t) == kRowHeaderBytes);

// Header and snapshot need not lie together: the snapshot's hash is the seed
// of the header's.
uint64_t Checksum(absl::string_view id, const char* numbers,
                  absl::string_view snapshot) {
  const uint64_t of_id = XXH3_64bits(id.data(), id.size());
  const uint64_t of_snapshot =
      XXH3_64bits_withSeed(snapshot.data(), snapshot.size(), of_id);
  return XXH3_64bits_withSeed(numbers, kRowHeaderBytes - kNumbersPlace,
                              of_snapshot);
}

}  // namespace

RowHeader EncodeRowHeader(absl::string_view id, const RowView& row) {
  RowHeader header;
  std::memcpy(header.data(), kMagic, sizeof(kMagic));
  char* const numbers = header.data() + kNumbersPlace;
  std::memcpy(numbers, &row.epoch, 8);
  std::memcpy(numbers + 8, &row.step, 8);
  std::memcpy(numbers + 16, &row.keep_until_us, 8);
  const uint64_t checksum = Checksum(id, numbers, row.snapshot);
  std::memcpy(header.data() + kChecksumPlace, &checksum, sizeof(checksum));
  return header;
}

absl::StatusOr<RowView> DecodeRow(absl::string_view id,
                                  absl::string_view bytes) {
  if (bytes.size() < kRowHeaderBytes) {
    return absl::DataLossError(
        absl::StrFormat("the row of session \"%s\" has %d bytes; its header "
                        "alone needs %d",
                        id, bytes.size(), kRowHeaderBytes));
  }
  if (std::memcmp(bytes.data(), kMagic, sizeof(kMagic)) != 0) {
    return absl::DataLossError(absl::StrFormat(
        "the row of session \"%s\" does not begin with \"RROW\"", id));
  }
  RowView row = {.snapshot = bytes.substr(kRowHeaderBytes)};
  const char* const numbers = bytes.data() + kNumbersPlace;
  uint64_t stored;
  std::memcpy(&stored, bytes.data() + kChecksumPlace, sizeof(stored));
  const uint64_t found = Checksum(id, numbers, row.snapshot);
  if (stored != found) {
    return absl::DataLossError(
        absl::StrFormat("the row of session \"%s\" has checksum %016x; its "
                        "bytes have %016x",
                        id, stored, found));
  }
  std::memcpy(&row.epoch, numbers, 8);
  std::memcpy(&row.step, numbers + 8, 8);
  std::memcpy(&row.keep_until_us, numbers + 16, 8);
  return row;
}

}  // namespace recur
