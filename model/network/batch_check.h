// Whether a batch of sequences fits a network: run before anything indexes
// into it.
#ifndef RECUR_MODEL_NETWORK_BATCH_CHECK_H_
#define RECUR_MODEL_NETWORK_BATCH_CHECK_H_

#include "absl/status/status.h"
#include "model/network/trainable_network.h"
#include "model/spec/network_spec.h"

namespace recur {

// INVALID_ARGUMENT naming the first size, length, token or point of the batch
// that is wrong. Inputs must have the right count; their values are not looked
// at. Tokens beyond a row's length are not looked at either.
absl::Status CheckSequenceBatch(const NetworkSpec& spec,
                                const SequenceBatch& batch);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_BATCH_CHECK_H_
