// What the core answers -> response messages. Pure.
#ifndef RECUR_SERVER_RPC_ENCODE_H_
#define RECUR_SERVER_RPC_ENCODE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "model/servable/servable.h"
#include "model/spec/answer.h"
#include "recur/v1/recur.pb.h"
#include "server/core/service.h"
#include "server/lane/item_batch.h"
#include "server/lane/session_table.h"

namespace recur {

// The labels, most probable first (equal ones in the model's order), at most
// top_k of them, 0: all.
void EncodeClassification(const ModelSpec& spec,
                          const Classification& classification, uint32_t top_k,
                          v1::ClassAnswer* out);

void EncodeClassify(const ClassifyResult& result, uint32_t top_k,
                    v1::ClassifyResponse* out);

// The errors of MakeForecastCut: the model may be another version than the one
// that the request was checked against.
absl::Status EncodeForecastResult(const ForecastResult& result,
                                  const v1::ForecastOptions& options,
                                  v1::ForecastResponse* out);

void EncodeSession(const SessionInfo& info, Durability durability,
                   v1::Session* out);

// The result of the one item that DecodeObserve made of the request: its
// status, and the response if that is OK.
absl::Status EncodeObserve(const ItemBatch& batch,
                           const v1::ObserveRequest& request,
                           v1::ObserveResponse* out);

}  // namespace recur

#endif  // RECUR_SERVER_RPC_ENCODE_H_
