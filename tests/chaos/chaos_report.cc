#include "tests/chaos/chaos_report.h"

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur::chaos {
namespace {

constexpr char kRow[] = "%-18s %-11s %6s %8s %12s %6s %7s %6s %6s\n";

const char* KeyOf(Scene scene) {
  switch (scene) {
    case Scene::kServerOnRocksdb:
      return "kill_cycles_rocksdb";
    case Scene::kServerOnRedis:
      return "kill_cycles_redis";
    case Scene::kRedisServer:
      return "kill_cycles_redis_server";
    case Scene::kHaproxy:
      return "cycles_behind_haproxy";
    case Scene::kNginx:
      return "cycles_behind_nginx";
    case Scene::kFailover:
      break;
  }
  return "failovers";
}

void PrintTally(const char* scene, const char* model, const Tally& tally,
                std::ostream& out) {
  out << absl::StrFormat(kRow, scene, model, absl::StrCat(tally.cycles),
                         absl::StrFormat("%.1f", tally.seconds),
                         absl::StrCat(tally.observations),
                         absl::StrCat(tally.lost), absl::StrCat(tally.doubled),
                         absl::StrCat(tally.wrong_answers),
                         absl::StrCat(tally.fenced_commits))
      << std::flush;
}

Tally TotalOf(const std::vector<RunResult>& results) {
  Tally total;
  for (const RunResult& result : results) total.Add(result.tally);
  return total;
}

}  // namespace

const char* NameOf(Scene scene) {
  switch (scene) {
    case Scene::kServerOnRocksdb:
      return "server on rocksdb";
    case Scene::kServerOnRedis:
      return "server on redis";
    case Scene::kRedisServer:
      return "redis-server";
    case Scene::kHaproxy:
      return "behind HAProxy";
    case Scene::kNginx:
      return "behind nginx";
    case Scene::kFailover:
      break;
  }
  return "failover";
}

void PrintHeading(std::ostream& out) {
  out << absl::StrFormat(kRow, "killed", "model", "cycles", "seconds",
                         "observations", "lost", "doubled", "wrong", "fenced")
      << std::flush;
}

void Print(const RunResult& result, std::ostream& out) {
  PrintTally(NameOf(result.scene), NameOf(result.model), result.tally, out);
}

void PrintTotal(const std::vector<RunResult>& results, std::ostream& out) {
  const Tally total = TotalOf(results);
  PrintTally("all", "", total, out);
  if (total.zombie_runs == 0) return;
  out << absl::StrFormat(
      "%d zombies: %d commits fenced, %d stale reads refused\n",
      total.zombie_runs, total.fenced_commits, total.refused_reads);
}

absl::Status WriteJson(const std::vector<RunResult>& results,
                       const std::string& path) {
  nlohmann::json json = nlohmann::json::object();
  for (const RunResult& result : results) {
    const char* key = KeyOf(result.scene);
    json[key] = json.value(key, int64_t{0}) + result.tally.cycles;
    if (result.scene != Scene::kFailover) continue;
    for (const auto& [name, count] : std::map<std::string, int64_t>{
             {"zombie_runs", result.tally.zombie_runs},
             {"fenced_commits", result.tally.fenced_commits},
             {"refused_stale_reads", result.tally.refused_reads}}) {
      json[name] = json.value(name, int64_t{0}) + count;
    }
  }
  const Tally total = TotalOf(results);
  json["observations"] = total.observations;
  json["lost"] = total.lost;
  json["doubled"] = total.doubled;
  json["wrong_answers"] = total.wrong_answers;
  std::ofstream file(path);
  file << json.dump(2) << "\n";
  file.close();
  if (file.fail()) {
    return absl::UnavailableError(absl::StrCat("cannot write ", path));
  }
  return absl::OkStatus();
}

}  // namespace recur::chaos
