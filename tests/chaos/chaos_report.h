// What is printed of the runs, and written for programs.
#ifndef RECUR_TESTS_CHAOS_CHAOS_REPORT_H_
#define RECUR_TESTS_CHAOS_CHAOS_REPORT_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tests/chaos/scenario.h"

namespace recur::chaos {

struct RunResult {
  Scene scene = Scene::kServerOnRocksdb;
  ModelKind model = ModelKind::kAccumulator;
  Tally tally;
};

const char* NameOf(Scene scene);

void PrintHeading(std::ostream& out);
void Print(const RunResult& result, std::ostream& out);
void PrintTotal(const std::vector<RunResult>& results, std::ostream& out);

// One object of numbers: kill_cycles_rocksdb, kill_cycles_redis,
// kill_cycles_redis_server, failovers, zombie_runs, fenced_commits,
// refused_stale_reads, cycles_behind_haproxy, cycles_behind_nginx,
// observations, lost, doubled, wrong_answers. What was not run is not there.
absl::Status WriteJson(const std::vector<RunResult>& results,
                       const std::string& path);

}  // namespace recur::chaos

#endif  // RECUR_TESTS_CHAOS_CHAOS_REPORT_H_
