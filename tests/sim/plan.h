// What a seed stands for: who is there, and what goes wrong when. Pure.
#ifndef RECUR_TESTS_SIM_PLAN_H_
#define RECUR_TESTS_SIM_PLAN_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/sim/dice.h"
#include "tests/sim/lab.h"

namespace recur::sim {

enum class FaultKind {
  kCrash,            // a server is killed and started again later
  kPause,            // a server is stopped, and goes on as if nothing had been
  kRestart,          // a server drains, ends and is started again
  kLostAck,          // connections break, and with them what the server said
  kDuplicate,        // what was sent is handed in once more, as a proxy may do
  kReorder,          // what was sent on a broken connection arrives late
  kLateCommit,       // commits reach the store when nobody waits any more
  kLostAnswer,       // the store does what it is asked, and nobody hears of it
  kStoreDown,        // the store cannot be reached
  kStoreSlow,        // it takes its time
  kStoreRolledBack,  // it forgets the last moments
  kDiskFull,         // the disk takes no more
  kTornWrite,        // power fails in the middle of a write
  kSpill,            // clients fall silent until their sessions leave memory
  kClockJump,        // a server's wall clock is set
};
inline constexpr int kFaultKinds = 15;

// As printed: "store_down".
absl::string_view NameOf(FaultKind kind);

struct Fault {
  FaultKind kind = FaultKind::kCrash;
  Duration at{0};  // from the beginning
  Duration length{0};
  uint64_t roll = 0;  // for the rest
};

std::string Describe(const Fault& fault);

struct Plan {
  uint64_t seed = 0;
  bool local = false;  // one server with a disk; else two on one shared store
  ModelKind model = ModelKind::kSum;
  int stream_clients = 2;
  int unary_clients = 1;
  int sessions_per_client = 2;
  uint64_t steps_per_session = 34;
  // Of a server's memory; fewer than there are, or as many as one likes.
  size_t max_sessions = 1000;
  std::vector<Fault> faults;  // by time

  int sessions() const {
    return (stream_clients + unary_clients) * sessions_per_client;
  }
};

inline constexpr uint64_t kObservations = 200;  // of a run, at least
inline constexpr size_t kFaults = 10;
// When the last fault begins, and the longest is over so much later.
inline constexpr Duration kTrouble = std::chrono::seconds(6);
inline constexpr Duration kLongest = std::chrono::seconds(5);

// Every tenth seed has no faults.
Plan MakePlan(uint64_t seed);

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_PLAN_H_
