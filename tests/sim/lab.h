// What is served in a simulation, and what an uninterrupted run answers.
//
// Two models of two versions each, a few weights large, on the reference
// engine: one sums what it sees (tests/unit/server/accumulator_model.h), so
// that a step lost, doubled or crossed is a wrong sum known by heart; the other
// is an LSTM, whose answers are those of a lane that steps one session alone.
#ifndef RECUR_TESTS_SIM_LAB_H_
#define RECUR_TESTS_SIM_LAB_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/repository/repository.h"

namespace recur::sim {

enum class ModelKind { kSum, kLstm };

class Lab {
 public:
  // Sequences have numbers below this and at most so many steps.
  static constexpr int kSequences = 64;
  static constexpr uint64_t kSteps = 256;

  // Writes the models to a directory of its own, which goes with the object.
  static absl::StatusOr<std::unique_ptr<Lab>> Create();
  ~Lab();

  Repository* repository() { return repository_.get(); }
  static std::string NameOf(ModelKind kind) {
    return kind == ModelKind::kSum ? "sum" : "lstm";
  }
  static constexpr int64_t kLatest = 2;

  // The one value of an observation; steps count from 1.
  static double Value(ModelKind kind, int sequence, uint64_t step);

  // The forecast after that many steps.
  double Answer(ModelKind kind, int64_t version, int sequence, uint64_t steps);

 private:
  Lab() = default;

  const std::vector<double>& LstmAnswers(int64_t version, int sequence);

  std::filesystem::path root_;
  std::unique_ptr<Repository> repository_;
  std::map<std::pair<int64_t, int>, std::vector<double>> lstm_answers_;
};

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_LAB_H_
