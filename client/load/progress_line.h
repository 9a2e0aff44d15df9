// One line on a terminal that tells once a second how far a run is.
#ifndef RECUR_CLIENT_LOAD_PROGRESS_LINE_H_
#define RECUR_CLIENT_LOAD_PROGRESS_LINE_H_

#include <ostream>

#include "absl/strings/string_view.h"
#include "client/load/load_clock.h"

namespace recur::load {

class ProgressLine {
 public:
  // Null: no line.
  explicit ProgressLine(std::ostream* out) : out_(out) {}

  // When there is something to write; never without an output.
  TimePoint due() const { return out_ == nullptr ? TimePoint::max() : due_; }
  // Replaces the line; the next is due in a second. Nothing without an output.
  void Write(absl::string_view text, TimePoint now);
  void Clear();

 private:
  std::ostream* const out_;
  TimePoint due_{};
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_PROGRESS_LINE_H_
