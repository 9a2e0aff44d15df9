// What happens between the lanes and the store. Written by the threads that
// call the store, read at any time.
#ifndef RECUR_SERVER_CORE_STORE_STATS_H_
#define RECUR_SERVER_CORE_STORE_STATS_H_

#include "server/lane/histogram.h"

namespace recur {

struct StoreStats {
  Counter commits;  // calls
  Counter rows_committed;
  Counter rows_fenced;
  Counter rows_stale;
  Counter rows_unknown;  // to be read back
  Counter loads_found;
  Counter loads_absent;
  Counter loads_failed;
  Counter breaker_opened;
  Counter breaker_state;  // 0 closed, 1 half open, 2 open

  Histogram commit_seconds{LatencyBoundsSeconds()};
  Histogram load_seconds{LatencyBoundsSeconds()};
  // From a change of a session to its being durable.
  Histogram durable_lag_seconds{LatencyBoundsSeconds()};
};

}  // namespace recur

#endif  // RECUR_SERVER_CORE_STORE_STATS_H_
