// One line that says how training goes: a bar, the loss, the validation
// figure, the time left. On a terminal it is rewritten in place ten times a
// second; elsewhere a line is written every ten seconds and at the end.
#ifndef RECUR_MODEL_TRAIN_REPORT_PROGRESS_H_
#define RECUR_MODEL_TRAIN_REPORT_PROGRESS_H_

#include <chrono>
#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include "model/train/report/report.h"

namespace recur {

struct ProgressPoint {
  int step = 0;
  int cap = 0;  // the step at which training ends at the latest
  double loss = std::numeric_limits<double>::quiet_NaN();
  double validation = std::numeric_limits<double>::quiet_NaN();  // NaN: none
};

// One thread at a time. The stream must outlive it.
class Progress {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  // Null: says nothing.
  Progress(std::ostream* out, bool terminal,
           Clock clock = std::chrono::steady_clock::now);

  // Begins a phase: "searching", "training".
  void Start(std::string phase, std::string validation_name);
  void Update(const ProgressPoint& point);
  // Writes the last point once more and ends the line.
  void Finish();

  // What was shown, or would have been: about 200 points of each phase, and
  // every look at the validation part. The best is the lowest.
  const std::vector<LearningCurve>& curves() const { return curves_; }

 private:
  void Record(const ProgressPoint& point);
  std::string Line(std::chrono::steady_clock::time_point now) const;
  void Write(std::chrono::steady_clock::time_point now);

  std::ostream* out_;
  bool terminal_;
  Clock clock_;
  std::string phase_;
  std::string validation_name_;
  ProgressPoint point_;
  std::vector<LearningCurve> curves_;
  double best_ = std::numeric_limits<double>::infinity();  // of the phase
  size_t written_ = 0;     // characters of the line on the terminal
  bool finished_ = false;  // nothing is left to wait for
  std::chrono::steady_clock::time_point started_;
  std::chrono::steady_clock::time_point last_write_;
};

// "4 s", "3 min 20 s", "2 h 05 min".
std::string FormatSeconds(double seconds);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_REPORT_PROGRESS_H_
