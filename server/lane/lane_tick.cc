// Lane::Tick: one batch through the engine, and the answers that follow.

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/lane/keeping.h"
#include "server/lane/lane.h"
#include "server/lane/run.h"

namespace recur {
namespace {

// Bidirectional sequences are not cut into steps; a few at a time, of so many
// steps together, keep live sessions from waiting long behind them.
constexpr size_t kBidirectionalRows = 8;
constexpr int64_t kBidirectionalSteps = 4096;

absl::Status TooLate() {
  return ErrorWithReason(
      absl::StatusCode::kDeadlineExceeded, "deadline_exceeded",
      "the deadline passed before its turn came; nothing was applied");
}

absl::Status Lost(absl::string_view session, const absl::Status& why) {
  return ErrorWithReason(
      why.code(), "session_lost",
      absl::StrFormat("session \"%s\" is lost: its step failed: %s", session,
                      why.message()));
}

}  // namespace

bool Lane::Tick(TimePoint now) {
  if (idle()) return false;
  StepBatch(now);
  RunBidirectional(now);
  AnswerReady(now);
  TellSinks(idle(), now);
  UpdateGauges();
  return true;
}

void Lane::StepBatch(TimePoint now) {
  if (!batcher_.NextBatch(&batch_)) return;
  PrefetchBatch();
  const auto dropped = [&](RunId id) {
    return DropIfLate(id, now) || !Start(id, now);
  };
  batch_.erase(std::remove_if(batch_.begin(), batch_.end(), dropped),
               batch_.end());
  if (batch_.empty()) return;
  FillRows(now);
  stats_.batch_rows.Observe(static_cast<double>(batch_.size()));
  EngineSlot& slot = *slots_[runs_[batch_.front()].slot];
  const absl::Status status = slot.workspace->Step(rows_);
  for (const RunId id : batch_) {
    if (status.ok()) {
      AfterRow(id, now);
    } else {
      Fail(id, status);
    }
  }
}

// What the batch's runs look at has been cold since they came. All of it is
// asked for at once, instead of one wait after the other.
void Lane::PrefetchBatch() const {
  for (const RunId id : batch_) __builtin_prefetch(&runs_[id]);
  for (const RunId id : batch_) {
    const Run& run = runs_[id];
    if (run.record == nullptr || run.started()) continue;
    SessionRecord::Prefetch(run.record);
    run.batch->Prefetch(run.index);
  }
}

void Lane::FillRows(TimePoint now) {
  rows_.clear();
  // Items of one message have waited for equally long.
  TimePoint arrived;
  uint64_t waited = 0;
  for (const RunId id : batch_) {
    Run& run = runs_[id];
    if (run.row == run.rows) {
      if (run.observation == 0) {
        if (waited > 0 && run.arrived() != arrived) {
          ObserveWaits(arrived, now, std::exchange(waited, 0));
        }
        arrived = run.arrived();
        ++waited;
      }
      run.NextObservation();
    }
    rows_.push_back(run.Row());
  }
  if (waited > 0) ObserveWaits(arrived, now, waited);
}

bool Lane::DropIfLate(RunId id, TimePoint now) {
  Run& run = runs_[id];
  const auto& deadline = run.deadline();
  if (!deadline.has_value() || *deadline > now) return false;
  // An item that has begun is applied whole.
  const bool begun = run.observation > 0 || run.row < run.rows;
  if (begun && run.whole == nullptr) return false;
  if (run.whole != nullptr) {
    FinishWhole(id, TooLate());
    return true;
  }
  SessionRecord* record = run.record;
  Refuse(run.delivery, run.index, TooLate());
  PopFirst(record);
  QueueFirst(record);
  return true;
}

void Lane::ObserveWaits(TimePoint arrived, TimePoint now, uint64_t runs) {
  const auto waited = std::max(now - arrived, TimePoint::duration{0});
  stats_.queue_wait_seconds.Observe(
      std::chrono::duration<double>(waited).count(), runs);
}

void Lane::AfterRow(RunId id, TimePoint now) {
  Run& run = runs_[id];
  if (++run.row == run.rows) {
    AfterObservation(&run, now);
    if (run.observation == run.observations) {
      ready_.push_back(id);
      return;
    }
  }
  batcher_.Add(id, run.slot, run.whole != nullptr);
}

void Lane::AfterObservation(Run* run, TimePoint now) {
  const int done = run->observation++;
  if (run->whole != nullptr) {
    stats_.whole_sequence_steps.AddAlone();
    return;
  }
  stats_.steps_applied.AddAlone();
  Session& session = run->record->session;
  const size_t before = session.window.bytes();
  session.window.Record(++session.applied_step, run->work->plan.digests[done]);
  if (!run->record->ended) {
    table_.UpdateBytes(before, session.window.bytes());
  }
  if (keeping_ != nullptr) MarkDirty(run->item().session, now);
}

void Lane::RunBidirectional(TimePoint now) {
  if (bidirectional_.empty()) return;
  const ModelId slot = runs_[bidirectional_.front()].slot;
  const size_t output_size =
      OutputSize(runs_[bidirectional_.front()].model().spec.network);
  std::vector<RunId> batch;
  std::vector<SequenceRow> rows;
  std::vector<float> outputs(kBidirectionalRows * output_size);
  int64_t steps = 0;
  while (!bidirectional_.empty() && batch.size() < kBidirectionalRows) {
    const RunId id = bidirectional_.front();
    Run& run = runs_[id];
    const bool fits =
        batch.empty() || steps + run.observations <= kBidirectionalSteps;
    if (run.slot != slot || !fits) break;
    bidirectional_.pop_front();
    if (DropIfLate(id, now)) continue;
    steps += run.observations;
    ObserveWaits(run.arrived(), now, 1);
    rows.push_back(run.WholeRow());
    rows.back().output = outputs.data() + batch.size() * output_size;
    stats_.whole_sequence_steps.AddAlone(run.observations);
    batch.push_back(id);
  }
  if (batch.empty()) return;
  const absl::Status status = slots_[slot]->workspace->RunSequences(rows);
  for (size_t i = 0; i < batch.size(); ++i) {
    if (!status.ok()) {
      Fail(batch[i], status);
      continue;
    }
    const Run& run = runs_[batch[i]];
    Finish(batch[i],
           std::make_shared<const Answer>(
               ToAnswer(run.model(), run.whole->state.features,
                        absl::MakeConstSpan(rows[i].output, output_size))),
           now);
  }
}

void Lane::AnswerReady(TimePoint now) {
  // Finishing an item can start one that is ready at once. It is left to the
  // next Tick, so that a queue of reads does not hold up the steps.
  answering_.clear();
  answering_.swap(ready_);
  std::vector<RunId>& runs = answering_;
  const auto late_read = [&](RunId id) {
    const Run& run = runs_[id];
    return run.whole == nullptr && run.is_read() && DropIfLate(id, now);
  };
  runs.erase(std::remove_if(runs.begin(), runs.end(), late_read), runs.end());
  const auto slot_of = [&](RunId id) { return runs_[id].slot; };
  const auto by_slot = [&](RunId a, RunId b) {
    return slot_of(a) < slot_of(b);
  };
  if (!std::is_sorted(runs.begin(), runs.end(), by_slot)) {
    std::stable_sort(runs.begin(), runs.end(), by_slot);
  }
  const size_t max_rows = options_.max_batch_rows;
  for (size_t first = 0; first < runs.size();) {
    const ModelId slot = slot_of(runs[first]);
    size_t end = first;
    while (end < runs.size() && end - first < max_rows &&
           slot_of(runs[end]) == slot) {
      ++end;
    }
    AnswerRuns(slot, absl::MakeConstSpan(runs).subspan(first, end - first),
               now);
    first = end;
  }
}

void Lane::AnswerRuns(ModelId slot, absl::Span<const RunId> runs,
                      TimePoint now) {
  requests_.clear();
  answers_.clear();
  for (const RunId id : runs) {
    Run& run = runs_[id];
    if (run.wants_answer()) requests_.push_back(run.ToAnswer());
  }
  absl::Status status;
  if (!requests_.empty()) {
    status =
        answerer_.Answer(runs_[runs.front()].model(),
                         slots_[slot]->workspace.get(), requests_, &answers_);
  }
  size_t next = 0;
  for (const RunId id : runs) {
    if (!status.ok()) {
      Fail(id, status);
    } else if (runs_[id].wants_answer()) {
      Finish(id, std::move(answers_[next++]), now);
    } else {
      Finish(id, nullptr, now);
    }
  }
}

void Lane::Finish(RunId id, std::shared_ptr<const Answer> answer,
                  TimePoint now) {
  Run& run = runs_[id];
  if (run.whole != nullptr) {
    if (run.GoOn(*answer)) return batcher_.Add(id, run.slot, /*bulk=*/true);
    return FinishWhole(id, run.extrapolates()
                               ? Answer(std::move(run.whole->forecast))
                               : *answer);
  }
  SessionRecord* record = run.record;
  if (answer != nullptr && !run.is_read()) {
    AnswerWindow& window = record->session.window;
    const size_t before = window.bytes();
    window.KeepAnswer(run.last_step(), answer);
    if (!record->ended) table_.UpdateBytes(before, window.bytes());
  }
  SetItemResult(run, std::move(answer), now);
  PopFirst(record);
  QueueFirst(record);
}

void Lane::FinishWhole(RunId id, absl::StatusOr<Answer> answer) {
  Whole& whole = *runs_[id].whole;
  --queued_items_;
  queued_bytes_ -= whole.bytes;
  whole.sequence.done(std::move(answer));
  ReleaseRun(id);
}

void Lane::Fail(RunId id, const absl::Status& status) {
  Run& run = runs_[id];
  if (run.whole != nullptr) return FinishWhole(id, status);
  SessionRecord* record = run.record;
  // With all steps taken the state is sound; only the answer is missing.
  // Once it has ended, a new session may have its id.
  if (record->ended || run.observation == run.observations) {
    Refuse(run.delivery, run.index, status);
  } else if (keeping_ != nullptr) {
    // The store has it as it was before.
    const SessionPtr session = run.item().session;
    Refuse(run.delivery, run.index, status);
    GiveUp(session, SessionMoved(session->session.id));
  } else {
    const std::string session(record->session.id);
    Refuse(run.delivery, run.index, Lost(session, status));
    table_.Lose(session);
    stats_.sessions_lost.Add();
    RefuseWaiting(record, table_.Find(session).status());
  }
  PopFirst(record);
  QueueFirst(record);
}

}  // namespace recur
