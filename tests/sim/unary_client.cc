#include "tests/sim/unary_client.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur::sim {
namespace {

using std::chrono::milliseconds;

constexpr Duration kPatience = milliseconds(400);
constexpr int kMaxBehind = 100;

// The step that a server would take, if it says so.
std::optional<uint64_t> ExpectedStep(const absl::Status& status) {
  if (ReasonOf(status) != "step_gap") return std::nullopt;
  for (const auto& [key, value] : DetailsOf(status)) {
    uint64_t step = 0;
    if (key == "expected_step" && absl::SimpleAtoi(value, &step)) return step;
  }
  return std::nullopt;
}

}  // namespace

UnaryClient::UnaryClient(int number, Cluster* cluster,
                         std::vector<Truth*> truths, OnSent on_sent, Dice dice)
    : number_(number),
      cluster_(cluster),
      judge_(cluster->judge()),
      on_sent_(std::move(on_sent)),
      dice_(dice) {
  for (Truth* truth : truths) sessions_.push_back({.truth = truth});
}

void UnaryClient::Start() {
  for (size_t i = 0; i < sessions_.size(); ++i) Try(i);
}

void UnaryClient::FallSilent(Duration length) {
  silent_until_ = std::max(silent_until_, now() + length);
}

bool UnaryClient::DoneWith(const Session& session) const {
  const Truth& truth = *session.truth;
  return truth.over || (session.open && truth.steps_again == 0 &&
                        truth.acknowledged == truth.steps);
}

bool UnaryClient::done() const {
  return std::all_of(sessions_.begin(), sessions_.end(),
                     [this](const Session& of) { return DoneWith(of); });
}

// One attempt at what comes next, and another one if nothing comes of it.
void UnaryClient::Try(size_t index) {
  Session& session = sessions_[index];
  if (DoneWith(session) || session.closing) return;
  if (session.open && session.truth->acknowledged == session.truth->steps) {
    return Close(index);
  }
  if (now() < silent_until_) {
    return TryLater(index, silent_until_ - now());
  }
  const int64_t attempt = ++session.attempt;
  TryLater(index, kPatience + dice_.Between(milliseconds(0), milliseconds(50)));
  if (session.open) {
    Observe(index, attempt);
  } else {
    Open(index, attempt);
  }
}

void UnaryClient::TryLater(size_t index, Duration pause) {
  cluster_->loop()->After(pause,
                          [this, index, attempt = sessions_[index].attempt] {
                            if (sessions_[index].attempt == attempt) Try(index);
                          });
}

void UnaryClient::Open(size_t index, int64_t attempt) {
  const Truth& truth = *sessions_[index].truth;
  const int server =
      static_cast<int>(dice_.Below(static_cast<uint64_t>(cluster_->size())));
  sim::Open(cluster_, server,
            {.model = Lab::NameOf(truth.model),
             .version = truth.version,
             .session_id = truth.id,
             .request_id = truth.request_id},
            [this, index, attempt](const absl::StatusOr<uint64_t>& applied) {
              if (sessions_[index].attempt != attempt) return;
              if (!applied.ok()) return Refused(index, applied.status());
              sessions_[index].open = true;
              Try(index);
            });
}

// The next session of its id begins.
void UnaryClient::Close(size_t index) {
  Session& session = sessions_[index];
  session.closing = true;
  ++session.attempt;
  CloseForGood(cluster_, session.truth, dice_.Fork(), [this, index] {
    Session& of = sessions_[index];
    judge_->BeginsAgain(of.truth);
    of = {.truth = of.truth, .attempt = of.attempt};
    Try(index);
  });
}

void UnaryClient::Observe(size_t index, int64_t attempt) {
  Session& session = sessions_[index];
  Truth& truth = *session.truth;
  ObserveCall call{.session_id = truth.id};
  const bool all_sent = session.next > truth.steps;
  // Once all is answered the last step is sent again until it is durable.
  call.first_step = all_sent ? truth.steps : session.next;
  call.wait_durable = all_sent || dice_.Percent(40);
  if (dice_.Percent(50)) call.patience = kPatience;
  const uint64_t count =
      std::min(1 + dice_.Below(3), truth.steps - call.first_step + 1);
  for (uint64_t i = 0; i < count; ++i) {
    call.values.push_back(
        Lab::Value(truth.model, truth.sequence, call.first_step + i));
  }
  const uint64_t last_step = call.first_step + count - 1;
  truth.sent = std::max(truth.sent, last_step);
  // At home, unless that fails.
  const auto size = static_cast<uint64_t>(cluster_->size());
  const int server = dice_.Percent(75) ? number_ % cluster_->size()
                                       : static_cast<int>(dice_.Below(size));
  on_sent_({&truth, call.first_step, static_cast<uint32_t>(count)});
  sim::Observe(cluster_, server, call,
               [this, index, attempt, last_step](const ItemResult& result) {
                 if (sessions_[index].attempt != attempt) return;
                 Observed(index, last_step, result);
               });
}

void UnaryClient::Observed(size_t index, uint64_t last_step,
                           const ItemResult& result) {
  if (!result.status.ok()) return Refused(index, result.status);
  Session& session = sessions_[index];
  Truth& truth = *session.truth;
  if (result.answer == nullptr &&
      !(result.duplicate && result.applied_step > last_step)) {
    judge_->ToldNothing(truth, last_step);
  }
  judge_->Acknowledged(&truth, result.durable_step);
  session.next = last_step + 1;
  session.behind = 0;
  ++session.attempt;
  TryLater(index, dice_.Percent(60)
                      ? dice_.Between(Duration(0), milliseconds(20))
                      : dice_.Between(milliseconds(50), milliseconds(600)));
}

void UnaryClient::Refused(size_t index, const absl::Status& status) {
  Session& session = sessions_[index];
  Truth& truth = *session.truth;
  if (const auto expected = ExpectedStep(status); expected.has_value()) {
    // One that does not know yet that it has lost the session may say so; once
    // its next commit is refused it knows.
    if (*expected > truth.acknowledged) {
      session.next = *expected;
    } else if (++session.behind > kMaxBehind) {
      return judge_->ToldOver(&truth, status);
    }
  } else if (!absl::IsUnavailable(status) && !absl::IsAborted(status) &&
             !absl::IsResourceExhausted(status) &&
             !absl::IsDeadlineExceeded(status)) {
    if (absl::IsNotFound(status)) return judge_->ToldOver(&truth, status);
    return judge_->ToldRefused(&truth, session.next, status);
  }
  ++session.attempt;
  TryLater(index, dice_.Between(milliseconds(5), milliseconds(150)));
}

std::string UnaryClient::Waiting() const {
  std::string text;
  for (const Session& session : sessions_) {
    if (DoneWith(session)) continue;
    const Truth& truth = *session.truth;
    absl::StrAppendFormat(&text,
                          "session %s%s stands at step %d of %d, of which %d "
                          "are acknowledged; ",
                          truth.id, session.open ? "" : " (not opened)",
                          session.next - 1, truth.steps, truth.acknowledged);
  }
  return text;
}

}  // namespace recur::sim
