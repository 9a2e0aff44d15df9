#include "model/format/safetensors.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/format/strict_json.h"

namespace recur {
namespace {

using nlohmann::json;

// The file is little-endian; floats are copied as they are.
static_assert(std::endian::native == std::endian::little);

constexpr size_t kLengthBytes = 8;
constexpr uint64_t kMaxHeaderBytes = 16u << 20;
constexpr size_t kMaxTensors = 4096;
constexpr size_t kMaxRank = 8;

// One entry of the header: bytes [begin, end) of the data.
struct Entry {
  std::string name;
  std::vector<int64_t> dims;
  uint64_t begin = 0;
  uint64_t end = 0;
};

absl::Status TensorError(const std::string& name, absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("tensor ", QuotedForMessage(name), " ", what));
}

// A number of the header: at most 2^62, so that sums cannot overflow.
bool ReadSize(const json& value, uint64_t* out) {
  if (!value.is_number_unsigned()) return false;
  *out = value.get<uint64_t>();
  return *out <= uint64_t{1} << 62;
}

absl::Status ReadDims(const std::string& name, const json& shape,
                      Entry* entry) {
  if (!shape.is_array() || shape.size() > kMaxRank) {
    return TensorError(name, absl::StrFormat("needs a shape: an array of at "
                                             "most %d sizes",
                                             kMaxRank));
  }
  uint64_t bytes = sizeof(float);
  for (const json& value : shape) {
    uint64_t dim = 0;
    if (!ReadSize(value, &dim)) {
      return TensorError(name,
                         "has a size in its shape that is not a whole "
                         "number from 0 to 2^62");
    }
    if (__builtin_mul_overflow(bytes, dim, &bytes)) {
      return TensorError(name, "has a shape whose product overflows 64 bits");
    }
    entry->dims.push_back(static_cast<int64_t>(dim));
  }
  if (entry->end - entry->begin == bytes) return absl::OkStatus();
  return TensorError(
      name, absl::StrFormat("has shape [%s], which needs %d bytes; its "
                            "data_offsets span %d",
                            absl::StrJoin(entry->dims, ", "), bytes,
                            entry->end - entry->begin));
}

absl::StatusOr<Entry> ReadEntry(const std::string& name, const json& value) {
  if (!value.is_object() || value.size() != 3 || !value.contains("dtype") ||
      !value.contains("shape") || !value.contains("data_offsets")) {
    return TensorError(name, "must have exactly dtype, shape and data_offsets");
  }
  const json& dtype = value["dtype"];
  if (!dtype.is_string() || dtype != "F32") {
    return TensorError(
        name, absl::StrCat("has dtype ",
                           dtype.is_string()
                               ? QuotedForMessage(dtype.get<std::string>())
                               : dtype.type_name(),
                           "; only \"F32\" is read"));
  }
  Entry entry;
  entry.name = name;
  const json& offsets = value["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 ||
      !ReadSize(offsets[0], &entry.begin) ||
      !ReadSize(offsets[1], &entry.end) || entry.begin > entry.end) {
    return TensorError(name, "needs data_offsets: [begin, end] in bytes");
  }
  if (absl::Status s = ReadDims(name, value["shape"], &entry); !s.ok()) {
    return s;
  }
  return entry;
}

absl::StatusOr<std::vector<Entry>> ReadHeader(absl::string_view header) {
  if (absl::Status status = CheckJson(header); !status.ok()) {
    return absl::DataLossError(absl::StrCat("header: ", status.message()));
  }
  const json value = json::parse(header.begin(), header.end(), nullptr, false);
  if (value.size() > kMaxTensors) {
    return absl::DataLossError(absl::StrFormat(
        "header has %d tensors; the limit is %d", value.size(), kMaxTensors));
  }
  std::vector<Entry> entries;
  for (const auto& [name, tensor] : value.items()) {
    if (name == "__metadata__") continue;
    absl::StatusOr<Entry> entry = ReadEntry(name, tensor);
    if (!entry.ok()) return entry.status();
    entries.push_back(*std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  return entries;
}

// The entries, in order of their offsets, must tile the data.
absl::Status CheckTiling(const std::vector<Entry>& entries, uint64_t size) {
  uint64_t position = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != position) {
      return TensorError(
          entry.name,
          absl::StrFormat("begins at byte %d of the data; the one before ends "
                          "at %d: %s",
                          entry.begin, position,
                          entry.begin > position ? "a hole" : "an overlap"));
    }
    position = entry.end;
    if (position > size) {
      return TensorError(entry.name,
                         absl::StrFormat("ends at byte %d of the data, which "
                                         "has %d: the file is truncated",
                                         position, size));
    }
  }
  if (position == size) return absl::OkStatus();
  return absl::DataLossError(absl::StrFormat(
      "%d bytes follow the last tensor's data", size - position));
}

absl::StatusOr<Tensor> ReadTensor(const Entry& entry, absl::string_view data) {
  Tensor tensor;
  tensor.dims = entry.dims;
  tensor.values.resize((entry.end - entry.begin) / sizeof(float));
  if (!tensor.values.empty()) {
    std::memcpy(tensor.values.data(), data.data() + entry.begin,
                entry.end - entry.begin);
  }
  const auto bad = std::find_if_not(tensor.values.begin(), tensor.values.end(),
                                    [](float x) { return std::isfinite(x); });
  if (bad == tensor.values.end()) return tensor;
  return TensorError(
      entry.name,
      absl::StrFormat("has %g at index %d; every value must be finite", *bad,
                      bad - tensor.values.begin()));
}

uint64_t HeaderLength(absl::string_view bytes) {
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  return length;
}

}  // namespace

std::string EncodeSafetensors(const Weights& weights) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  uint64_t size = 0;
  for (const auto& [name, tensor] : weights) {
    const uint64_t end = size + tensor.values.size() * sizeof(float);
    header[name] = {{"dtype", "F32"},
                    {"shape", tensor.dims},
                    {"data_offsets", {size, end}}};
    size = end;
  }
  std::string text =
      header.dump(-1, ' ', false, json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const uint64_t length = text.size();
  std::string bytes(reinterpret_cast<const char*>(&length), kLengthBytes);
  bytes.reserve(kLengthBytes + text.size() + size);
  bytes += text;
  for (const auto& [name, tensor] : weights) {
    bytes.append(reinterpret_cast<const char*>(tensor.values.data()),
                 tensor.values.size() * sizeof(float));
  }
  return bytes;
}

absl::StatusOr<Weights> DecodeSafetensors(absl::string_view bytes) {
  if (bytes.size() < kLengthBytes) {
    return absl::DataLossError(absl::StrFormat(
        "%d bytes; a header length needs %d", bytes.size(), kLengthBytes));
  }
  const uint64_t length = HeaderLength(bytes);
  bytes.remove_prefix(kLengthBytes);
  if (length > kMaxHeaderBytes || length > bytes.size()) {
    return absl::DataLossError(absl::StrFormat(
        "header length %d; %d bytes follow it and the limit is %d", length,
        bytes.size(), kMaxHeaderBytes));
  }
  absl::StatusOr<std::vector<Entry>> entries =
      ReadHeader(bytes.substr(0, length));
  if (!entries.ok()) return entries.status();
  const absl::string_view data = bytes.substr(length);
  if (absl::Status status = CheckTiling(*entries, data.size()); !status.ok()) {
    return status;
  }
  Weights weights;
  for (const Entry& entry : *entries) {
    absl::StatusOr<Tensor> tensor = ReadTensor(entry, data);
    if (!tensor.ok()) return tensor.status();
    weights.emplace(entry.name, *std::move(tensor));
  }
  return weights;
}

}  // namespace recur
