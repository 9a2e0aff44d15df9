// While one of these is alive, its thread takes denormal numbers (below 1e-38)
// for zeros and makes none: a state that fades away would else cost a hundred
// times as much as any other to step.
#ifndef RECUR_MODEL_NETWORK_NATIVE_DENORMALS_H_
#define RECUR_MODEL_NETWORK_NATIVE_DENORMALS_H_

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace recur {

class DenormalsAreZeros {
 public:
#if defined(__x86_64__)
  // Flush to zero, denormals are zeros: Intel's manual, volume 1, 10.2.3.
  DenormalsAreZeros() : before_(_mm_getcsr()) { _mm_setcsr(before_ | 0x8040u); }
  ~DenormalsAreZeros() { _mm_setcsr(before_); }
#else
  DenormalsAreZeros() = default;
#endif
  DenormalsAreZeros(const DenormalsAreZeros&) = delete;
  DenormalsAreZeros& operator=(const DenormalsAreZeros&) = delete;

 private:
  [[maybe_unused]] unsigned before_ = 0;
};

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_NATIVE_DENORMALS_H_
