// A message from the server -> what replay makes of it -> what the stream's
// caller is told. No thread and no clock.
#ifndef RECUR_CLIENT_SDK_STREAM_INTAKE_H_
#define RECUR_CLIENT_SDK_STREAM_INTAKE_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "client/replay/replay.h"
#include "client/sdk/stream.h"
#include "recur/v1/recur.pb.h"

namespace recur::client {

struct DurableStep {
  uint32_t handle = 0;
  uint64_t step = 0;
};
struct SessionOver {
  uint32_t handle = 0;
  absl::Status status;
};
struct GoAway {
  std::string reason;
};
// One call of a handler.
using Delivery =
    std::variant<StreamAttached, StreamReply, DurableStep, SessionOver, GoAway>;

// Hands the message to `replay` and appends what is to be told, in order.
// INTERNAL with a reason if the message is not one of our server's: the
// stream must end with that.
absl::Status TakeIn(const v1::StreamResponse& message, Replay::TimePoint now,
                    double chance, Replay* replay,
                    std::vector<Delivery>* deliveries);

// Appends what has happened in `replay` besides.
void TakeEvents(Replay* replay, std::vector<Delivery>* deliveries);

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_STREAM_INTAKE_H_
