#include "client/load/progress_line.h"

namespace recur::load {
namespace {

constexpr absl::string_view kBegin = "\r\x1b[K";  // and clear to the end

}  // namespace

void ProgressLine::Write(absl::string_view text, TimePoint now) {
  if (out_ == nullptr) return;
  *out_ << kBegin << text << std::flush;
  due_ = now + std::chrono::seconds(1);
}

void ProgressLine::Clear() {
  if (out_ != nullptr) *out_ << kBegin << std::flush;
}

}  // namespace recur::load
