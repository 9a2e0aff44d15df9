// Servers behind the balancers that deploy/ has configurations of. What a
// client sees of a server that dies is then what these make of it.
#ifndef RECUR_TESTS_CHAOS_BALANCED_H_
#define RECUR_TESTS_CHAOS_BALANCED_H_

#include <memory>

#include "tests/chaos/scenario.h"

namespace recur::chaos {

inline constexpr char kHaproxy[] = "/usr/sbin/haproxy";
inline constexpr char kNginx[] = "/usr/sbin/nginx";

// Two servers on one Redis behind HAProxy, which spreads the streams of the
// load over both. By turns one is killed and the other one drained, and started
// again once its sessions are where the rest is.
std::unique_ptr<Scenario> MakeBehindHaproxy(Ground* ground);

// One server on RocksDB behind nginx, by turns killed and drained.
std::unique_ptr<Scenario> MakeBehindNginx(Ground* ground);

}  // namespace recur::chaos

#endif  // RECUR_TESTS_CHAOS_BALANCED_H_
