// An engine and the sequences it steps, over and over: what benchmarks time.
#ifndef RECUR_TESTS_BENCH_ENGINE_LOAD_H_
#define RECUR_TESTS_BENCH_ENGINE_LOAD_H_

#include <cstdlib>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "model/network/engine.h"

namespace recur {

// One thread's sequences on a shared engine: made and used by that thread
// (its workspace demands it).
class EngineLoad {
 public:
  struct Options {
    int batch = 64;
    // Sequences that take turns, batch by batch: a multiple of `batch`. Their
    // states are one block; when there are more than one batch of them, a
    // batch gathers its rows from all over the block, as a server does.
    int sequences = 64;
  };

  // What CreateWorkspace says.
  static absl::StatusOr<std::unique_ptr<EngineLoad>> Create(
      std::shared_ptr<const Engine> engine, const Options& options);

  // Steps the next batch of sequences; returns the rows. Ends the program if
  // the engine fails.
  int StepBatch();

 private:
  struct Free {
    void operator()(float* block) const { std::free(block); }
  };
  // 64-byte aligned floats.
  using Block = std::unique_ptr<float[], Free>;

  EngineLoad(std::shared_ptr<const Engine> engine,
             std::unique_ptr<Workspace> workspace, const Options& options);

  static Block AllocateZeros(size_t count);

  std::shared_ptr<const Engine> engine_;
  std::unique_ptr<Workspace> workspace_;
  size_t batch_;
  std::vector<float> inputs_;  // [sequences, input_size]
  Block states_;               // [sequences, HiddenStateSize]
  std::vector<StepRow> rows_;  // [sequences], in the order of stepping
  size_t next_ = 0;
};

}  // namespace recur

#endif  // RECUR_TESTS_BENCH_ENGINE_LOAD_H_
