#include "tests/chaos/scenario.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/chaos/server_process.h"
#include "tests/chaos/zombie.h"
#include "tests/private_redis.h"
#include "tests/unit/server/store/temp_directory.h"

namespace recur::chaos {
namespace {

absl::Status RedisIsDown() {
  return absl::InternalError("redis-server does not start");
}

ServerProcess::Options ServerOptions(const Ground& ground,
                                     const TempDirectory& directory,
                                     const std::string& store,
                                     const std::string& name = "server") {
  return {.binary = ground.server_binary,
          .models = ground.models,
          .store = store,
          .log = directory.path() / absl::StrCat(name, ".log")};
}

// The server, its sessions on disk.
class ServerOnRocksdb : public Scenario {
 public:
  explicit ServerOnRocksdb(Ground* ground)
      : server_(ServerOptions(
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
        server_(ServerOptions(*ground, directory_, redis_.uri())) {}

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
      : a_(ServerOptions(*ground, directory_, redis_.uri(), "a")),
        b_(ServerOptions(*ground, directory_, redis_.uri(), "b")) {}

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

bool NeedsRedis(Scene scene) { return scene != Scene::kServerOnRocksdb; }

std::unique_ptr<Scenario> MakeScenario(Scene scene, Ground* ground) {
  switch (scene) {
    case Scene::kServerOnRocksdb:
      return std::make_unique<ServerOnRocksdb>(ground);
    case Scene::kServerOnRedis:
      return std::make_unique<OneOnRedis>(ground, /*kill_redis=*/false);
    case Scene::kRedisServer:
      return std::make_unique<OneOnRedis>(ground, /*kill_redis=*/true);
    case Scene::kFailover:
      break;
  }
  return std::make_unique<Failover>(ground);
}

}  // namespace recur::chaos
