#include "tests/sim/judge.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/session/snapshot.h"

namespace recur::sim {
namespace {

bool HasEnded(const StoredSession& row) {
  const auto snapshot = ParseSnapshot(row.snapshot);
  return snapshot.ok() && snapshot->kind != SnapshotKind::kLive;
}

}  // namespace

Truth* Judge::Add(Truth truth) {
  std::string id = truth.id;
  return &truths_.emplace(std::move(id), std::move(truth)).first->second;
}

Truth* Judge::Find(absl::string_view id) {
  const auto found = truths_.find(id);
  return found == truths_.end() ? nullptr : &found->second;
}

void Judge::Fail(absl::string_view invariant, std::string what) {
  if (violation_.has_value()) return;
  violation_ = Violation{std::string(invariant), std::move(what)};
}

void Judge::Committed(absl::string_view id, const StoredSession& row,
                      const StoredSession* before, int run, bool create) {
  Truth* truth = Find(id);
  if (truth == nullptr) return;
  if (create) {
    truth->owner = run;
  } else if (!truth->reverted && run != truth->owner) {
    Fail("one writer",
         absl::StrFormat("run %d stored step %d of session %s, which run %d "
                         "has taken over",
                         run, row.step, id, truth->owner));
  }
  if (before != nullptr && before->epoch == row.epoch &&
      before->step > row.step) {
    Fail("no step back",
         absl::StrFormat("the store's row of session %s went from step %d to "
                         "%d within an epoch",
                         id, before->step, row.step));
  }
  if (before == nullptr || (before->epoch != row.epoch && HasEnded(*before))) {
    truth->stored_now = 0;
    truth->seen_by = 0;
    truth->kept.clear();
  }
  CheckRow(*truth, row);
}

void Judge::CheckRow(const Truth& of, const StoredSession& row) {
  Truth* truth = Find(of.id);
  const auto snapshot = ParseSnapshot(row.snapshot);
  if (!snapshot.ok()) {
    return Fail("what is stored is right",
                absl::StrCat("session ", of.id,
                             " was stored as bytes that are "
                             "no snapshot: ",
                             snapshot.status().message()));
  }
  truth->stored = std::max(truth->stored, snapshot->applied_step);
  truth->stored_now = std::max(truth->stored_now, snapshot->applied_step);
  if (snapshot->kind != SnapshotKind::kLive) return;
  if (snapshot->applied_step != row.step || row.step > truth->sent) {
    return Fail(
        "what is stored is right",
        absl::StrFormat("session %s was stored at step %d as step %d; "
                        "%d were sent",
                        of.id, snapshot->applied_step, row.step, of.sent));
  }
  if (of.model != ModelKind::kSum) return;
  const double sum = lab_->Answer(of.model, of.version, of.sequence, row.step);
  if (snapshot->hidden.size() == 1 && snapshot->hidden[0] == sum) return;
  Fail("what is stored is right",
       absl::StrFormat("session %s was stored at step %d with the sum %g; an "
                       "uninterrupted run has %g",
                       of.id, row.step,
                       snapshot->hidden.empty() ? -1.0 : snapshot->hidden[0],
                       sum));
}

void Judge::Claimed(absl::string_view id, int run, bool late) {
  Truth* truth = Find(id);
  if (truth == nullptr) return;
  // A claim that comes when nobody waits for it fences even the server that
  // made it, which then has to claim once more.
  if (truth->owner != run || truth->fenced_itself) truth->seen_by = 0;
  truth->fenced_itself = late;
  truth->owner = run;
  truth->kept.clear();
}

void Judge::Reverted(absl::string_view id) {
  if (Truth* truth = Find(id)) truth->reverted = true;
}

void Judge::SaysSteps(Truth* truth, int run, uint64_t applied,
                      uint64_t durable) {
  if (durable > truth->stored) {
    Fail("acknowledged means stored",
         absl::StrFormat("run %d said that step %d of session %s is durable; "
                         "the store has had no more than step %d",
                         run, durable, truth->id, truth->stored));
  }
  if (applied > truth->sent) {
    Fail("nothing is applied twice",
         absl::StrFormat("run %d has applied step %d of session %s, of which "
                         "%d were sent",
                         run, applied, truth->id, truth->sent));
  }
}

void Judge::SaysNow(Truth* truth, int run, uint64_t applied, uint64_t durable) {
  if (!truth->reverted && truth->seen_by == run && applied < truth->seen) {
    Fail("a session does not go back by itself",
         absl::StrFormat("run %d had applied step %d of session %s, which "
                         "nobody took over, and now stands at step %d",
                         run, truth->seen, truth->id, applied));
  }
  // One that does not know yet that it has lost the session may say so.
  if (truth->acknowledged > 0 && applied == 0 && truth->owner == run &&
      !truth->reverted) {
    Fail("never a fresh zero state",
         absl::StrFormat("run %d has session %s as if it had seen nothing; "
                         "step %d was acknowledged",
                         run, truth->id, truth->acknowledged));
  }
  truth->seen_by = run;
  truth->seen = applied;
  SaysSteps(truth, run, applied, durable);
}

void Judge::SaysAnswer(const Truth& truth, uint64_t steps,
                       const Answer& answer) {
  ++answers_;
  const auto* forecast = std::get_if<Forecast>(&answer);
  if (forecast == nullptr || forecast->point.size() != 1) {
    return Fail("every answer is right",
                absl::StrFormat("step %d of session %s was not answered with a "
                                "forecast",
                                steps, truth.id));
  }
  const double right =
      lab_->Answer(truth.model, truth.version, truth.sequence, steps);
  if (forecast->point[0] == right) return;
  Fail("every answer is right",
       absl::StrFormat("step %d of session %s was answered %.9g; an "
                       "uninterrupted run answers %.9g",
                       steps, truth.id, forecast->point[0], right));
}

void Judge::Keeps(Truth* truth, int run, uint64_t step) {
  if (truth->kept_by != run) truth->kept.clear();
  truth->kept_by = run;
  truth->kept.insert(step);
}

void Judge::HasForgotten(const Truth& truth, int run, uint64_t step,
                         uint64_t applied) {
  const bool in_window = applied - step < kAnswerWindow;
  if (!in_window || truth.kept_by != run || !truth.kept.contains(step)) return;
  Fail("the same answer again",
       absl::StrFormat("run %d has answered step %d of session %s, which has "
                       "applied step %d since, and has no answer now",
                       run, step, truth.id, applied));
}

void Judge::Acknowledged(Truth* truth, uint64_t step) {
  if (!truth->reverted && step > truth->stored_now) {
    Fail("acknowledged means stored",
         absl::StrFormat("the client of session %s was told that step %d is "
                         "safe; the store has had no more than step %d of it",
                         truth->id, step, truth->stored_now));
  }
  truth->acknowledged = std::max(truth->acknowledged, step);
}

// The same observations again: who comes late with one of the session before
// does no harm.
void Judge::BeginsAgain(Truth* truth) {
  truth->request_id += " again";
  truth->steps = std::exchange(truth->steps_again, 0);
  truth->acknowledged = 0;
}

void Judge::ToldOver(Truth* truth, const absl::Status& why) {
  truth->over = true;
  if (truth->reverted) return;
  Fail("acknowledged is never taken back",
       absl::StrFormat("session %s cannot go on (step %d was acknowledged): %s",
                       truth->id, truth->acknowledged, why.message()));
}

void Judge::ToldRefused(Truth* truth, uint64_t step, const absl::Status& why) {
  if (truth->reverted) {
    truth->over = true;
    return;
  }
  Fail("nothing is lost",
       absl::StrFormat("step %d of session %s was refused for good: %s", step,
                       truth->id, why.message()));
}

void Judge::ToldNothing(const Truth& truth, uint64_t step) {
  Fail("every answer comes",
       absl::StrFormat("step %d of session %s was answered without the "
                       "forecast that was asked for",
                       step, truth.id));
}

}  // namespace recur::sim
