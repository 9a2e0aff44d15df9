#include "model/train/report/progress.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur {
namespace {

constexpr int kBarWidth = 20;
constexpr int kRecordedPoints = 200;
constexpr std::chrono::milliseconds kRewrite(100);
constexpr std::chrono::seconds kNewLine(10);

std::string Bar(double part) {
  const int full = std::clamp(static_cast<int>(part * kBarWidth), 0, kBarWidth);
  return absl::StrCat("[", std::string(full, '#'),
                      std::string(kBarWidth - full, '.'), "]");
}

}  // namespace

std::string FormatSeconds(double seconds) {
  const auto whole = static_cast<int64_t>(std::lround(std::max(0.0, seconds)));
  if (whole < 60) return absl::StrFormat("%d s", whole);
  if (whole < 3600) {
    return absl::StrFormat("%d min %02d s", whole / 60, whole % 60);
  }
  return absl::StrFormat("%d h %02d min", whole / 3600, whole / 60 % 60);
}

Progress::Progress(std::ostream* out, bool terminal, Clock clock)
    : out_(out), terminal_(terminal), clock_(std::move(clock)) {}

void Progress::Start(std::string phase, std::string validation_name) {
  phase_ = std::move(phase);
  validation_name_ = std::move(validation_name);
  point_ = {};
  curves_.push_back({phase_});
  best_ = std::numeric_limits<double>::infinity();
  written_ = 0;
  finished_ = false;
  started_ = clock_();
  last_write_ = started_;
}

// The validation figure comes with every point until there is a new one.
void Progress::Record(const ProgressPoint& point) {
  const bool looked =
      !std::isnan(point.validation) && point.validation != point_.validation;
  const int apart = std::max(1, point.cap / kRecordedPoints);
  if (!looked && point.step % apart != 0) return;
  LearningCurve& curve = curves_.back();
  curve.points.push_back({point.step, point.loss});
  if (!looked) return;
  curve.points.back().validation = point.validation;
  if (point.validation >= best_) return;
  best_ = point.validation;
  curve.best_step = point.step;
}

void Progress::Update(const ProgressPoint& point) {
  Record(point);
  point_ = point;
  if (out_ == nullptr) return;
  const auto now = clock_();
  const auto pause = terminal_ ? std::chrono::milliseconds(kRewrite)
                               : std::chrono::milliseconds(kNewLine);
  if (now - last_write_ >= pause) Write(now);
}

void Progress::Finish() {
  if (out_ == nullptr || point_.cap == 0) return;
  finished_ = true;
  Write(clock_());
  if (terminal_) *out_ << std::endl;
}

void Progress::Write(std::chrono::steady_clock::time_point now) {
  std::string line = Line(now);
  last_write_ = now;
  if (!terminal_) {
    *out_ << line << std::endl;
    return;
  }
  const size_t length = line.size();
  if (length < written_) line.append(written_ - length, ' ');
  written_ = length;
  *out_ << '\r' << line << std::flush;
}

std::string Progress::Line(std::chrono::steady_clock::time_point now) const {
  const double passed = std::chrono::duration<double>(now - started_).count();
  const double part = static_cast<double>(point_.step) / point_.cap;
  std::string line =
      absl::StrFormat("%-9s %s step %d of at most %d  loss %.4f", phase_,
                      Bar(part), point_.step, point_.cap, point_.loss);
  if (!std::isnan(point_.validation)) {
    absl::StrAppendFormat(&line, "  %s %.4f", validation_name_,
                          point_.validation);
  }
  if (!finished_ && part > 0.0) {
    absl::StrAppend(&line, "  at most ",
                    FormatSeconds(passed / part * (1.0 - part)), " left");
  } else {
    absl::StrAppend(&line, "  in ", FormatSeconds(passed));
  }
  return line;
}

}  // namespace recur
