// The client's plain values <-> the messages of proto/recur/v1.
#ifndef RECUR_CLIENT_SDK_MESSAGE_CONVERSION_H_
#define RECUR_CLIENT_SDK_MESSAGE_CONVERSION_H_

#include "client/sdk/types.h"
#include "recur/v1/models.pb.h"
#include "recur/v1/recur.pb.h"

namespace recur::client {

// Values travel as double, so that nothing is lost on the way.
void ToMessage(const Sequence& sequence, v1::Sequence* message);
void ToMessage(const ForecastOptions& options, v1::ForecastOptions* message);
v1::Want ToMessage(Want want);

v1::ClassifyRequest ToMessage(const ClassifyCall& call);
v1::ForecastRequest ToMessage(const ForecastCall& call);
v1::OpenSessionRequest ToMessage(const OpenCall& call);
v1::ObserveRequest ToMessage(const ObserveCall& call);

Classification FromMessage(const v1::ClassAnswer& message);
Forecast FromMessage(const v1::ForecastAnswer& message);
ClassifyResult FromMessage(const v1::ClassifyResponse& message);
ForecastResult FromMessage(const v1::ForecastResponse& message);
SessionInfo FromMessage(const v1::Session& message);
ObserveResult FromMessage(const v1::ObserveResponse& message);
ModelInfo FromMessage(const v1::Model& message);

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_MESSAGE_CONVERSION_H_
