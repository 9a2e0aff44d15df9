// The limits of one lane.
#ifndef RECUR_SERVER_LANE_LANE_LIMITS_H_
#define RECUR_SERVER_LANE_LANE_LIMITS_H_

#include <chrono>
#include <cstddef>

#include "server/lane/session_table.h"

namespace recur {

struct LaneLimits {
  SessionTable::Options sessions;
  int max_batch_rows = 64;
  size_t max_queued_items = 100'000;
  // Whole sequences hold their values while they wait; one is always taken.
  size_t max_queued_bytes = size_t{256} << 20;
  // While there is more to step, results wait this long at most for the
  // others of their message, so that they go back together: each message on
  // the wire costs as much as many steps.
  std::chrono::microseconds max_result_hold{500};
  // Items and calls that wait for sessions to come from the store, and likewise
  // sessions that wait to begin there, calls that wait for them to end there,
  // and calls that wait for word that they are still this server's.
  size_t max_parked = 10'000;
  // Idle sessions leave memory for the store after this long (0: never), and
  // when all sessions take more than this share of what they may.
  std::chrono::seconds spill_after{0};
  double spill_share = 0.9;
  // A session that other servers may take over is read from memory if it was
  // known to be here so recently; else, and to attach, that is found out.
  std::chrono::milliseconds max_read_lag{500};
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_LANE_LIMITS_H_
