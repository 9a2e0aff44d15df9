// What a lane counts. Written by whoever works it, read at any time.
#ifndef RECUR_SERVER_LANE_LANE_STATS_H_
#define RECUR_SERVER_LANE_LANE_STATS_H_

#include "server/lane/histogram.h"

namespace recur {

struct LaneStats {
  Counter steps_applied;
  Counter steps_duplicate;
  Counter steps_refused;
  Counter whole_sequence_steps;  // steps of texts and contexts

  Counter sessions_live;
  Counter sessions_opened;
  Counter sessions_closed;
  Counter sessions_expired;
  Counter sessions_lost;
  Counter sessions_loaded;   // back from the store
  Counter sessions_spilled;  // to it, for memory
  Counter sessions_moved;    // given up, for another server may have them
  Counter sessions_dirty;    // have something that the store has not
  Counter numerics_changed;  // went on with other numerics than before
  Counter items_parked;      // wait for a session to be loaded
  Counter items_held;        // wait until their steps are durable
  Counter session_bytes;
  Counter queued_items;  // waiting or in progress

  Histogram batch_rows{BatchBoundsRows()};
  Histogram queue_wait_seconds{LatencyBoundsSeconds()};  // item to first row
  Histogram step_seconds{LatencyBoundsSeconds()};  // one batch, head included
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_LANE_STATS_H_
