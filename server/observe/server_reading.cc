#include "server/observe/server_reading.h"

#include <cstddef>

namespace recur {
namespace {

void Add(const HistogramReading& reading, HistogramReading* sum) {
  if (sum->counts.empty()) {
    *sum = reading;
    return;
  }
  for (size_t i = 0; i < sum->counts.size(); ++i) {
    sum->counts[i] += reading.counts[i];
  }
  sum->sum += reading.sum;
}

}  // namespace

void AddLane(const LaneStats& lane, LaneTotals* totals) {
  ++totals->lanes;
  totals->steps_applied += lane.steps_applied.value();
  totals->steps_duplicate += lane.steps_duplicate.value();
  totals->steps_refused += lane.steps_refused.value();
  totals->whole_sequence_steps += lane.whole_sequence_steps.value();
  totals->sessions_live += lane.sessions_live.value();
  totals->sessions_opened += lane.sessions_opened.value();
  totals->sessions_closed += lane.sessions_closed.value();
  totals->sessions_expired += lane.sessions_expired.value();
  totals->sessions_lost += lane.sessions_lost.value();
  totals->sessions_loaded += lane.sessions_loaded.value();
  totals->sessions_spilled += lane.sessions_spilled.value();
  totals->sessions_moved += lane.sessions_moved.value();
  totals->sessions_dirty += lane.sessions_dirty.value();
  totals->numerics_changed += lane.numerics_changed.value();
  totals->items_parked += lane.items_parked.value();
  totals->items_held += lane.items_held.value();
  totals->session_bytes += lane.session_bytes.value();
  totals->queued_items += lane.queued_items.value();
  Add(lane.batch_rows.Read(), &totals->batch_rows);
  Add(lane.queue_wait_seconds.Read(), &totals->queue_wait_seconds);
  Add(lane.step_seconds.Read(), &totals->step_seconds);
}

StoreReading ReadStore(const StoreStats& stats) {
  return {.commits = stats.commits.value(),
          .rows_committed = stats.rows_committed.value(),
          .rows_fenced = stats.rows_fenced.value(),
          .rows_stale = stats.rows_stale.value(),
          .rows_unknown = stats.rows_unknown.value(),
          .loads_found = stats.loads_found.value(),
          .loads_absent = stats.loads_absent.value(),
          .loads_failed = stats.loads_failed.value(),
          .breaker_opened = stats.breaker_opened.value(),
          .breaker_state = stats.breaker_state.value(),
          .commit_seconds = stats.commit_seconds.Read(),
          .load_seconds = stats.load_seconds.Read(),
          .durable_lag_seconds = stats.durable_lag_seconds.Read()};
}

ServerReading ReadServer(Service* service) {
  ServerReading reading;
  reading.requests = service->request_stats().Read();
  for (int lane = 0; lane < service->lanes().lane_count(); ++lane) {
    AddLane(service->lanes().stats(lane), &reading.lanes);
  }
  reading.models = service->repository().List();
  reading.repository = service->repository().stats();
  if (service->store() != nullptr) {
    reading.store = ReadStore(service->store()->stats());
  }
  reading.draining = service->draining();
  return reading;
}

}  // namespace recur
