// What a checkpoint keeps of a search over settings, so that a search that was
// killed goes on with what is left of its time: the error of each trial and how
// long it took, and, of a search that is over, how many there were. A trial in
// which it was killed is run again, and its time counts from then on.
#ifndef RECUR_MODEL_TRAIN_SEARCH_CHECKPOINT_H_
#define RECUR_MODEL_TRAIN_SEARCH_CHECKPOINT_H_

#include <chrono>
#include <functional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/train/learning/training_checkpoint.h"

namespace recur {

class SearchCheckpoint {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  // What `checkpoint` has of a search; it must outlive this.
  static absl::StatusOr<SearchCheckpoint> Open(TrainingCheckpoint* checkpoint,
                                               Clock clock);

  // As if the trials from before a kill had been run just now.
  std::chrono::steady_clock::time_point Now() const {
    return clock_() + before_;
  }

  // The error of the next trial: the one that is kept, else what `run` returns,
  // which is then kept unless a stop was asked for meanwhile. One that diverges
  // (INTERNAL) has an infinite error, but for the first.
  absl::StatusOr<double> Try(absl::FunctionRef<absl::StatusOr<double>()> run);

  int tried() const { return tried_; }

  // Whether all trials of the search are known, and whether they are through.
  bool complete() const { return trials_ > 0; }
  bool exhausted() const { return complete() && tried_ >= trials_; }

  // There will be no more trials.
  absl::Status Complete();

 private:
  SearchCheckpoint(TrainingCheckpoint* checkpoint, Clock clock)
      : checkpoint_(checkpoint), clock_(std::move(clock)) {}

  TrainingCheckpoint* checkpoint_;
  Clock clock_;
  std::chrono::steady_clock::duration before_{0};  // of trials that were kept
  int tried_ = 0;
  int trials_ = 0;  // of the whole search; 0: not known yet
};

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_SEARCH_CHECKPOINT_H_
