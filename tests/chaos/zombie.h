// A server that is stopped while others think it dead, and wakes up late.
#ifndef RECUR_TESTS_CHAOS_ZOMBIE_H_
#define RECUR_TESTS_CHAOS_ZOMBIE_H_

#include "absl/status/status.h"
#include "tests/chaos/load.h"
#include "tests/chaos/scenario.h"
#include "tests/chaos/server_process.h"
#include "tests/private_redis.h"

namespace recur::chaos {

// Stops `server`, lets the load go on at the server of `successor_port`, and
// wakes it once that has taken every session over. Before it can learn of that
// (Redis stands still for the moment) it is asked for the state that is
// acknowledged by then, and must refuse, and for the state as it stands, and
// must not tell what it remembers; what it then commits must be fenced. Counts
// all three; an error if it does not.
absl::Status MakeZombie(ServerProcess* server, int successor_port,
                        const PrivateRedis& redis, Load* load, Tally* tally);

}  // namespace recur::chaos

#endif  // RECUR_TESTS_CHAOS_ZOMBIE_H_
