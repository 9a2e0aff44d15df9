// What goes over a simulated stream: proto/recur/v1 without its encoding.
#ifndef RECUR_TESTS_SIM_WIRE_H_
#define RECUR_TESTS_SIM_WIRE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "model/spec/answer.h"

namespace recur::sim {

struct AttachRequest {
  uint32_t handle = 0;
  std::string session_id;
  uint64_t acknowledged = 0;
};

struct ItemRequest {
  uint32_t handle = 0;
  uint64_t first_step = 1;
  std::vector<double> values;  // one a step
  bool forecast = false;       // else an ack
};

struct ToServer {
  std::vector<uint32_t> detach;
  std::vector<AttachRequest> attach;
  std::vector<ItemRequest> items;
  bool wait_durable = false;
  // Which connection of its client it was sent on.
  int64_t connection = 0;
};

struct AttachReply {
  uint32_t handle = 0;
  absl::Status status;
  bool durable = false;
  uint64_t resume_step = 1;
  uint64_t durable_step = 0;
};

struct ItemReply {
  uint64_t item = 0;  // as counted on the stream
  uint32_t handle = 0;
  absl::Status status;
  uint64_t step = 0;
  uint64_t applied_step = 0;
  uint64_t durable_step = 0;
  bool duplicate = false;
  std::shared_ptr<const Answer> answer;
};

struct DurableMark {
  uint32_t handle = 0;
  uint64_t durable_step = 0;
};

struct ToClient {
  std::vector<AttachReply> attached;
  std::vector<ItemReply> replies;
  std::vector<DurableMark> durable;
  bool go_away = false;
  std::optional<absl::Status> end;  // nothing follows

  bool empty() const {
    return attached.empty() && replies.empty() && durable.empty() && !go_away &&
           !end.has_value();
  }
};

// A server's error as it arrives: with a reason in any case, and a delay where
// it passes (server/rpc/rpc_status.h).
absl::Status OnWire(absl::Status status);

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_WIRE_H_
