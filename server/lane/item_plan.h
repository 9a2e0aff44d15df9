// Checks an item against its session before anything is changed, and plans
// what to apply. Pure. So a refused item leaves the session as it was, and an
// accepted one cannot fail half-way on its contents.
#ifndef RECUR_SERVER_LANE_ITEM_PLAN_H_
#define RECUR_SERVER_LANE_ITEM_PLAN_H_

#include <chrono>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "model/features/features.h"
#include "model/servable/servable.h"
#include "server/lane/item_batch.h"
#include "server/lane/session_record.h"
#include "server/session/step_rule.h"

namespace recur {

struct ItemPlan {
  StepDecision decision;
  std::vector<Advance> advances;  // [fresh]
  std::vector<uint64_t> digests;  // [fresh]
};

// `durable` says whether a store keeps the session. FAILED_PRECONDITION
// session_behind (a read with a min_step; detail applied_step), not_durable,
// step_gap and step_changed (detail expected_step); INVALID_ARGUMENT
// wrong_want, wrong_width and what Features::Check refuses, with "step N: "
// before the message.
absl::Status PlanItem(const SessionRecord& record, const ItemBatch& batch,
                      uint32_t index, ItemPlan* plan, bool durable = false);

// Observation `offset` of the item.
Observation ObservationOf(const SessionRecord& record, const ItemBatch& batch,
                          uint32_t index, uint64_t first_step, int offset);

// The time `intervals` after start_us; the latest one of int64 where that
// overflows, which Features::Check refuses.
int64_t TimeAfter(int64_t start_us, uint64_t intervals,
                  std::chrono::microseconds interval);

// INVALID_ARGUMENT wrong_want if the model has no such answer.
absl::Status CheckWant(const Servable& model, Want want);

}  // namespace recur

#endif  // RECUR_SERVER_LANE_ITEM_PLAN_H_
