#include "server/observe/snapshot.h"

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
  totals->session_bytes += lane.session_bytes.value();
  totals->queued_items += lane.queued_items.value();
  Add(lane.batch_rows.Read(), &totals->batch_rows);
  Add(lane.queue_wait_seconds.Read(), &totals->queue_wait_seconds);
  Add(lane.step_seconds.Read(), &totals->step_seconds);
}

Snapshot TakeSnapshot(Service* service) {
  Snapshot snapshot;
  snapshot.requests = service->request_stats().Read();
  for (int lane = 0; lane < service->lanes().lane_count(); ++lane) {
    AddLane(service->lanes().stats(lane), &snapshot.lanes);
  }
  snapshot.models = service->repository().List();
  snapshot.repository = service->repository().stats();
  snapshot.draining = service->draining();
  return snapshot;
}

}  // namespace recur
