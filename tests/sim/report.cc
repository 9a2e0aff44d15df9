#include "tests/sim/report.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur::sim {

void Report::Add(const Plan& plan, const Outcome& outcome) {
  ++seeds_;
  if (plan.faults.empty()) ++calm_;
  if (outcome.violation.has_value()) ++violations_;
  observations_ += outcome.observations;
  answers_ += outcome.answers;
  events_ += outcome.events;
  virtual_seconds_ += std::chrono::duration<double>(outcome.time).count();
  digest_ = (digest_ ^ outcome.digest) * 0x100000001b3;
  for (size_t i = 0; i < plan.faults.size(); ++i) {
    const auto kind = static_cast<size_t>(plan.faults[i].kind);
    ++planned_[kind];
    if (outcome.fired[i]) ++fired_[kind];
  }
}

std::string Report::Text(double seconds) const {
  std::string text = absl::StrFormat(
      "%d seeds (%d without faults), %d observations, %d answers compared, "
      "%.0f s of virtual time in %.1f s: %d violations\n\n%-18s %8s %8s\n",
      seeds_, calm_, observations_, answers_, virtual_seconds_, seconds,
      violations_, "fault", "planned", "fired");
  for (int kind = 0; kind < kFaultKinds; ++kind) {
    absl::StrAppendFormat(&text, "%-18s %8d %8d\n",
                          NameOf(static_cast<FaultKind>(kind)), planned_[kind],
                          fired_[kind]);
  }
  absl::StrAppendFormat(&text, "\n%d events, digest %016x\n", events_, digest_);
  return text;
}

std::string Report::Json(double seconds) const {
  nlohmann::json faults = nlohmann::json::object();
  for (int kind = 0; kind < kFaultKinds; ++kind) {
    faults[std::string(NameOf(static_cast<FaultKind>(kind)))] = fired_[kind];
  }
  const nlohmann::json all = {
      {"sim_seeds", seeds_},      {"sim_violations", violations_},
      {"faults_by_kind", faults}, {"sim_observations", observations_},
      {"sim_answers", answers_},  {"sim_seconds", seconds}};
  return all.dump(2) + "\n";
}

std::string Describe(const Plan& shortest, const Violation& violation) {
  std::string text = absl::StrFormat(
      "seed %d violates \"%s\": %s\n  %s, %s model, %d clients on streams and "
      "%d without, %d sessions\n",
      shortest.seed, violation.invariant, violation.what,
      shortest.local ? "one server with a disk" : "two servers on one store",
      Lab::NameOf(shortest.model), shortest.stream_clients,
      shortest.unary_clients, shortest.sessions());
  if (shortest.faults.empty()) return text + "  without any fault\n";
  for (const Fault& fault : shortest.faults) {
    absl::StrAppend(&text, "  ", Describe(fault), "\n");
  }
  return text;
}

}  // namespace recur::sim
