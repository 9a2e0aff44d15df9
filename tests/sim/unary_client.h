// A client without a stream: it observes one item after the other and sends an
// item again, to whichever server, until it knows what became of it. It keeps
// what is not acknowledged, and goes on from where a server says.
#ifndef RECUR_TESTS_SIM_UNARY_CLIENT_H_
#define RECUR_TESTS_SIM_UNARY_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/calls.h"
#include "tests/sim/cluster.h"
#include "tests/sim/dice.h"
#include "tests/sim/judge.h"
#include "tests/sim/stream_client.h"

namespace recur::sim {

class UnaryClient {
 public:
  UnaryClient(int number, Cluster* cluster, std::vector<Truth*> truths,
              OnSent on_sent, Dice dice);

  void Start();
  void FallSilent(Duration length);
  bool done() const;
  std::string Waiting() const;

 private:
  struct Session {
    Truth* truth = nullptr;
    bool open = false;
    bool closing = false;
    int64_t attempt = 0;  // answers to earlier ones do not count
    uint64_t next = 1;    // step to send
    int behind = 0;       // answers in a row from servers that are behind
  };

  void Try(size_t index);
  void TryLater(size_t index, Duration pause);
  void Open(size_t index, int64_t attempt);
  void Close(size_t index);
  void Observe(size_t index, int64_t attempt);
  void Observed(size_t index, uint64_t last_step, const ItemResult& result);
  void Refused(size_t index, const absl::Status& status);
  bool DoneWith(const Session& session) const;
  TimePoint now() const { return cluster_->loop()->now(); }

  const int number_;
  Cluster* const cluster_;
  Judge* const judge_;
  const OnSent on_sent_;
  Dice dice_;
  std::vector<Session> sessions_;
  TimePoint silent_until_;
};

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_UNARY_CLIENT_H_
