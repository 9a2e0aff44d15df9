// The unary calls of server/rpc on a simulated server.
#ifndef RECUR_TESTS_SIM_CALLS_H_
#define RECUR_TESTS_SIM_CALLS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/sim/cluster.h"
#include "tests/sim/judge.h"

namespace recur::sim {

struct ObserveCall {
  std::string session_id;
  uint64_t first_step = 1;
  std::vector<double> values;  // one a step
  bool wait_durable = false;
  std::optional<Duration> patience;  // its deadline
  // If set: only a server run that owns the session then does it.
  const Truth* only_at_owner_of = nullptr;
};

// `done` is run at the caller's, unless the call or its reply gets lost. False
// if the server is down.
bool Observe(Cluster* cluster, int server, const ObserveCall& call,
             std::function<void(const ItemResult&)> done);
bool Open(Cluster* cluster, int server, const OpenCall& call,
          std::function<void(const absl::StatusOr<uint64_t>& applied)> done);
bool Attach(Cluster* cluster, int server, const std::string& session_id,
            std::function<void(const absl::StatusOr<SessionInfo>&)> done);
bool Read(Cluster* cluster, int server, const SessionForecastCall& call,
          std::function<void(const absl::StatusOr<ForecastResult>&)> done);
bool Fork(Cluster* cluster, int server, const ForkCall& call,
          std::function<void(const absl::StatusOr<uint64_t>& applied)> done);
bool CloseSession(Cluster* cluster, int server, const std::string& session_id,
                  std::function<void(const absl::StatusOr<uint64_t>&)> done);
// At one server after the other, until it is closed and no call that went
// before can close another session of the id. Not run if the client is told
// that the session is over.
void CloseForGood(Cluster* cluster, Truth* truth, Dice dice,
                  std::function<void()> done);

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_CALLS_H_
