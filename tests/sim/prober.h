// Others who come to the sessions of a run: copies of what was sent, copies
// that were changed, reads, and questions for sessions that never were. Each is
// harmless if the servers do what they promise.
#ifndef RECUR_TESTS_SIM_PROBER_H_
#define RECUR_TESTS_SIM_PROBER_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "tests/sim/cluster.h"
#include "tests/sim/dice.h"
#include "tests/sim/judge.h"
#include "tests/sim/stream_client.h"

namespace recur::sim {

class Prober {
 public:
  // `changes`: it also sends values that were not observed. Not where a store
  // forgets, which would take them.
  Prober(Cluster* cluster, std::vector<Truth*> truths, bool changes, Dice dice)
      : cluster_(cluster),
        judge_(cluster->judge()),
        truths_(std::move(truths)),
        changes_(changes),
        dice_(dice) {}

  void Start();
  // Nothing is begun any more.
  void Stop() { stopped_ = true; }

  // Hands in again, later and anywhere, what is sent until then.
  void Duplicate(TimePoint until, size_t fault);
  // A client has sent an item.
  void Sent(const SentItem& item);

 private:
  void Ask();
  void Read(Truth* truth);
  void AskForNobody();
  void Fork(Truth* truth);
  void SendChanged(Truth* truth, uint64_t step);
  int AnyServer() {
    return static_cast<int>(
        dice_.Below(static_cast<uint64_t>(cluster_->size())));
  }

  Cluster* const cluster_;
  Judge* const judge_;
  const std::vector<Truth*> truths_;
  const bool changes_;
  Dice dice_;
  bool stopped_ = false;
  int forks_ = 0;
  Trouble duplicating_;
};

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_PROBER_H_
