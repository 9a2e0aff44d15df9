// Collects the answers of one Classify call from several lanes.
#ifndef RECUR_SERVER_CORE_GATHER_H_
#define RECUR_SERVER_CORE_GATHER_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/core/service.h"

namespace recur {

// Thread-safe. Completes the call once, when the last answer is in: with all
// of them in order, or with the error of the first input that has one.
class Gather {
 public:
  Gather(std::shared_ptr<const Servable> model, size_t count,
         Done<ClassifyResult> done);

  void Add(size_t index, absl::StatusOr<Answer> answer);

 private:
  void Complete();

  std::vector<absl::StatusOr<Answer>> answers_;  // each written once
  std::shared_ptr<const Servable> model_;
  Done<ClassifyResult> done_;
  std::atomic<size_t> missing_;
};

}  // namespace recur

#endif  // RECUR_SERVER_CORE_GATHER_H_
