// Pseudo-random numbers that are the same on every machine: for tests and for
// probing an engine. Not an initialisation to train from.
#ifndef RECUR_MODEL_NETWORK_RANDOM_WEIGHTS_H_
#define RECUR_MODEL_NETWORK_RANDOM_WEIGHTS_H_

#include <cstdint>
#include <vector>

#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

// `count` values, even over [-range, range). The same seed gives the same
// values; another seed gives others.
std::vector<float> RandomValues(int64_t count, uint64_t seed, float range);

// Every weight of the network, biases included, even over [-range, range).
// The spec must be valid.
Weights RandomWeights(const NetworkSpec& spec, uint64_t seed, float range);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_RANDOM_WEIGHTS_H_
