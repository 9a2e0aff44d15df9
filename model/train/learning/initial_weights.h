// The weights that training starts from.
#ifndef RECUR_MODEL_TRAIN_LEARNING_INITIAL_WEIGHTS_H_
#define RECUR_MODEL_TRAIN_LEARNING_INITIAL_WEIGHTS_H_

#include <cstdint>
#include <vector>

#include "model/spec/network_spec.h"
#include "model/spec/tensor.h"

namespace recur {

// Matrices even over +- 1 / sqrt(width of what they read); biases zero but
// for the forget gate of LSTM, which starts at 1 (Jozefowicz et al. 2015), so
// that a new cell remembers. For the same reason a sigmoid `rnn` starts with 4
// times the identity in its recurrent matrix (Le et al. 2015 do so for relu):
// with small weights it forgets within a step. The embedding is even over
// +- 0.5. A forecast's last matrix is a third of that and its bias holds the
// normal distribution's quantiles at `levels` (empty: 0), so that the first
// forecast is a band around the anchor. The same arguments give the same
// weights everywhere.
Weights InitialWeights(const NetworkSpec& spec,
                       const std::vector<double>& levels, uint64_t seed);

// The standard normal distribution's quantile at a level in (0, 1), to 1e-9.
double NormalQuantile(double level);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_LEARNING_INITIAL_WEIGHTS_H_
