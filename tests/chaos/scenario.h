// What is killed, and how. A scenario owns the processes; the load on them and
// the judgement are chaos_run.h's.
#ifndef RECUR_TESTS_CHAOS_SCENARIO_H_
#define RECUR_TESTS_CHAOS_SCENARIO_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "tests/chaos/load.h"
#include "tests/chaos/server_process.h"
#include "tests/unit/server/store/temp_directory.h"

namespace recur::chaos {

// What all scenarios of one call share.
struct Ground {
  std::string server_binary;
  std::filesystem::path models;
  std::mt19937_64 dice;

  int Below(int n) { return std::uniform_int_distribution(0, n - 1)(dice); }
};

// What a run did and saw.
struct Tally {
  int64_t cycles = 0;
  int64_t observations = 0;
  int64_t lost = 0;     // sent and acknowledged, and not applied or answered
  int64_t doubled = 0;  // applied beyond what was sent
  int64_t wrong_answers = 0;
  int64_t zombie_runs = 0;
  int64_t fenced_commits = 0;
  int64_t refused_reads = 0;
  double seconds = 0;

  void Add(const Tally& other);
  bool clean() const { return lost + doubled + wrong_answers == 0; }
};

class Scenario {
 public:
  virtual ~Scenario() = default;

  // Starts what is needed.
  virtual absl::Status Begin() = 0;
  // Where sessions are opened, and looked at in the end.
  virtual int port() const = 0;
  // That the load spreads its sessions over.
  virtual int streams() const { return 1; }
  // One cycle. The load is in full swing and goes on meanwhile.
  virtual absl::Status Disturb(Load* load, Tally* tally) = 0;
};

enum class Scene {
  kServerOnRocksdb,
  kServerOnRedis,
  kRedisServer,
  kFailover,
  kHaproxy,
  kNginx,
};

// What it needs and is not installed; empty if it can run.
std::string MissingFor(Scene scene);

// `ground` must outlive it.
std::unique_ptr<Scenario> MakeScenario(Scene scene, Ground* ground);

// For the scenarios: a server of this ground, its log in the directory.
ServerProcess::Options OptionsOf(const Ground& ground,
                                 const TempDirectory& directory,
                                 const std::string& store,
                                 const std::string& name = "server");
absl::Status RedisIsDown();

}  // namespace recur::chaos

#endif  // RECUR_TESTS_CHAOS_SCENARIO_H_
