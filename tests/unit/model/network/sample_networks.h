// Networks and minibatches for the tests of engines.
#ifndef RECUR_TESTS_UNIT_MODEL_NETWORK_SAMPLE_NETWORKS_H_
#define RECUR_TESTS_UNIT_MODEL_NETWORK_SAMPLE_NETWORKS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "model/network/trainable_network.h"
#include "model/spec/network_spec.h"

namespace recur {

// All six forms of cell.
std::vector<Cell> AllCells();

// 3 inputs, softmax over 4 classes.
NetworkSpec ClassifierSpec(const Cell& cell, int layers, int hidden_size);

// The same with a forecast head: 3 steps of 2 targets at 3 levels from 2
// future features.
NetworkSpec ForecasterSpec(const Cell& cell, int layers, int hidden_size);

NetworkSpec WithPooling(NetworkSpec spec, Pooling pooling);

// The same with tokens of a vocabulary of 6 instead of inputs.
NetworkSpec WithEmbedding(NetworkSpec spec);

// Mixed lengths, the longest at row 0; points at each row's last step and, if
// the network steps, in its middle. Values beyond a row's length are large
// numbers (and tokens out of range).
SequenceBatch SampleBatch(const NetworkSpec& spec, int steps, int rows,
                          uint64_t seed);

// "lstm_2layers_bidirectional_forecast": for the names of tests.
std::string SpecName(const NetworkSpec& spec);

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_MODEL_NETWORK_SAMPLE_NETWORKS_H_
