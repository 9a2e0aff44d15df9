// recur_sim: many seeds, or one. README.md says what is simulated.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "tests/sim/lab.h"
#include "tests/sim/plan.h"
#include "tests/sim/report.h"
#include "tests/sim/shrink.h"
#include "tests/sim/simulation.h"

namespace recur::sim {
namespace {

struct Flags {
  uint64_t first = 1;
  uint64_t seeds = 300;
  uint64_t one = 0;
  int64_t stop_after = 10;
  bool shrink = true;
  bool twice = false;
  std::string json;
};

Outcome RunPlan(const Plan& plan, Lab* lab, bool trace = false) {
  return Simulation(plan, lab, trace).Run();
}

// Prints the shortest list of faults that breaks the same rule.
void Explain(const Plan& plan, const Violation& violation, bool shrink,
             Lab* lab) {
  Plan shortest = plan;
  Violation last = violation;
  if (shrink) {
    shortest = Shrink(plan, [&](const Plan& shorter) {
      const Outcome outcome = RunPlan(shorter, lab);
      if (!outcome.violation.has_value()) return false;
      if (outcome.violation->invariant != violation.invariant) return false;
      last = *outcome.violation;
      return true;
    });
  }
  std::printf("%s  again: recur_sim --seed %llu\n\n",
              Describe(shortest, last).c_str(),
              static_cast<unsigned long long>(plan.seed));
  std::fflush(stdout);
}

int RunSeeds(const Flags& flags, Lab* lab) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point began = Clock::now();
  Report report;
  const uint64_t first = flags.one > 0 ? flags.one : flags.first;
  const uint64_t seeds = flags.one > 0 ? 1 : flags.seeds;
  for (uint64_t seed = first; seed < first + seeds; ++seed) {
    const Plan plan = MakePlan(seed);
    Outcome outcome = RunPlan(plan, lab, flags.one > 0);
    if (flags.twice && RunPlan(plan, lab).digest != outcome.digest) {
      outcome.violation = Violation{"a seed is one run", "its runs differ"};
    }
    report.Add(plan, outcome);
    if (!outcome.violation.has_value()) continue;
    Explain(plan, *outcome.violation, flags.shrink, lab);
    if (report.violations() >= flags.stop_after) break;
  }
  const double seconds =
      std::chrono::duration<double>(Clock::now() - began).count();
  std::printf("%s", report.Text(seconds).c_str());
  if (!flags.json.empty()) std::ofstream(flags.json) << report.Json(seconds);
  return report.violations() == 0 ? 0 : 1;
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app("Sessions under faults in virtual time; see README.md");
  app.add_option("--seeds", flags.seeds, "how many")->capture_default_str();
  app.add_option("--first", flags.first, "from this one on")
      ->capture_default_str();
  app.add_option("--seed", flags.one,
                 "this one alone, and say what goes wrong");
  app.add_option("--stop-after", flags.stop_after, "so many violations")
      ->capture_default_str();
  app.add_flag("!--no-shrink", flags.shrink,
               "do not look for the shortest list of faults");
  app.add_flag("--twice", flags.twice, "run each seed twice: it must repeat");
  app.add_option("--json", flags.json, "write the figures to this file");
  CLI11_PARSE(app, argc, argv);
  const auto lab = Lab::Create();
  if (!lab.ok()) {
    std::fprintf(stderr, "%s\n", lab.status().ToString().c_str());
    return 2;
  }
  return RunSeeds(flags, lab->get());
}

}  // namespace
}  // namespace recur::sim

int main(int argc, char** argv) { return recur::sim::Main(argc, argv); }
