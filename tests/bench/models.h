// The models that the bench serves: random weights of a fixed seed, eight
// plain inputs, no times. What they answer means nothing; what it costs is
// that of a trained model of the same shape.
#ifndef RECUR_TESTS_BENCH_MODELS_H_
#define RECUR_TESTS_BENCH_MODELS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/spec/model_spec.h"

namespace recur {

inline constexpr int kBenchInputs = 8;

// "rnn" (tanh), "lstm", "gru" (reset before, as in Cho et al.) or "lbr_gru"
// (as in PyTorch). INVALID_ARGUMENT for another name.
absl::StatusOr<Cell> BenchCell(absl::string_view name);

// One layer on eight inputs. The head forecasts one target over 24 steps with
// three quantiles.
Model BenchForecaster(const Cell& cell, int hidden_size);

// The same layer under a softmax over four labels.
Model BenchClassifier(const Cell& cell, int hidden_size);

struct NamedModel {
  std::string name;
  Model model;
};

// What recur_bench_models writes: lstm64, lstm128, gru128, classifier128, and
// "accumulator", which sums its eight inputs, so that an answer can be checked.
std::vector<NamedModel> BenchModels();

// Multiply-adds of one step, counted as two operations each: those of the
// gates, 2 * gates * hidden * (input + hidden).
double StepFlop(const NetworkSpec& spec);

}  // namespace recur

#endif  // RECUR_TESTS_BENCH_MODELS_H_
