// Floats that begin on a cache line, as full vectors want to.
#ifndef RECUR_MODEL_NETWORK_NATIVE_ALIGNED_FLOATS_H_
#define RECUR_MODEL_NETWORK_NATIVE_ALIGNED_FLOATS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace recur {

class AlignedFloats {
 public:
  AlignedFloats() = default;

  // Zeros.
  explicit AlignedFloats(int64_t size)
      : size_(size),
        data_(static_cast<float*>(
            ::operator new(size * sizeof(float), kAlignment))) {
    std::fill_n(data_.get(), size, 0.0f);
  }

  int64_t size() const { return size_; }
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }

 private:
  static constexpr std::align_val_t kAlignment{64};

  struct Free {
    void operator()(float* data) const { ::operator delete(data, kAlignment); }
  };

  int64_t size_ = 0;
  std::unique_ptr<float, Free> data_;
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_NATIVE_ALIGNED_FLOATS_H_
