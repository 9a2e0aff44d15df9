// A row as a value of the rocksdb store, little-endian:
//   0-3    "RROW"; another word is another version
//   4-11   XXH3 (64 bits) of bytes 12 to 35, seeded with that of the snapshot,
//          which is seeded with that of the id: a row found under another id
//          is noticed
//   12-19  epoch
//   20-27  step
//   28-35  keep_until_us
//   36 on  the snapshot
#ifndef RECUR_SERVER_STORE_ROW_BYTES_H_
#define RECUR_SERVER_STORE_ROW_BYTES_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace recur {

// Snapshot as a view: of the bytes that were decoded, or to be encoded.
struct RowView {
  uint64_t epoch = 0;
  uint64_t step = 0;
  int64_t keep_until_us = 0;
  absl::string_view snapshot;
};

inline constexpr size_t kRowHeaderBytes = 36;
using RowHeader = std::array<char, kRowHeaderBytes>;

// What stands before the snapshot.
RowHeader EncodeRowHeader(absl::string_view id, const RowView& row);

// DATA_LOSS if the bytes are not what was encoded for this id.
absl::StatusOr<RowView> DecodeRow(absl::string_view id,
                                  absl::string_view bytes);

}  // namespace recur

#endif  // RECUR_SERVER_STORE_ROW_BYTES_H_
