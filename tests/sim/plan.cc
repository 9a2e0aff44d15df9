#include "tests/sim/plan.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/types/span.h"

namespace recur::sim {
namespace {

using std::chrono::milliseconds;

constexpr std::array<absl::string_view, kFaultKinds> kNames = {
    "crash",      "pause",      "restart",           "lost_ack",
    "duplicate",  "reorder",    "late_commit",       "lost_answer",
    "store_down", "store_slow", "store_rolled_back", "disk_full",
    "torn_write", "spill",      "clock_jump"};

constexpr FaultKind kOfShared[] = {
    FaultKind::kCrash,      FaultKind::kPause,      FaultKind::kRestart,
    FaultKind::kLostAck,    FaultKind::kDuplicate,  FaultKind::kReorder,
    FaultKind::kLateCommit, FaultKind::kLostAnswer, FaultKind::kStoreDown,
    FaultKind::kStoreSlow,  FaultKind::kSpill,      FaultKind::kClockJump};

constexpr FaultKind kOfLocal[] = {
    FaultKind::kCrash,     FaultKind::kPause,     FaultKind::kRestart,
    FaultKind::kLostAck,   FaultKind::kDuplicate, FaultKind::kReorder,
    FaultKind::kStoreSlow, FaultKind::kDiskFull,  FaultKind::kTornWrite,
    FaultKind::kSpill,     FaultKind::kClockJump};

// A store that goes back breaks its promise; what must still hold then is less,
// so that only some seeds have it.
constexpr uint64_t kRollbackPercent = 20;

Duration LengthOf(FaultKind kind, Dice* dice) {
  switch (kind) {
    case FaultKind::kPause:
      return dice->Between(milliseconds(200), milliseconds(4000));
    case FaultKind::kCrash:
    case FaultKind::kTornWrite:
      return dice->Between(milliseconds(20), milliseconds(1500));
    case FaultKind::kSpill:
      return dice->Between(milliseconds(2200), milliseconds(4000));
    default:
      return dice->Between(milliseconds(100), milliseconds(2500));
  }
}

std::vector<Fault> DrawFaults(bool local, Dice* dice) {
  const absl::Span<const FaultKind> kinds =
      local ? absl::MakeConstSpan(kOfLocal) : absl::MakeConstSpan(kOfShared);
  const bool rollback = !local && dice->Percent(kRollbackPercent);
  std::vector<Fault> faults;
  while (faults.size() < kFaults) {
    Fault fault{.kind = kinds[dice->Below(kinds.size())]};
    if (rollback && faults.empty()) fault.kind = FaultKind::kStoreRolledBack;
    fault.at = dice->Between(milliseconds(20), kTrouble);
    fault.length = LengthOf(fault.kind, dice);
    fault.roll = dice->Bits();
    faults.push_back(fault);
  }
  std::stable_sort(faults.begin(), faults.end(),
                   [](const Fault& a, const Fault& b) { return a.at < b.at; });
  return faults;
}

}  // namespace

absl::string_view NameOf(FaultKind kind) {
  return kNames[static_cast<size_t>(kind)];
}

std::string Describe(const Fault& fault) {
  const auto ms = [](Duration of) {
    return std::chrono::duration_cast<milliseconds>(of).count();
  };
  return absl::StrFormat("%s at %d ms for %d ms", NameOf(fault.kind),
                         ms(fault.at), ms(fault.length));
}

Plan MakePlan(uint64_t seed) {
  Dice dice(seed * 0x2545f4914f6cdd1d + 1);
  Plan plan{.seed = seed,
            .local = dice.Percent(30),
            .model = seed % 2 == 0 ? ModelKind::kSum : ModelKind::kLstm,
            .stream_clients = 2 + static_cast<int>(dice.Below(2)),
            .unary_clients = 1 + static_cast<int>(dice.Below(2)),
            .sessions_per_client = 2 + static_cast<int>(dice.Below(2))};
  const auto sessions = static_cast<uint64_t>(plan.sessions());
  if (dice.Percent(30)) plan.max_sessions = 2 * sessions / 3 + 1;
  plan.steps_per_session = (kObservations + sessions - 1) / sessions;
  if (seed % 10 != 0) plan.faults = DrawFaults(plan.local, &dice);
  return plan;
}

}  // namespace recur::sim
