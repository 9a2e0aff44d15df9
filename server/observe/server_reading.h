// All that /metrics tells, read from the rooms at one moment.
#ifndef RECUR_SERVER_OBSERVE_SERVER_READING_H_
#define RECUR_SERVER_OBSERVE_SERVER_READING_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/core/request_stats.h"
#include "server/core/service.h"
#include "server/core/store_stats.h"
#include "server/lane/histogram.h"
#include "server/lane/lane_stats.h"
#include "server/lane/lane_thread.h"
#include "server/observe/process_reading.h"
#include "server/repository/repository.h"

namespace recur {

// The sums of LaneStats over all lanes.
struct LaneTotals {
  int lanes = 0;
  int64_t steps_applied = 0;
  int64_t steps_duplicate = 0;
  int64_t steps_refused = 0;
  int64_t whole_sequence_steps = 0;
  int64_t sessions_live = 0;
  int64_t sessions_opened = 0;
  int64_t sessions_closed = 0;
  int64_t sessions_expired = 0;
  int64_t sessions_lost = 0;
  int64_t sessions_loaded = 0;
  int64_t sessions_spilled = 0;
  int64_t sessions_moved = 0;
  int64_t sessions_dirty = 0;
  int64_t numerics_changed = 0;
  int64_t items_parked = 0;
  int64_t items_held = 0;
  int64_t session_bytes = 0;
  int64_t queued_items = 0;
  HistogramReading batch_rows;
  HistogramReading queue_wait_seconds;
  HistogramReading step_seconds;
};

void AddLane(const LaneStats& lane, LaneTotals* totals);

// What StoreStats says.
struct StoreReading {
  int64_t commits = 0;
  int64_t rows_committed = 0;
  int64_t rows_fenced = 0;
  int64_t rows_stale = 0;
  int64_t rows_unknown = 0;
  int64_t loads_found = 0;
  int64_t loads_absent = 0;
  int64_t loads_failed = 0;
  int64_t breaker_opened = 0;
  int64_t breaker_state = 0;
  HistogramReading commit_seconds;
  HistogramReading load_seconds;
  HistogramReading durable_lag_seconds;
};

StoreReading ReadStore(const StoreStats& stats);

struct ServerReading {
  std::vector<RequestReading> requests;
  LaneTotals lanes;
  std::vector<ModelStatus> models;  // holds the models while it lives
  Repository::Stats repository;
  std::optional<StoreReading> store;  // if there is one
  bool draining = false;
  std::optional<ProcessReading> process;            // if the system tells
  std::map<std::string, std::string> build_labels;  // "version" and others
};

// From any thread; takes no lock for longer than a copy. The figures are each
// exact but not of quite the same instant. Process and build are left empty.
ServerReading ReadServer(Service* service);

}  // namespace recur

#endif  // RECUR_SERVER_OBSERVE_SERVER_READING_H_
