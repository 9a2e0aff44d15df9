// recur_chaos: what run.sh runs. README.md beside this file says what it
// proves.
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/chaos/chaos_report.h"
#include "tests/chaos/chaos_run.h"
#include "tests/unit/server/store/temp_directory.h"

namespace recur::chaos {
namespace {

struct Flags {
  std::string server;
  std::string json;
  std::string only;
  bool is_long = false;
  int cycles = 0;
  uint64_t seed = std::random_device{}();
};

struct Program {
  Scene scene;
  const char* name;  // for --only
  int short_cycles;
  int long_cycles;
};

constexpr Program kPrograms[] = {{Scene::kServerOnRocksdb, "rocksdb", 5, 200},
                                 {Scene::kServerOnRedis, "redis", 3, 100},
                                 {Scene::kRedisServer, "redis-server", 2, 50},
                                 {Scene::kFailover, "failover", 4, 50},
                                 {Scene::kHaproxy, "haproxy", 4, 20},
                                 {Scene::kNginx, "nginx", 4, 20}};

int Failed(const absl::Status& status) {
  std::cerr << "recur_chaos: " << status << "\n";
  return 1;
}

// Half of the cycles with each model; the accumulator has the odd one.
absl::Status RunProgram(const Program& program, const Flags& flags,
                        const std::vector<ModelKind>& models, Ground* ground,
                        std::vector<RunResult>* results) {
  int left = program.short_cycles;
  if (flags.is_long) left = program.long_cycles;
  if (flags.cycles > 0) left = flags.cycles;
  for (size_t i = 0; i < models.size(); ++i) {
    const int others = static_cast<int>(models.size() - i - 1);
    const int cycles = left - left * others / (others + 1);
    left -= cycles;
    if (cycles == 0) continue;
    auto tally = RunChaos(program.scene, models[i], cycles, ground);
    if (!tally.ok()) {
      return absl::Status(tally.status().code(),
                          std::string(NameOf(program.scene)) + ", " +
                              NameOf(models[i]) + ": " +
                              std::string(tally.status().message()));
    }
    results->push_back({program.scene, models[i], *tally});
    Print(results->back(), std::cout);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ModelKind>> Models(const Ground& ground) {
  const auto exact = SameBitsInAnyBatch(ground);
  if (!exact.ok()) return exact.status();
  if (*exact) {
    return std::vector<ModelKind>{ModelKind::kAccumulator, ModelKind::kLstm};
  }
  std::cerr << "this machine does not answer bit for bit alike in every batch: "
               "every run is with the accumulator\n";
  return std::vector<ModelKind>{ModelKind::kAccumulator};
}

int Run(const Flags& flags) {
  const TempDirectory directory;
  Ground ground{.server_binary = flags.server,
                .models = directory.path() / "models",
                .dice = std::mt19937_64(flags.seed)};
  if (auto s = WriteModels(ground.models); !s.ok()) return Failed(s);
  const auto models = Models(ground);
  if (!models.ok()) return Failed(models.status());
  std::cout << "seed " << flags.seed << "\n";
  PrintHeading(std::cout);
  std::vector<RunResult> results;
  bool clean = true;
  for (const Program& program : kPrograms) {
    if (!flags.only.empty() && flags.only != program.name) continue;
    if (const auto missing = MissingFor(program.scene); !missing.empty()) {
      std::cout << NameOf(program.scene) << ": skipped, " << missing
                << " is not installed\n";
      continue;
    }
    const auto status = RunProgram(program, flags, *models, &ground, &results);
    if (!status.ok()) clean = Failed(status) == 0;
  }
  PrintTotal(results, std::cout);
  for (const RunResult& result : results) clean &= result.tally.clean();
  if (!flags.json.empty()) {
    if (auto s = WriteJson(results, flags.json); !s.ok()) return Failed(s);
  }
  return clean ? 0 : 1;
}

int Main(int argc, char** argv) {
  Flags flags;
  CLI::App app(
      "Kills servers under load and holds every answer against an "
      "uninterrupted run. Exit code 1: something was lost, applied "
      "twice or answered otherwise, or a run did not come to its end.",
      "recur_chaos");
  app.add_option("--server", flags.server, "The binary recur-server")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_flag("--long", flags.is_long, "200, 100, 50, 50, 20 and 20 cycles");
  app.add_option("--cycles", flags.cycles, "So many of each kind instead");
  app.add_option("--only", flags.only, "One kind of run alone")
      ->check(CLI::IsMember({"rocksdb", "redis", "redis-server", "failover",
                             "haproxy", "nginx"}));
  app.add_option("--json", flags.json, "Write the figures to this file");
  app.add_option("--seed", flags.seed, "Of the random moments");
  CLI11_PARSE(app, argc, argv);
  setenv("OMP_NUM_THREADS", "1", /*replace=*/0);
  // Of a balancer without a server, gRPC logs every answer.
  setenv("GRPC_VERBOSITY", "NONE", /*replace=*/0);
  return Run(flags);
}

}  // namespace
}  // namespace recur::chaos

int main(int argc, char** argv) { return recur::chaos::Main(argc, argv); }
