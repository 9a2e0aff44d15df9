// The state of something as bytes, and back, by one list of its fields:
//
//   void Sampler::Carry(StateArchive& archive) { archive(random_, next_); }
//
// Written:   StateArchive archive;  sampler.Carry(archive);  archive.bytes()
// Read:      StateArchive archive(bytes);  sampler.Carry(archive);
//            archive.Finish()
//
// Numbers are little-endian and exact; strings, vectors and maps begin with
// their number of items in 8 bytes. Reading is safe on hostile bytes: a number
// of items that the bytes left cannot hold is refused before anything is
// allocated. After the first error all that is read is zero or empty. What
// values mean is for Carry to check, with Fail.
#ifndef RECUR_MODEL_TRAIN_LEARNING_STATE_ARCHIVE_H_
#define RECUR_MODEL_TRAIN_LEARNING_STATE_ARCHIVE_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "model/spec/tensor.h"

namespace recur {

class StateArchive {
 public:
  StateArchive() = default;  // to write
  // To read. The bytes must outlive it.
  explicit StateArchive(absl::string_view bytes)
      : reading_(true), left_(bytes) {}

  bool reading() const { return reading_; }
  bool failed() const { return !error_.empty(); }

  // Writes the values, or overwrites them with what was written. Numbers,
  // enums, strings, vectors, Weights, and whatever has a Carry(StateArchive&).
  template <typename... Values>
  void operator()(Values&... values) {
    (Item(values), ...);
  }

  // Refuses what was read; the first refusal counts.
  void Fail(absl::string_view why);

  // After reading: DATA_LOSS with the first thing that was wrong, or because
  // bytes are left over.
  absl::Status Finish() const;

  // What was written.
  const std::string& bytes() const { return written_; }

 private:
  static_assert(std::endian::native == std::endian::little);

  template <typename T>
  static constexpr bool kIsNumber = (std::is_arithmetic_v<T> &&
                                     !std::is_same_v<T, bool>) ||
                                    std::is_enum_v<T>;

  template <typename T>
  void Item(T& value) {
    if constexpr (kIsNumber<T>) {
      Raw(&value, sizeof(T));
    } else {
      value.Carry(*this);
    }
  }
  void Item(bool& value);
  void Item(std::string& value);
  void Item(Weights& weights);
  template <typename T>
  void Item(std::vector<T>& values) {
    if constexpr (kIsNumber<T>) {
      const uint64_t count = Count(values.size(), sizeof(T));
      values.resize(count);
      Raw(values.data(), count * sizeof(T));
    } else {
      values.resize(Count(values.size(), 1));
      for (T& value : values) Item(value);
    }
  }

  // The number of items to come, each of at least `least_bytes`.
  uint64_t Count(uint64_t written, uint64_t least_bytes);
  void Raw(void* bytes, size_t size);

  bool reading_ = false;
  absl::string_view left_;
  std::string written_;
  std::string error_;
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_STATE_ARCHIVE_H_
