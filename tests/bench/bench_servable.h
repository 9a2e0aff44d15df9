// One of the bench's models as a server has it: loaded and ready to step.
#ifndef RECUR_TESTS_BENCH_BENCH_SERVABLE_H_
#define RECUR_TESTS_BENCH_BENCH_SERVABLE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "model/servable/servable.h"

namespace recur {

// BenchForecaster with an LSTM. Takes milliseconds.
absl::StatusOr<std::shared_ptr<const Servable>> BenchServable(int hidden_size);

}  // namespace recur

#endif  // RECUR_TESTS_BENCH_BENCH_SERVABLE_H_
