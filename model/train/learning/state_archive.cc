#include "model/train/learning/state_archive.h"

#include "absl/strings/str_cat.h"

namespace recur {

void StateArchive::Fail(absl::string_view why) {
  if (error_.empty()) error_ = std::string(why);
  left_ = {};
}

absl::Status StateArchive::Finish() const {
  if (failed()) return absl::DataLossError(error_);
  if (left_.empty()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(left_.size(), " bytes are left over"));
}

void StateArchive::Raw(void* bytes, size_t size) {
  if (size == 0) return;
  if (!reading_) {
    written_.append(static_cast<const char*>(bytes), size);
    return;
  }
  if (left_.size() < size) {
    if (!failed()) {
      Fail(absl::StrCat("ends where ", size, " more bytes should be"));
    }
    std::memset(bytes, 0, size);
    return;
  }
  std::memcpy(bytes, left_.data(), size);
  left_.remove_prefix(size);
}

uint64_t StateArchive::Count(uint64_t written, uint64_t least_bytes) {
  uint64_t count = written;
  Raw(&count, sizeof(count));
  if (reading_ && count > left_.size() / least_bytes) {
    Fail(absl::StrCat("says that ", count, " items follow; there are ",
                      left_.size(), " bytes"));
    return 0;
  }
  return count;
}

void StateArchive::Item(bool& value) {
  uint8_t byte = value ? 1 : 0;
  Raw(&byte, sizeof(byte));
  value = byte != 0;
}

void StateArchive::Item(std::string& value) {
  value.resize(Count(value.size(), 1));
  Raw(value.data(), value.size());
}

void StateArchive::Item(Weights& weights) {
  uint64_t count = Count(weights.size(), 1);
  if (!reading_) {
    for (auto& [name, tensor] : weights) {
      std::string own_name = name;
      (*this)(own_name, tensor.dims, tensor.values);
    }
    return;
  }
  weights.clear();
  for (; count > 0 && !failed(); --count) {
    std::string name;
    Tensor tensor;
    (*this)(name, tensor.dims, tensor.values);
    weights.insert_or_assign(std::move(name), std::move(tensor));
  }
}

}  // namespace recur
