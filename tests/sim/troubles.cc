// Simulation: what goes wrong.

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_format.h"
#include "tests/sim/simulation.h"

namespace recur::sim {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

// Below the time to live of a session: nothing may end of it.
constexpr Duration kFarthestJump = hours(10);

}  // namespace

void Simulation::Begin(size_t index) {
  const Fault& fault = plan_.faults[index];
  const Trouble trouble{loop_.now() + fault.length, index};
  const int server =
      static_cast<int>(fault.roll % static_cast<uint64_t>(cluster_->size()));
  Trace(Describe(fault));
  switch (fault.kind) {
    case FaultKind::kCrash:
      return Crash(server, fault.length, index);
    case FaultKind::kPause:
      return Pause(server, fault.length, index);
    case FaultKind::kRestart:
      return Restart(server, fault.length, index);
    case FaultKind::kLostAck:
    case FaultKind::kReorder:
      return BreakConnection(fault, index);
    case FaultKind::kDuplicate:
      return prober_->Duplicate(trouble.until, index);
    case FaultKind::kLateCommit:
      store_.late = trouble;
      return;
    case FaultKind::kLostAnswer:
      store_.mute = trouble;
      return;
    case FaultKind::kStoreDown:
      store_.down = trouble;
      return;
    case FaultKind::kStoreSlow:
      store_.slow = trouble;
      return;
    case FaultKind::kStoreRolledBack:
      return store_.RollBack(loop_.now() - fault.length / 2, index);
    case FaultKind::kDiskFull:
      store_.full = trouble;
      return;
    case FaultKind::kTornWrite:
      return TearWrite(server, fault.length, index, 2000);
    case FaultKind::kSpill:
      return FallSilent(fault, index);
    case FaultKind::kClockJump:
      if (ServerRun* up = cluster_->Up(server)) {
        Dice dice(fault.roll);
        up->JumpClock(dice.Between(-kFarthestJump, kFarthestJump), index);
      }
      return;
  }
}

void Simulation::Crash(int server, Duration length, size_t fault) {
  if (cluster_->Up(server) == nullptr) return;
  cluster_->Kill(server);
  judge_.Fired(fault);
  loop_.After(length, [this, server] { cluster_->Start(server); });
}

// In the middle of a write, for which it waits a little.
void Simulation::TearWrite(int server, Duration length, size_t fault,
                           int looks) {
  ServerRun* const up = cluster_->Up(server);
  if (up == nullptr) return;
  if (!up->writing() && looks > 0) {
    return loop_.After(std::chrono::microseconds(300),
                       [this, server, length, fault, looks] {
                         TearWrite(server, length, fault, looks - 1);
                       });
  }
  if (cluster_->Kill(server, /*power_lost=*/true)) judge_.Fired(fault);
  loop_.After(length, [this, server] { cluster_->Start(server); });
}

void Simulation::Pause(int server, Duration length, size_t fault) {
  ServerRun* const up = cluster_->Up(server);
  if (up == nullptr || up->process().stopped()) return;
  up->process().Stop();
  loop_.After(length, [this, server, run = up->run(), fault] {
    ServerRun* const same = cluster_->Up(server, run);
    if (same == nullptr) return;
    if (same->process().Continue() > 0) judge_.Fired(fault);
  });
}

void Simulation::Restart(int server, Duration length, size_t fault) {
  ServerRun* const up = cluster_->Up(server);
  if (up == nullptr || up->draining()) return;
  up->Drain([this, server, run = up->run(), length, fault] {
    // Not from within itself.
    loop_.After(Duration(0), [this, server, run, length, fault] {
      if (cluster_->Up(server, run) == nullptr) return;
      cluster_->Kill(server);
      judge_.Fired(fault);
      loop_.After(length / 4, [this, server] { cluster_->Start(server); });
    });
  });
}

// What is under way meanwhile gets lost, or comes late.
void Simulation::BreakConnection(const Fault& how, size_t fault) {
  const auto connections = cluster_->Connections();
  if (connections.empty()) return;
  const auto connection = connections[how.roll % connections.size()];
  if (how.kind == FaultKind::kReorder) {
    connection->HoldUp(loop_.now() + how.length, fault);
  } else {
    connection->LoseReplies(fault);
  }
}

void Simulation::FallSilent(const Fault& how, size_t fault) {
  const auto spilled = [this] {
    int64_t sum = 0;
    for (int i = 0; i < cluster_->size(); ++i) {
      if (const ServerRun* up = cluster_->Up(i)) sum += up->spilled();
    }
    return sum;
  };
  for (auto& client : stream_clients_) client->FallSilent(how.length);
  for (auto& client : unary_clients_) client->FallSilent(how.length);
  loop_.After(how.length - milliseconds(1),
              [this, spilled, before = spilled(), fault] {
                if (spilled() > before) judge_.Fired(fault);
              });
}

}  // namespace recur::sim
