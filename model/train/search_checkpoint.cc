#include "model/train/search_checkpoint.h"

#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "model/train/learning/stop_request.h"

namespace recur {
namespace {

using std::chrono::steady_clock;

constexpr char kSearch[] = "search";

}  // namespace

absl::StatusOr<SearchCheckpoint> SearchCheckpoint::Open(
    TrainingCheckpoint* checkpoint, Clock clock) {
  SearchCheckpoint own(checkpoint, std::move(clock));
  auto known = checkpoint->Restore(
      kSearch, [&](StateArchive& archive) { archive(own.trials_); });
  if (!known.ok()) return known.status();
  return own;
}

absl::StatusOr<double> SearchCheckpoint::Try(
    absl::FunctionRef<absl::StatusOr<double>()> run) {
  const std::string name = absl::StrCat("trial ", ++tried_);
  double error = 0.0;
  int64_t ticks = 0;
  const auto carry = [&](StateArchive& archive) { archive(error, ticks); };
  auto known = checkpoint_->Restore(name, carry);
  if (!known.ok()) return known.status();
  if (*known) {
    before_ += steady_clock::duration(ticks);
    return error;
  }
  const auto began = clock_();
  auto own = run();
  const bool diverged = absl::IsInternal(own.status()) && tried_ > 1;
  if (!own.ok() && !diverged) return own;
  error = diverged ? std::numeric_limits<double>::infinity() : *own;
  if (StopRequested()) return error;  // of a part of the trial
  ticks = (clock_() - began).count();
  if (auto s = checkpoint_->Save(name, carry); !s.ok()) return s;
  return error;
}

absl::Status SearchCheckpoint::Complete() {
  trials_ = tried_;
  return checkpoint_->Save(kSearch,
                           [&](StateArchive& archive) { archive(trials_); });
}

}  // namespace recur
