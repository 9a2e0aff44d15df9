#include "tests/sim/cluster.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "tests/sim/server_stream.h"

namespace recur::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

Duration Latency(Dice* dice) {
  return dice->Between(microseconds(50), milliseconds(2));
}

}  // namespace

void Connection::ToServerSide(OnServer what) {
  last_there_ = std::max(last_there_,
                         cluster_->loop()->now() + Latency(&cluster_->dice()));
  cluster_->loop()->At(last_there_,
                       [self = shared_from_this(), what = std::move(what)] {
                         self->Arrive(what);
                       });
}

void Connection::Arrive(OnServer what) {
  if (cluster_->loop()->now() < held_until_) {
    BreakSoon();
    return cluster_->loop()->At(
        held_until_, [self = shared_from_this(), what = std::move(what)] {
          self->Arrive(what);
        });
  }
  ServerRun* const server = cluster_->Up(server_, run_);
  if (server == nullptr) return;
  server->process().After(Duration(0),
                          [server, what = std::move(what)] { what(*server); });
}

void Connection::Send(ToServer message) {
  message.connection = id_;
  ToServerSide([self = shared_from_this(),
                message = std::move(message)](ServerRun& server) {
    if (self->holds_.has_value() && self->given_up()) {
      self->cluster_->judge()->Fired(*self->holds_);
    }
    const auto stream = server.Accept(self->id_);
    if (stream == nullptr) return;
    stream->send = [self](ToClient reply) {
      self->FromServer(std::move(reply));
    };
    stream->Read(message);
  });
}

void Connection::HalfClose() {
  if (std::exchange(half_closed_, true)) return;
  ToServerSide([self = shared_from_this()](ServerRun& server) {
    if (const auto stream = server.StreamOf(self->id_)) {
      stream->HalfClose();
    } else {
      self->End(absl::OkStatus());
    }
  });
}

void Connection::Cancel() {
  client_ = nullptr;
  ToServerSide([self = shared_from_this()](ServerRun& server) {
    server.Drop(self->id_);
  });
}

void Connection::HoldUp(TimePoint until, size_t fault) {
  held_until_ = until;
  holds_ = fault;
}

void Connection::LoseReplies(size_t fault) { loses_ = fault; }

void Connection::BreakSoon() {
  if (std::exchange(breaking_, true)) return;
  cluster_->loop()->After(
      cluster_->dice().Between(Duration(0), milliseconds(60)),
      [self = shared_from_this()] {
        if (self->given_up()) return;
        self->End(absl::UnavailableError("the connection broke"));
        self->Cancel();
      });
}

void Connection::ServerGone(bool heard) {
  if (!heard) return;
  cluster_->loop()->After(
      Latency(&cluster_->dice()), [self = shared_from_this()] {
        self->End(absl::UnavailableError("connection reset by peer"));
      });
}

void Connection::FromServer(ToClient message) {
  last_back_ = std::max(last_back_,
                        cluster_->loop()->now() + Latency(&cluster_->dice()));
  cluster_->loop()->At(last_back_, [self = shared_from_this(),
                                    message = std::move(message)]() mutable {
    self->Deliver(std::move(message));
  });
}

void Connection::Deliver(ToClient message) {
  if (client_ == nullptr) return;
  if (loses_.has_value()) {
    cluster_->judge()->Fired(*loses_);
    return BreakSoon();
  }
  const std::optional<absl::Status> end = message.end;
  client_->OnMessage(this, std::move(message));
  if (end.has_value()) End(*end);
}

void Connection::End(const absl::Status& status) {
  if (client_ == nullptr) return;
  std::exchange(client_, nullptr)->OnEnd(this, status);
}

Cluster::Cluster(EventLoop* loop, SimStore* store, Repository* repository,
                 int servers, const ServerRun::Options& options, Dice dice)
    : loop_(loop),
      store_(store),
      repository_(repository),
      options_(options),
      dice_(dice),
      servers_(servers) {
  for (int i = 0; i < servers; ++i) Start(i);
}

Cluster::~Cluster() = default;

ServerRun* Cluster::Up(int server, int run) {
  ServerRun* const up = servers_[server].get();
  return up != nullptr && up->run() == run ? up : nullptr;
}

void Cluster::Start(int server) {
  if (servers_[server] != nullptr) return;
  options_.run = ++runs_;
  servers_[server] =
      std::make_unique<ServerRun>(options_, store_, repository_, dice_.Fork());
}

bool Cluster::Kill(int server, bool power_lost) {
  ServerRun* const up = servers_[server].get();
  if (up == nullptr) return false;
  if (power_lost) up->LosePower();
  const bool torn = up->Close();
  const int run = up->run();
  servers_[server] = nullptr;
  for (const auto& connection : Connections()) {
    if (connection->server() != server || connection->run() != run) continue;
    connection->ServerGone(dice_.Percent(80));
  }
  return torn;
}

std::shared_ptr<Connection> Cluster::Connect(int server,
                                             Connection::Client* client) {
  ServerRun* const up = Up(server);
  if (up == nullptr) return nullptr;
  auto connection = std::make_shared<Connection>(this, client, ++connections_,
                                                 server, up->run());
  open_.push_back(connection);
  return connection;
}

std::vector<std::shared_ptr<Connection>> Cluster::Connections() {
  std::vector<std::shared_ptr<Connection>> connections;
  std::erase_if(open_, [](const auto& weak) { return weak.expired(); });
  for (const auto& weak : open_) {
    const auto connection = weak.lock();
    if (!connection->given_up()) connections.push_back(connection);
  }
  return connections;
}

bool Cluster::Call(int server,
                   std::function<void(ServerRun&, int64_t call)> arrive) {
  ServerRun* const up = Up(server);
  if (up == nullptr) return false;
  const int64_t call = ++calls_;
  loop_->After(Latency(&dice_), [this, server, run = up->run(), call,
                                 arrive = std::move(arrive)] {
    ServerRun* const there = Up(server, run);
    if (there == nullptr) return;
    there->process().After(Duration(0),
                           [there, call, arrive] { arrive(*there, call); });
  });
  return true;
}

}  // namespace recur::sim
