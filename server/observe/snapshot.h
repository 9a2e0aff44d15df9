// All that /metrics tells, read from the rooms at one moment.
#ifndef RECUR_SERVER_OBSERVE_SNAPSHOT_H_
#define RECUR_SERVER_OBSERVE_SNAPSHOT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/core/request_stats.h"
#include "server/core/service.h"
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
  int64_t session_bytes = 0;
  int64_t queued_items = 0;
  HistogramReading batch_rows;
  HistogramReading queue_wait_seconds;
  HistogramReading step_seconds;
};

void AddLane(const LaneStats& lane, LaneTotals* totals);

struct Snapshot {
  std::vector<RequestReading> requests;
  LaneTotals lanes;
  std::vector<ModelStatus> models;  // holds the models while it lives
  Repository::Stats repository;
  bool draining = false;
  std::optional<ProcessReading> process;            // if the system tells
  std::map<std::string, std::string> build_labels;  // "version" and others
};

// From any thread; takes no lock for longer than a copy. The figures are each
// exact but not of quite the same instant. Process and build are left empty.
Snapshot TakeSnapshot(Service* service);

}  // namespace recur

#endif  // RECUR_SERVER_OBSERVE_SNAPSHOT_H_
