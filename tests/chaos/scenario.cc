#include "tests/chaos/scenario.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/chaos/balanced.h"
#include "tests/chaos/zombie.h"
#include "tests/private_redis.h"

namespace recur::chaos {
namespace {

// The server, its sessions on disk.
class ServerOnRocksdb : public Scenario {
 public:
  explicit ServerOnRocksdb(Ground* ground)
      : server_(OptionsOf(
            *ground, directory_,
            absl::StrCat("rocksdb:", (directory_.path() / "db").string()))) {}

  absl::Status Begin() override { return server_.Start(); }
  int port() const override { return server_.port(); }

  absl::Status Disturb(Load*, Tally*) override {
    server_.Kill();
    return server_.Start();
  }

 private:
  TempDirectory directory_;
  ServerProcess server_;
};

// The server, its sessions in Redis, or Redis itself.
class OneOnRedis : public Scenario {
 public:
  OneOnRedis(Ground* ground, bool kill_redis)
      : kill_redis_(kill_redis),
        server_(OptionsOf(*ground, directory_, redis_.uri())) {}

  absl::Status Begin() override {
    return redis_.running() ? server_.Start() : RedisIsDown();
  }
  int port() const override { return server_.port(); }

  absl::Status Disturb(Load*, Tally*) override {
    if (!kill_redis_) {
      server_.Kill();
      return server_.Start();
    }
    redis_.Kill();
    redis_.Start();
    return redis_.running() ? absl::OkStatus() : RedisIsDown();
  }

 private:
  const bool kill_redis_;
  TempDirectory directory_;
  PrivateRedis redis_;
  ServerProcess server_;
};

// Two servers on one Redis. By turns the one that has the sessions is killed,
// and stopped, to wake up when the other has them.
class Failover : public Scenario {
 public:
  explicit Failover(Ground* ground)
      : a_(OptionsOf(*ground, directory_, redis_.uri(), "a")),
        b_(OptionsOf(*ground, directory_, redis_.uri(), "b")) {}

  absl::Status Begin() override {
    if (!redis_.running()) return RedisIsDown();
    if (auto status = a_.Start(); !status.ok()) return status;
    return b_.Start();
  }
  int port() const override { return active_->port(); }

  absl::Status Disturb(Load* load, Tally* tally) override {
    std::swap(active_, other_);
    zombie_ = !zombie_;
    if (zombie_)
      return MakeZombie(other_, active_->port(), redis_, load, tally);
    other_->Kill();
    load->GoTo(active_->port());
    if (auto status = load->AwaitProgress(); !status.ok()) return status;
    return other_->Start();
  }

 private:
  TempDirectory directory_;
  PrivateRedis redis_;
  ServerProcess a_;
  ServerProcess b_;
  ServerProcess* active_ = &a_;
  ServerProcess* other_ = &b_;
  bool zombie_ = false;
};

}  // namespace

void Tally::Add(const Tally& other) {
  cycles += other.cycles;
  observations += other.observations;
  lost += other.lost;
  doubled += other.doubled;
  wrong_answers += other.wrong_answers;
  zombie_runs += other.zombie_runs;
  fenced_commits += other.fenced_commits;
  refused_reads += other.refused_reads;
  seconds += other.seconds;
}

absl::Status RedisIsDown() {
  return absl::InternalError("redis-server does not start");
}

ServerProcess::Options OptionsOf(const Ground& ground,
                                 const TempDirectory& directory,
                                 const std::string& store,
                                 const std::string& name) {
  return {.binary = ground.server_binary,
          .models = ground.models,
          .store = store,
          .log = directory.path() / absl::StrCat(name, ".log")};
}

std::string MissingFor(Scene scene) {
  const bool on_disk =
      scene == Scene::kServerOnRocksdb || scene == Scene::kNginx;
  if (!on_disk && !PrivateRedis::IsInstalled()) return "redis-server";
  if (scene == Scene::kHaproxy && !std::filesystem::exists(kHaproxy)) {
    return "haproxy";
  }
  if (scene == Scene::kNginx && !std::filesystem::exists(kNginx)) {
    return "nginx";
  }
  return "";
}

std::unique_ptr<Scenario> MakeScenario(Scene scene, Ground* ground) {
  switch (scene) {
    case Scene::kServerOnRocksdb:
      return std::make_unique<ServerOnRocksdb>(ground);
    case Scene::kServerOnRedis:
      return std::make_unique<OneOnRedis>(ground, /*kill_redis=*/false);
    case Scene::kRedisServer:
      return std::make_unique<OneOnRedis>(ground, /*kill_redis=*/true);
    case Scene::kHaproxy:
      return MakeBehindHaproxy(ground);
    case Scene::kNginx:
      return MakeBehindNginx(ground);
    case Scene::kFailover:
      break;
  }
  return std::make_unique<Failover>(ground);
}

}  // namespace recur::chaos
