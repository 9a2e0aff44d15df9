#include "tests/chaos/balanced.h"

#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/chaos/logged_process.h"
#include "tests/chaos/server_process.h"
#include "tests/private_redis.h"
#include "tests/unit/server/store/temp_directory.h"

namespace recur::chaos {
namespace {

// Streams of one load: enough for some to go to either server.
constexpr int kStreams = 8;

// The balancer, in front of servers that run.
absl::Status StartBalancer(LoggedProcess* balancer,
                           const std::vector<std::string>& arguments,
                           int port) {
  if (auto status = balancer->Start(arguments); !status.ok()) return status;
  auto client = client::Client::Create({.target = Loopback(port)});
  if (!client.ok()) return client.status();
  const auto models = client->ListModels();  // tries until it listens
  if (models.ok()) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("the balancer does not serve: ", models.status().message(),
                   "\n", balancer->LogOfThisLife()));
}

// Killed or asked to leave.
absl::Status End(ServerProcess* server, bool drain) {
  if (drain) return server->Drain();
  server->Kill();
  return absl::OkStatus();
}

class BehindHaproxy : public Scenario {
 public:
  explicit BehindHaproxy(Ground* ground)
      : port_(FreePort()),
        haproxy_(directory_.path() / "haproxy.log"),
        a_(OptionsOf(*ground, directory_, redis_.uri(), "a")),
        b_(OptionsOf(*ground, directory_, redis_.uri(), "b")) {}

  absl::Status Begin() override {
    if (!redis_.running()) return RedisIsDown();
    for (ServerProcess* server : {&a_, &b_}) {
      if (auto status = server->Start(); !status.ok()) return status;
    }
    // The file as it is: it takes from the environment what differs.
    const std::array<std::pair<const char*, std::string>, 5> differs = {
        {{"RECUR_BALANCER_LISTEN", Loopback(port_)},
         {"RECUR_1", Loopback(a_.port())},
         {"RECUR_1_HTTP", absl::StrCat(a_.http_port())},
         {"RECUR_2", Loopback(b_.port())},
         {"RECUR_2_HTTP", absl::StrCat(b_.http_port())}}};
    std::vector<std::string> arguments = {"/usr/bin/env"};
    for (const auto& [name, value] : differs) {
      arguments.push_back(absl::StrCat(name, "=", value));
    }
    for (const char* argument :
         {kHaproxy, "-db", "-f",
          RECUR_SOURCE_DIR "/deploy/haproxy/haproxy.cfg"}) {
      arguments.push_back(argument);
    }
    return StartBalancer(&haproxy_, arguments, port_);
  }

  int port() const override { return port_; }
  int streams() const override { return kStreams; }

  absl::Status Disturb(Load* load, Tally* tally) override {
    if (tally->cycles == 0) {
      if (auto spread = CheckSpread(); !spread.ok()) return spread;
    }
    const bool drain = tally->cycles % 2 == 1;
    ServerProcess* server = drain ? &b_ : &a_;
    if (auto ended = End(server, drain); !ended.ok()) return ended;
    if (auto status = load->AwaitProgress(); !status.ok()) return status;
    return server->Start();
  }

 private:
  // Before anything happened both have a part of the streams.
  absl::Status CheckSpread() const {
    for (const ServerProcess* server : {&a_, &b_}) {
      const auto steps = server->AppliedSteps();
      if (!steps.ok()) return steps.status();
      if (*steps > 0) continue;
      return absl::InternalError("HAProxy sent every stream to one server");
    }
    return absl::OkStatus();
  }

  const int port_;
  TempDirectory directory_;
  PrivateRedis redis_;
  LoggedProcess haproxy_;
  ServerProcess a_;
  ServerProcess b_;
};

class BehindNginx : public Scenario {
 public:
  explicit BehindNginx(Ground* ground)
      : port_(FreePort()),
        nginx_(directory_.path() / "nginx.log"),
        server_(OptionsOf(
            *ground, directory_,
            absl::StrCat("rocksdb:", (directory_.path() / "db").string()))) {}

  absl::Status Begin() override {
    if (auto status = server_.Start(); !status.ok()) return status;
    WriteConfiguration();
    return StartBalancer(&nginx_,
                         {kNginx, "-p", directory_.path().string(), "-c",
                          "nginx.conf", "-e", "stderr"},
                         port_);
  }

  int port() const override { return port_; }

  absl::Status Disturb(Load*, Tally* tally) override {
    const bool drain = tally->cycles % 2 == 1;
    if (auto ended = End(&server_, drain); !ended.ok()) return ended;
    return server_.Start();
  }

 private:
  // The part that deploy/ has, with its two addresses replaced, and the least
  // that it can be included in.
  void WriteConfiguration() const {
    std::ifstream file(RECUR_SOURCE_DIR "/deploy/nginx/recur.conf");
    const std::string ours{std::istreambuf_iterator<char>(file), {}};
    std::ofstream(directory_.path() / "recur.conf") << absl::StrReplaceAll(
        ours, {{"127.0.0.1:8000", Loopback(port_)},
               {"127.0.0.1:8001", Loopback(server_.port())}});
    std::ofstream out(directory_.path() / "nginx.conf");
    out << "daemon off;\nmaster_process off;\npid nginx.pid;\n"
           "error_log stderr;\nevents {}\nhttp {\naccess_log off;\n";
    for (const char* kind :
         {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
      out << kind << "_temp_path " << kind << ";\n";
    }
    out << "include recur.conf;\n}\n";
  }

  const int port_;
  TempDirectory directory_;
  LoggedProcess nginx_;
  ServerProcess server_;
};

}  // namespace

std::unique_ptr<Scenario> MakeBehindHaproxy(Ground* ground) {
  return std::make_unique<BehindHaproxy>(ground);
}

std::unique_ptr<Scenario> MakeBehindNginx(Ground* ground) {
  return std::make_unique<BehindNginx>(ground);
}

}  // namespace recur::chaos
