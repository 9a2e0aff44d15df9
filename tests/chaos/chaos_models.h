// What the chaos runs serve, what they send, and what must come back.
#ifndef RECUR_TESTS_CHAOS_CHAOS_MODELS_H_
#define RECUR_TESTS_CHAOS_CHAOS_MODELS_H_

#include <cstdint>
#include <filesystem>
#include <vector>

#include "absl/status/status.h"
#include "client/sdk/types.h"

namespace recur::chaos {

enum class ModelKind {
  kAccumulator,  // the answer is the sum of what was sent: known beforehand
  kLstm,         // random weights: any change of the state changes the answer
};

const char* NameOf(ModelKind model);

// Both, version 1, into a repository.
absl::Status WriteModels(const std::filesystem::path& repository);

// The observation of a session's step: small whole numbers, others in every
// session.
std::vector<double> ObservationOf(ModelKind model, int session, uint64_t step);

// All bits of a forecast in one number, which for a single value is just its
// bits: equal forecasts have equal ones, others practically never.
uint64_t BitsOf(const client::Forecast& forecast);

// BitsOf the accumulator's answers to a session's first `steps` steps.
std::vector<uint64_t> SumsOf(int session, uint64_t steps);

}  // namespace recur::chaos

#endif  // RECUR_TESTS_CHAOS_CHAOS_MODELS_H_
