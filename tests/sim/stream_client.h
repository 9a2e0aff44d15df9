// A client with several sessions on one stream: the product's Replay, driven as
// client/sdk drives it. What it pushes is drawn; what it must get is known.
#ifndef RECUR_TESTS_SIM_STREAM_CLIENT_H_
#define RECUR_TESTS_SIM_STREAM_CLIENT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/replay/replay.h"
#include "tests/sim/cluster.h"
#include "tests/sim/dice.h"
#include "tests/sim/judge.h"
#include "tests/sim/wire.h"

namespace recur::sim {

// A session's item as it went out, for those who hand it in again.
struct SentItem {
  Truth* truth = nullptr;
  uint64_t first_step = 1;
  uint32_t steps = 1;
};
using OnSent = std::function<void(const SentItem&)>;

class StreamClient : public Connection::Client {
 public:
  struct Options {
    int number = 0;
    bool wait_durable = false;
    // Replay's; 0 gives up the answers of steps that are sent again.
    uint64_t max_steps_ahead = 4;
  };

  StreamClient(const Options& options, Cluster* cluster,
               std::vector<Truth*> truths, OnSent on_sent, Dice dice);

  void Start();
  // Leaves its server and says nothing for so long.
  void FallSilent(Duration length);
  // All is sent, answered and acknowledged, or known to be impossible.
  bool done() const;
  std::string Waiting() const;  // for what; one sentence

  void OnMessage(Connection* on, ToClient message) override;
  void OnEnd(Connection* on, const absl::Status& status) override;

 private:
  struct Session {
    Truth* truth = nullptr;
    uint32_t handle = 0;
    bool open = false;
    bool closing = false;
    int64_t attempt = 0;  // to open it
    uint64_t next = 1;    // step to push
    uint64_t answered = 0;
  };
  struct Pending {
    size_t session = 0;
    uint64_t last_step = 0;
    bool forecast = false;
  };

  void Open(size_t index);
  void Opened(size_t index, const absl::StatusOr<uint64_t>& applied);
  void Push(size_t index);
  void MaybeClose(size_t index);
  void Connect();
  void Lost(const absl::Status& status);
  void Pump();
  void TakeReply(const ItemReply& reply);
  void Answered(uint64_t number, const ItemReply& reply);
  void Acknowledged(uint32_t handle, uint64_t step);
  void TakeEvents();
  void Tick();
  void ArmTick();
  int PickServer();
  // Null for the handle of a session that is closed by now.
  Session* Of(uint32_t handle);
  TimePoint now() const { return cluster_->loop()->now(); }

  const Options options_;
  Cluster* const cluster_;
  Judge* const judge_;
  const OnSent on_sent_;
  Dice dice_;
  std::vector<Session> sessions_;
  client::Replay replay_;
  std::shared_ptr<Connection> connection_;
  int server_ = 0;  // of the last connection
  bool failed_ = false;
  TimePoint silent_until_;
  TimePoint tick_at_ = TimePoint::max();
  uint64_t pushed_ = 0;
  std::map<uint64_t, Pending> pending_;  // by number
};

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_STREAM_CLIENT_H_
