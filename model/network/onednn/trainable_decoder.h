// The forecast head with gradients: kForecast in model/spec/network_spec.h.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_TRAINABLE_DECODER_H_
#define RECUR_MODEL_NETWORK_ONEDNN_TRAINABLE_DECODER_H_

#include <memory>

#include "model/network/onednn/trainable_head.h"

namespace recur {

std::unique_ptr<TrainableHead> CreateTrainableDecoder(const NetworkSpec& spec);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_TRAINABLE_DECODER_H_
