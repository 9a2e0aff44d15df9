// A model of the repository -> recur.v1.Model. Pure.
#ifndef RECUR_SERVER_RPC_ENCODE_MODEL_H_
#define RECUR_SERVER_RPC_ENCODE_MODEL_H_

#include "recur/v1/models.pb.h"
#include "server/repository/repository.h"

namespace recur {

// Of a model that is loading or has failed only name, version, state and error
// are known.
void EncodeModel(const ModelStatus& status, v1::Model* out);

}  // namespace recur

#endif  // RECUR_SERVER_RPC_ENCODE_MODEL_H_
