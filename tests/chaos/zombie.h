// A server that is stopped while others think it dead, and wakes up late.
#ifndef RECUR_TESTS_CHAOS_ZOMBIE_H_
#define RECUR_TESTS_CHAOS_ZOMBIE_H_

#include "absl/status/status.h"
#include "tests/chaos/load.h"
#include "tests/chaos/scenario.h"
#include "tests/chaos/server_process.h"

namespace recur::chaos {

// Stops `server`, lets the load go on at the server of `successor_port`, and
// wakes it once that has taken every session over: what it then commits must
// be fenced, and who asks it for the state that is acknowledged by then must
// not be given an older one. Counts both; an error if nothing is fenced.
absl::Status MakeZombie(ServerProcess* server, int successor_port, Load* load,
                        Tally* tally);

}  // namespace recur::chaos

#endif  // RECUR_TESTS_CHAOS_ZOMBIE_H_
