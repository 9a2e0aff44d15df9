#include "tests/sim/prober.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "tests/sim/calls.h"

namespace recur::sim {
namespace {

using std::chrono::milliseconds;

}  // namespace

void Prober::Start() {
  cluster_->loop()->After(dice_.Between(milliseconds(50), milliseconds(600)),
                          [this] { Ask(); });
}

void Prober::Ask() {
  if (stopped_) return;
  Truth* const truth = truths_[dice_.Below(truths_.size())];
  const uint64_t kind = dice_.Below(10);
  if (kind == 0) {
    AskForNobody();
  } else if (kind == 1) {
    Fork(truth);
  } else if (kind < 5) {
    Read(truth);
  } else if (changes_ && truth->acknowledged > 0 && truth->steps_again == 0) {
    const uint64_t back = dice_.Below(kAnswerWindow);
    if (back < truth->acknowledged) {
      SendChanged(truth, truth->acknowledged - back);
    }
  }
  Start();
}

// With min_step, which a server that is behind must refuse. (Without, one that
// does not know that it has lost a session answers from memory.)
void Prober::Read(Truth* truth) {
  const uint64_t least = truth->acknowledged;
  if (least == 0 || truth->over) return;
  sim::Read(cluster_, AnyServer(), {.session_id = truth->id, .min_step = least},
            [this, truth, least](const absl::StatusOr<ForecastResult>& read) {
              if (!read.ok()) return;
              if (read->applied_step < least) {
                judge_->Fail(
                    "no stale read",
                    absl::StrFormat("a read of session %s from step %d on was "
                                    "answered at step %d",
                                    truth->id, least, read->applied_step));
              }
              judge_->SaysAnswer(*truth, read->applied_step, read->forecast);
            });
}

void Prober::AskForNobody() {
  const std::string id = absl::StrFormat("nobody-%d", dice_.Below(3));
  Attach(cluster_, AnyServer(), id,
         [](const absl::StatusOr<SessionInfo>&) {});  // ServerRun judges
}

// The copy answers what its origin answered there, and is let go.
void Prober::Fork(Truth* truth) {
  const uint64_t least = truth->acknowledged;
  if (least == 0 || truth->over || truth->reverted) return;
  Truth copy = *truth;
  copy.id = absl::StrFormat("%s-fork-%d", truth->id, ++forks_);
  copy.sent = std::max(copy.steps, std::exchange(copy.steps_again, 0));
  copy.acknowledged = copy.stored = copy.stored_now = copy.seen = 0;
  copy.owner = copy.seen_by = copy.kept_by = 0;
  copy.kept.clear();
  Truth* const fork = judge_->Add(std::move(copy));
  const int server = AnyServer();
  sim::Fork(cluster_, server,
            {.session_id = truth->id,
             .new_session_id = fork->id,
             .request_id = fork->id,
             .min_step = least},
            [this, fork, least](const absl::StatusOr<uint64_t>& applied) {
              if (!applied.ok()) return;
              fork->acknowledged = *applied;
              if (*applied < least) {
                judge_->Fail(
                    "no stale read",
                    absl::StrFormat("%s has step %d; %d were asked for",
                                    fork->id, *applied, least));
              }
              Read(fork);
            });
}

void Prober::SendChanged(Truth* truth, uint64_t step) {
  ObserveCall call{.session_id = truth->id,
                   .first_step = step,
                   .wait_durable = true,
                   .only_at_owner_of = truth};
  call.values = {Lab::Value(truth->model, truth->sequence, step) + 1};
  sim::Observe(cluster_, AnyServer(), call,
               [this, truth, step](const ItemResult& result) {
                 if (!result.status.ok()) return;
                 if (result.applied_step - step >= kAnswerWindow) return;
                 judge_->Fail(
                     "changed values are refused",
                     absl::StrFormat("step %d of session %s was sent with "
                                     "other values, and answered OK",
                                     step, truth->id));
               });
}

void Prober::Duplicate(TimePoint until, size_t fault) {
  duplicating_ = {until, fault};
}

void Prober::Sent(const SentItem& item) {
  if (!duplicating_.At(cluster_->loop()->now()) || !dice_.Percent(40)) return;
  ObserveCall call{.session_id = item.truth->id,
                   .first_step = item.first_step,
                   .wait_durable = dice_.Percent(30)};
  for (uint32_t i = 0; i < item.steps; ++i) {
    call.values.push_back(Lab::Value(item.truth->model, item.truth->sequence,
                                     item.first_step + i));
  }
  const Duration pause = dice_.Percent(70)
                             ? dice_.Between(Duration(0), milliseconds(10))
                             : dice_.Between(Duration(0), milliseconds(2000));
  cluster_->loop()->After(
      pause, [this, call, server = AnyServer(), fault = duplicating_.fault] {
        sim::Observe(cluster_, server, call,
                     [this, fault](const ItemResult& result) {
                       if (result.status.ok()) judge_->Fired(fault);
                     });
      });
}

}  // namespace recur::sim
