// One run of a plan: everything is built, goes wrong as planned, and is looked
// at until all is acknowledged.
#ifndef RECUR_TESTS_SIM_SIMULATION_H_
#define RECUR_TESTS_SIM_SIMULATION_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/cluster.h"
#include "tests/sim/event_loop.h"
#include "tests/sim/judge.h"
#include "tests/sim/lab.h"
#include "tests/sim/plan.h"
#include "tests/sim/prober.h"
#include "tests/sim/sim_store.h"
#include "tests/sim/stream_client.h"
#include "tests/sim/unary_client.h"

namespace recur::sim {

struct Outcome {
  std::optional<Violation> violation;
  std::vector<bool> fired;  // by fault of the plan
  int64_t observations = 0;
  int64_t answers = 0;
  int64_t events = 0;
  uint64_t digest = 0;  // of the whole run: the same whenever it is run
  Duration time{0};     // virtual
};

class Simulation {
 public:
  // Trace: tells what happens on stderr.
  Simulation(const Plan& plan, Lab* lab, bool trace);

  // Once.
  Outcome Run();

 private:
  void AddSessions();
  void AddClients();
  // What goes wrong (troubles.cc).
  void Begin(size_t fault);
  void Crash(int server, Duration length, size_t fault);
  void TearWrite(int server, Duration length, size_t fault, int looks);
  void Pause(int server, Duration length, size_t fault);
  void Restart(int server, Duration length, size_t fault);
  void BreakConnection(const Fault& how, size_t fault);
  void FallSilent(const Fault& how, size_t fault);
  // At the end.
  void Watch();
  bool ClientsDone() const;
  void Check(size_t session);
  void CheckAnswer(size_t session);
  void CheckClosed(size_t session);
  std::string Waiting() const;
  void Trace(const std::string& text) const;

  const Plan plan_;
  Lab* const lab_;
  const bool trace_;
  Dice dice_;
  EventLoop loop_;
  const TimePoint began_ = loop_.now();
  Judge judge_;
  SimStore store_;
  std::vector<Truth*> truths_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Prober> prober_;
  std::vector<std::unique_ptr<StreamClient>> stream_clients_;
  std::vector<std::unique_ptr<UnaryClient>> unary_clients_;
  int64_t checks_ = 0;  // attempts; answers to earlier ones do not count
  bool checking_ = false;
  bool over_ = false;
};

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_SIMULATION_H_
