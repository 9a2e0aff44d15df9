// Lane::Tick: one batch through the engine, and the answers that follow.

#include <algorithm>
#include <utility>

#include "model/spec/error_reason.h"
#include "server/lane/lane.h"
#include "server/lane/run.h"

namespace recur {
namespace {

// Bidirectional sequences are not cut into steps; a few at a time keep live
// sessions from waiting long behind them.
constexpr size_t kBidirectionalRows = 8;

absl::Status TooLate() {
  return ErrorWithReason(
      absl::StatusCode::kDeadlineExceeded, "deadline_exceeded",
      "the deadline passed before the step; it was not applied");
}

}  // namespace

bool Lane::Tick(TimePoint now) {
  if (idle()) return false;
  StepBatch(now);
  RunBidirectional(now);
  AnswerReady(now);
  TellSinks();
  UpdateGauges();
  return true;
}

void Lane::StepBatch(TimePoint now) {
  if (!batcher_.NextBatch(&batch_)) return;
  rows_.clear();
  const auto dropped = [&](RunId id) { return DropIfLate(id, now); };
  batch_.erase(std::remove_if(batch_.begin(), batch_.end(), dropped),
               batch_.end());
  if (batch_.empty()) return;
  for (const RunId id : batch_) {
    Run& run = *runs_[id];
    if (run.row == run.rows) {
      if (run.observation == 0) ObserveWait(run, now);
      run.NextObservation();
    }
    rows_.push_back(run.Row());
  }
  stats_.batch_rows.Observe(static_cast<double>(batch_.size()));
  EngineSlot& slot = *slots_[runs_[batch_.front()]->slot];
  const absl::Status status = slot.workspace->Step(rows_);
  for (const RunId id : batch_) {
    if (status.ok()) {
      AfterRow(id);
    } else {
      Fail(id, status, now);
    }
  }
}

bool Lane::DropIfLate(RunId id, TimePoint now) {
  const Run& run = *runs_[id];
  const auto deadline = run.deadline();
  if (!deadline.has_value() || *deadline > now) return false;
  // An item that has begun is applied whole.
  const bool begun = run.observation > 0 || run.row < run.rows;
  if (begun && !run.whole.has_value()) return false;
  const std::unique_ptr<Run> late = std::move(runs_[id]);
  free_runs_.push_back(id);
  if (late->whole.has_value()) {
    --queued_items_;
    late->whole->done(TooLate());
    return true;
  }
  late->entry->running = false;
  Refuse(late->entry.get(), late->batch, late->index, TooLate());
  if (!late->entry->ended) StartWaiting(late->entry, now);
  return true;
}

void Lane::ObserveWait(const Run& run, TimePoint now) {
  const auto waited = std::max(now - run.arrived(), TimePoint::duration{0});
  stats_.queue_wait_seconds.Observe(
      std::chrono::duration<double>(waited).count());
}

void Lane::AfterRow(RunId id) {
  Run& run = *runs_[id];
  if (++run.row == run.rows) {
    AfterObservation(&run);
    if (run.observation == run.observations) {
      ready_.push_back(id);
      return;
    }
  }
  batcher_.Add(id, run.slot, run.whole.has_value());
}

void Lane::AfterObservation(Run* run) {
  const int done = run->observation++;
  if (run->whole.has_value()) {
    stats_.whole_sequence_steps.Add();
    return;
  }
  stats_.steps_applied.Add();
  Session& session = run->entry->session;
  const size_t before = session.window.bytes();
  session.window.Record(++session.applied_step, run->plan.digests[done]);
  if (!run->entry->ended) {
    table_.UpdateBytes(before, session.window.bytes());
  }
}

void Lane::RunBidirectional(TimePoint now) {
  if (bidirectional_.empty()) return;
  const ModelId slot = runs_[bidirectional_.front()]->slot;
  const NetworkSpec& network = slots_[slot]->model->spec.network;
  std::vector<RunId> batch;
  std::vector<SequenceRow> rows;
  std::vector<float> outputs(kBidirectionalRows * OutputSize(network));
  while (!bidirectional_.empty() && batch.size() < kBidirectionalRows &&
         runs_[bidirectional_.front()]->slot == slot) {
    Run& run = *runs_[bidirectional_.front()];
    rows.push_back(run.WholeRow());
    rows.back().output = outputs.data() + batch.size() * OutputSize(network);
    stats_.whole_sequence_steps.Add(run.observations);
    batch.push_back(bidirectional_.front());
    bidirectional_.pop_front();
  }
  const absl::Status status = slots_[slot]->workspace->RunSequences(rows);
  for (size_t i = 0; i < batch.size(); ++i) {
    if (!status.ok()) {
      Fail(batch[i], status, now);
      continue;
    }
    const Run& run = *runs_[batch[i]];
    Finish(batch[i],
           std::make_shared<const Answer>(ToAnswer(
               *run.model, run.state->features,
               absl::MakeConstSpan(rows[i].output, OutputSize(network)))),
           now);
  }
}

void Lane::AnswerReady(TimePoint now) {
  // Finishing an item can start one that is ready at once, so the list may
  // grow while it is worked off.
  while (!ready_.empty()) {
    const ModelId slot = runs_[ready_.front()]->slot;
    const auto others = std::stable_partition(
        ready_.begin(), ready_.end(),
        [&](RunId id) { return runs_[id]->slot == slot; });
    std::vector<RunId> same(ready_.begin(), others);
    ready_.erase(ready_.begin(), others);
    AnswerRuns(slot, same, now);
  }
}

void Lane::AnswerRuns(ModelId slot, absl::Span<const RunId> runs,
                      TimePoint now) {
  requests_.clear();
  answers_.clear();
  for (const RunId id : runs) {
    const Run& run = *runs_[id];
    if (run.wants_answer()) {
      requests_.push_back({.state = run.state, .known = run.known()});
    }
  }
  absl::Status status;
  if (!requests_.empty()) {
    status =
        answerer_.Answer(*slots_[slot]->model, slots_[slot]->workspace.get(),
                         requests_, &answers_);
  }
  size_t next = 0;
  for (const RunId id : runs) {
    if (!status.ok()) {
      Fail(id, status, now);
    } else if (runs_[id]->wants_answer()) {
      Finish(id, std::move(answers_[next++]), now);
    } else {
      Finish(id, nullptr, now);
    }
  }
}

void Lane::Finish(RunId id, std::shared_ptr<const Answer> answer,
                  TimePoint now) {
  const std::unique_ptr<Run> run = std::move(runs_[id]);
  free_runs_.push_back(id);
  if (run->whole.has_value()) {
    --queued_items_;
    run->whole->done(*answer);
    return;
  }
  Session& session = run->entry->session;
  if (answer != nullptr && !run->is_read()) {
    const size_t before = session.window.bytes();
    session.window.KeepAnswer(run->last_step(), answer);
    if (!run->entry->ended) {
      table_.UpdateBytes(before, session.window.bytes());
    }
  }
  SetItemResult(*run, std::move(answer));
  run->entry->running = false;
  if (!run->entry->ended) StartWaiting(run->entry, now);
}

void Lane::Fail(RunId id, const absl::Status& status, TimePoint now) {
  const std::unique_ptr<Run> run = std::move(runs_[id]);
  free_runs_.push_back(id);
  if (run->whole.has_value()) {
    --queued_items_;
    run->whole->done(status);
    return;
  }
  run->entry->running = false;
  Refuse(run->entry.get(), run->batch, run->index, status);
  if (run->observations == 0) {
    if (!run->entry->ended) StartWaiting(run->entry, now);
    return;
  }
  // Its state is half-way through a step: never go on from it.
  table_.Lose(run->entry->session.id);
  RefuseWaiting(run->entry.get(), table_.Find(run->entry->session.id).status());
}

}  // namespace recur
