// The servers of a simulation and the network that leads to them. Streams keep
// their order, as gRPC's do; different connections, and calls, do not. A
// connection can break so that one side goes on saying what nobody hears.
#ifndef RECUR_TESTS_SIM_CLUSTER_H_
#define RECUR_TESTS_SIM_CLUSTER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "tests/sim/dice.h"
#include "tests/sim/event_loop.h"
#include "tests/sim/server_run.h"
#include "tests/sim/sim_store.h"
#include "tests/sim/wire.h"

namespace recur::sim {

class Cluster;

// A client's end of one stream.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  class Client {
   public:
    virtual ~Client() = default;
    virtual void OnMessage(Connection* on, ToClient message) = 0;
    // Once, unless the client has given it up.
    virtual void OnEnd(Connection* on, const absl::Status& status) = 0;
  };

  Connection(Cluster* cluster, Client* client, int64_t id, int server, int run)
      : cluster_(cluster),
        client_(client),
        id_(id),
        server_(server),
        run_(run) {}

  void Send(ToServer message);
  void HalfClose();
  void Cancel();  // the server will hear of it

  // What goes wrong. From now on what the client sends is held up until that
  // moment, or what the server says gets lost. Soon after the first message
  // that it happens to, the client takes the connection for broken.
  void HoldUp(TimePoint until, size_t fault);
  void LoseReplies(size_t fault);
  // The server is gone; the client hears of it, or not.
  void ServerGone(bool heard);

  int server() const { return server_; }
  int run() const { return run_; }
  bool given_up() const { return client_ == nullptr; }

 private:
  using OnServer = std::function<void(ServerRun&)>;

  void ToServerSide(OnServer what);
  void Arrive(OnServer what);
  void FromServer(ToClient message);
  void Deliver(ToClient message);
  void BreakSoon();
  void End(const absl::Status& status);

  Cluster* const cluster_;
  Client* client_;  // null once it has given up, or heard of the end
  const int64_t id_;
  const int server_;
  const int run_;
  bool half_closed_ = false;
  TimePoint last_there_;
  TimePoint last_back_;
  TimePoint held_until_;
  std::optional<size_t> holds_;  // the fault
  std::optional<size_t> loses_;
  bool breaking_ = false;
};

class Cluster {
 public:
  Cluster(EventLoop* loop, SimStore* store, Repository* repository, int servers,
          const ServerRun::Options& options, Dice dice);
  ~Cluster();

  int size() const { return static_cast<int>(servers_.size()); }
  ServerRun* Up(int server) { return servers_[server].get(); }
  ServerRun* Up(int server, int run);

  // Null while the server is down.
  std::shared_ptr<Connection> Connect(int server, Connection::Client* client);
  // A unary call: run at the server when it arrives, with the number to reply
  // under. False while the server is down.
  bool Call(int server, std::function<void(ServerRun&, int64_t call)> arrive);

  void Start(int server);
  // Returns whether a write was torn.
  bool Kill(int server, bool power_lost = false);

  // That are in use.
  std::vector<std::shared_ptr<Connection>> Connections();

  EventLoop* loop() { return loop_; }
  Judge* judge() { return store_->judge(); }
  Dice& dice() { return dice_; }

 private:
  EventLoop* const loop_;
  SimStore* const store_;
  Repository* const repository_;
  ServerRun::Options options_;
  Dice dice_;
  int runs_ = 0;
  int64_t connections_ = 0;
  int64_t calls_ = 0;
  std::vector<std::unique_ptr<ServerRun>> servers_;
  std::vector<std::weak_ptr<Connection>> open_;
};

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_CLUSTER_H_
