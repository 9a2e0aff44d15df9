#include "server/lane/item_plan.h"

#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

absl::Status CheckRead(const SessionRecord& record, const Item& item) {
  if (record.session.applied_step >= item.min_step) return absl::OkStatus();
  absl::Status status = ErrorWithReason(
      absl::StatusCode::kFailedPrecondition, "session_behind",
      absl::StrFormat("session \"%s\" has applied step %d; min_step is %d",
                      record.session.id, record.session.applied_step,
                      item.min_step));
  SetDetail(&status, "applied_step",
            std::to_string(record.session.applied_step));
  return status;
}

absl::Status CheckWidth(const Servable& model, size_t values, int steps) {
  const size_t columns = model.spec.features.columns.size();
  if (steps >= 0 && values == columns * steps) return absl::OkStatus();
  if (steps > 0 && values % steps == 0) {
    return ErrorWithReason(
        absl::StatusCode::kInvalidArgument, "wrong_width",
        absl::StrFormat("input has %d features; model \"%s\" expects %d",
                        values / steps, model.name, columns));
  }
  return ErrorWithReason(
      absl::StatusCode::kInvalidArgument, "wrong_width",
      absl::StrFormat("input has %d values for %d steps; model \"%s\" expects "
                      "%d features per step",
                      values, steps, model.name, columns));
}

std::optional<int64_t> GivenTime(const ItemBatch& batch, uint32_t index,
                                 int offset) {
  const absl::Span<const int64_t> times = batch.TimesOf(index);
  if (times.empty()) return std::nullopt;
  return times[offset];
}

absl::Status CheckDuplicates(const SessionRecord& record,
                             const ItemBatch& batch, uint32_t index,
                             const StepDecision& decision) {
  for (int i = 0; i < decision.duplicates; ++i) {
    const uint64_t step = decision.first_step + i;
    const Observation seen =
        ObservationOf(record, batch, index, decision.first_step, i);
    const uint64_t digest =
        PayloadDigest(seen.values, GivenTime(batch, index, i));
    if (auto status = record.session.window.CheckUnchanged(step, digest);
        !status.ok()) {
      SetDetail(&status, "expected_step",
                absl::StrCat(record.session.applied_step + 1));
      return status;
    }
  }
  return absl::OkStatus();
}

absl::Status PlanFresh(const SessionRecord& record, const ItemBatch& batch,
                       uint32_t index, ItemPlan* plan) {
  const StepDecision& decision = plan->decision;
  int64_t last_time_us = record.session.clock.last_time_us;
  for (int i = decision.duplicates; i < decision.duplicates + decision.fresh;
       ++i) {
    const Observation observation =
        ObservationOf(record, batch, index, decision.first_step, i);
    const auto advance = record.model->features.Check(observation, last_time_us,
                                                      record.model->name);
    if (!advance.ok()) {
      return WithPrefix(absl::StrFormat("step %d: ", decision.first_step + i),
                        advance.status());
    }
    last_time_us = advance->time_us;
    // By its fields: copied as a whole it waits for both of their stores.
    plan->advances.push_back({advance->intervals, advance->time_us});
    plan->digests.push_back(
        PayloadDigest(observation.values, GivenTime(batch, index, i)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckWant(const Servable& model, Want want) {
  const bool fits =
      want == Want::kAck || want == Want::kState ||
      (want == Want::kForecast) == (model.spec.task == Task::kForecast);
  if (fits) return absl::OkStatus();
  return ErrorWithReason(
      absl::StatusCode::kInvalidArgument, "wrong_want",
      absl::StrFormat("model \"%s\" does %s; it has no %s", model.name,
                      TaskName(model.spec.task),
                      want == Want::kForecast ? "forecast" : "classification"));
}

int64_t TimeAfter(int64_t start_us, uint64_t intervals,
                  std::chrono::microseconds interval) {
  int64_t ahead_us = 0;
  int64_t time_us = 0;
  if (__builtin_mul_overflow(intervals, interval.count(), &ahead_us) ||
      __builtin_add_overflow(start_us, ahead_us, &time_us)) {
    return std::numeric_limits<int64_t>::max();
  }
  return time_us;
}

Observation ObservationOf(const SessionRecord& record, const ItemBatch& batch,
                          uint32_t index, uint64_t first_step, int offset) {
  const Servable& model = *record.model;
  const size_t columns = model.spec.features.columns.size();
  std::optional<int64_t> time_us = GivenTime(batch, index, offset);
  if (!time_us.has_value() && record.session.start_us != Session::kNoStart) {
    time_us = TimeAfter(record.session.start_us, first_step + offset - 1,
                        model.spec.features.interval);
  }
  return {.values = batch.ValuesOf(index).subspan(offset * columns, columns),
          .time_us = time_us};
}

absl::Status PlanItem(const SessionRecord& record, const ItemBatch& batch,
                      uint32_t index, ItemPlan* plan, bool durable) {
  plan->advances.clear();
  plan->digests.clear();
  const Item& item = batch.items[index];
  const Servable& model = *record.model;
  if (auto status = CheckWant(model, item.want); !status.ok()) return status;
  if (batch.wait_durable && !durable) {
    return ErrorWithReason(
        absl::StatusCode::kFailedPrecondition, "not_durable",
        "wait_durable needs a durable store; this server keeps sessions in "
        "memory");
  }
  if (item.want == Want::kForecast) {
    if (auto status = model.features.CheckKnown(model.spec.network.horizon,
                                                batch.known, model.name);
        !status.ok()) {
      return status;
    }
  }
  if (auto status = CheckWidth(model, batch.ValuesOf(index).size(), item.steps);
      !status.ok()) {
    return status;
  }
  if (item.steps == 0) {
    plan->decision = {.first_step = record.session.applied_step + 1};
    return CheckRead(record, item);
  }
  auto decision =
      DecideSteps(record.session.applied_step, item.first_step, item.steps);
  if (!decision.ok()) return decision.status();
  plan->decision = *decision;
  if (auto status = CheckDuplicates(record, batch, index, *decision);
      !status.ok()) {
    return status;
  }
  return PlanFresh(record, batch, index, plan);
}

}  // namespace recur
