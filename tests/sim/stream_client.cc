#include "tests/sim/stream_client.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/sim/calls.h"

namespace recur::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr size_t kMaxKept = 48;

// Patient and quick: virtual time costs nothing, but it is bounded.
client::Replay::Options ReplayOptions(const StreamClient::Options& options) {
  return {.wait_durable = options.wait_durable,
          .retry = {.initial = milliseconds(10),
                    .max = milliseconds(400),
                    .budget = std::chrono::hours(1),
                    .burst = 1000,
                    .refill = milliseconds(10)},
          .max_steps_ahead = options.max_steps_ahead,
          .silence = milliseconds(900)};
}

}  // namespace

StreamClient::StreamClient(const Options& options, Cluster* cluster,
                           std::vector<Truth*> truths, OnSent on_sent,
                           Dice dice)
    : options_(options),
      cluster_(cluster),
      judge_(cluster->judge()),
      on_sent_(std::move(on_sent)),
      dice_(dice),
      replay_(ReplayOptions(options), cluster->loop()->now()),
      server_(options.number % cluster->size()) {
  for (size_t i = 0; i < truths.size(); ++i) {
    sessions_.push_back(
        {.truth = truths[i], .handle = static_cast<uint32_t>(i) + 1});
  }
}

void StreamClient::Start() {
  for (size_t i = 0; i < sessions_.size(); ++i) Open(i);
  Connect();
}

StreamClient::Session* StreamClient::Of(uint32_t handle) {
  Session* session = &sessions_[(handle - 1) % sessions_.size()];
  return session->handle == handle ? session : nullptr;
}

// At home as a rule, elsewhere after a failure, and now and then anywhere, as a
// balancer may decide.
int StreamClient::PickServer() {
  const auto size = static_cast<uint64_t>(cluster_->size());
  if (dice_.Percent(20)) return static_cast<int>(dice_.Below(size));
  if (failed_) return (server_ + 1) % cluster_->size();
  return options_.number % cluster_->size();
}

void StreamClient::Open(size_t index) {
  Session& session = sessions_[index];
  const int64_t attempt = ++session.attempt;
  const Truth& truth = *session.truth;
  sim::Open(cluster_, PickServer(),
            {.model = Lab::NameOf(truth.model),
             .version = truth.version,
             .session_id = truth.id,
             .request_id = truth.request_id},
            [this, index, attempt](const absl::StatusOr<uint64_t>& applied) {
              if (sessions_[index].attempt == attempt) Opened(index, applied);
            });
  cluster_->loop()->After(dice_.Between(milliseconds(300), milliseconds(500)),
                          [this, index, attempt] {
                            if (sessions_[index].attempt == attempt) {
                              Open(index);
                            }
                          });
}

void StreamClient::Opened(size_t index,
                          const absl::StatusOr<uint64_t>& applied) {
  Session& session = sessions_[index];
  if (absl::IsUnavailable(applied.status()) ||
      absl::IsResourceExhausted(applied.status())) {
    return;  // the timer tries again
  }
  ++session.attempt;
  session.open = true;
  if (!applied.ok()) return judge_->ToldOver(session.truth, applied.status());
  replay_.Attach(session.handle, session.truth->id, std::nullopt);
  Push(index);
}

// Some at once, then a pause.
void StreamClient::Push(size_t index) {
  Session& session = sessions_[index];
  Truth& truth = *session.truth;
  if (session.next > truth.steps || truth.over) return;
  if (now() >= silent_until_ && replay_.totals().items < kMaxKept &&
      replay_.CheckHandle(session.handle).ok()) {
    client::Item item{.number = pushed_++,
                      .first_step = session.next,
                      .steps = static_cast<uint32_t>(std::min<uint64_t>(
                          1 + dice_.Below(3), truth.steps - session.next + 1)),
                      .want = dice_.Percent(85) ? client::Want::kForecast
                                                : client::Want::kAck};
    for (uint32_t i = 0; i < item.steps; ++i) {
      item.values.push_back(
          Lab::Value(truth.model, truth.sequence, session.next + i));
    }
    session.next += item.steps;
    truth.sent = std::max(truth.sent, session.next - 1);
    pending_[item.number] = {index, item.last_step(),
                             item.want == client::Want::kForecast};
    replay_.Push(session.handle, std::move(item));
    if (session.next > truth.steps) replay_.Detach(session.handle);
    Pump();
  }
  const Duration pause =
      dice_.Percent(50) ? dice_.Between(microseconds(0), milliseconds(5))
                        : dice_.Between(milliseconds(50), milliseconds(700));
  cluster_->loop()->After(pause, [this, index] { Push(index); });
}

// All that was sent is answered and safe; the next session of its id begins.
void StreamClient::MaybeClose(size_t index) {
  Session& session = sessions_[index];
  Truth* const truth = session.truth;
  if (truth->steps_again == 0 || truth->over || session.closing ||
      session.answered < truth->steps || truth->acknowledged < truth->steps) {
    return;
  }
  session.closing = true;
  CloseForGood(cluster_, truth, dice_.Fork(), [this, index] {
    Session& of = sessions_[index];
    judge_->BeginsAgain(of.truth);
    of = {.truth = of.truth,
          .handle = of.handle + static_cast<uint32_t>(sessions_.size()),
          .attempt = of.attempt};
    Open(index);
  });
}

void StreamClient::Connect() {
  if (now() < silent_until_) {
    return cluster_->loop()->At(silent_until_, [this] { Connect(); });
  }
  server_ = PickServer();
  replay_.Connected(now());
  connection_ = cluster_->Connect(server_, this);
  if (connection_ == nullptr) {
    return Lost(absl::UnavailableError("connection refused"));
  }
  Pump();
}

void StreamClient::OnEnd(Connection* on, const absl::Status& status) {
  if (on != connection_.get()) return;
  Lost(status.ok() ? absl::UnavailableError("the server ended the stream")
                   : status);
}

void StreamClient::Lost(const absl::Status& status) {
  connection_ = nullptr;
  failed_ = true;
  const auto pause = replay_.Lost(status, now(), dice_.Fraction());
  TakeEvents();
  if (!pause.has_value()) {
    return judge_->Fail(
        "nothing is lost",
        absl::StrCat("a client gave up its stream after: ", status.message()));
  }
  cluster_->loop()->After(*pause, [this] { Connect(); });
}

void StreamClient::Pump() {
  if (connection_ == nullptr) return;
  ToServer message{.wait_durable = options_.wait_durable};
  const auto flush = [&] {
    if (message.detach.empty() && message.attach.empty() &&
        message.items.empty()) {
      return;
    }
    connection_->Send(
        std::exchange(message, {.wait_durable = options_.wait_durable}));
  };
  while (const auto out = replay_.Next(now())) {
    switch (out->kind) {
      case client::Replay::Outgoing::Kind::kAttach:
        message.attach.push_back({out->handle, *out->session_id,
                                  out->acknowledged_step.value_or(0)});
        break;
      case client::Replay::Outgoing::Kind::kDetach:
        // Detaches come first in a message; they must not overtake.
        if (!message.items.empty() || !message.attach.empty()) flush();
        message.detach.push_back(out->handle);
        break;
      case client::Replay::Outgoing::Kind::kItem:
        message.items.push_back({out->handle, out->item->first_step,
                                 out->item->values,
                                 out->want == client::Want::kForecast});
        on_sent_(
            {Of(out->handle)->truth, out->item->first_step, out->item->steps});
        if (message.items.size() >= 1 + dice_.Below(8)) flush();
        break;
    }
  }
  flush();
  ArmTick();
}

void StreamClient::OnMessage(Connection* on, ToClient message) {
  if (on != connection_.get()) return;
  failed_ = false;
  for (const AttachReply& reply : message.attached) {
    const absl::Status status =
        replay_.OnAttached({.handle = reply.handle,
                            .status = reply.status,
                            .durable = reply.durable,
                            .resume_step = reply.resume_step,
                            .durable_step = reply.durable_step},
                           now(), dice_.Fraction());
    if (!status.ok()) judge_->Fail("the protocol", status.ToString());
    Acknowledged(reply.handle, reply.durable_step);
  }
  for (const ItemReply& reply : message.replies) TakeReply(reply);
  for (const DurableMark& mark : message.durable) {
    replay_.OnDurable(mark.handle, mark.durable_step, now());
    Acknowledged(mark.handle, mark.durable_step);
  }
  if (message.go_away) replay_.Leave(now());
  TakeEvents();
  if (connection_ == nullptr || message.end.has_value()) return;
  if (replay_.leaving()) {
    connection_->HalfClose();
    ArmTick();
  } else {
    Pump();
  }
}

void StreamClient::TakeReply(const ItemReply& reply) {
  const auto number = replay_.OnReply({.item = reply.item,
                                       .status = reply.status,
                                       .durable_step = reply.durable_step},
                                      now(), dice_.Fraction());
  if (!number.ok()) {
    return judge_->Fail("the protocol", number.status().ToString());
  }
  Acknowledged(reply.handle, reply.durable_step);
  if (number->has_value()) Answered(**number, reply);
}

void StreamClient::Answered(uint64_t number, const ItemReply& reply) {
  const auto pending = pending_.extract(number);
  if (pending.empty()) {
    return judge_->Fail("every answer comes once",
                        absl::StrCat("item ", number, " was answered twice"));
  }
  const Pending& item = pending.mapped();
  Session& session = sessions_[item.session];
  Truth* const truth = session.truth;
  if (!reply.status.ok()) {
    return judge_->ToldRefused(truth, item.last_step, reply.status);
  }
  if (reply.step != item.last_step || item.last_step <= session.answered) {
    judge_->Fail("answers come in order",
                 absl::StrFormat("step %d of session %s was answered as step "
                                 "%d after step %d",
                                 item.last_step, truth->id, reply.step,
                                 session.answered));
  }
  session.answered = item.last_step;
  const bool forgotten = reply.duplicate && reply.applied_step > reply.step;
  if (item.forecast && reply.answer == nullptr && !forgotten) {
    judge_->ToldNothing(*truth, item.last_step);
  }
  if (options_.wait_durable) Acknowledged(session.handle, item.last_step);
  MaybeClose(item.session);
}

void StreamClient::Acknowledged(uint32_t handle, uint64_t step) {
  Session* const session = Of(handle);
  if (session == nullptr) return;
  judge_->Acknowledged(session->truth, step);
  MaybeClose(static_cast<size_t>(session - sessions_.data()));
}

void StreamClient::TakeEvents() {
  for (const client::Replay::Event& event : replay_.TakeEvents()) {
    switch (event.kind) {
      case client::Replay::Event::Kind::kAttached:
        break;
      case client::Replay::Event::Kind::kDurable:
        Acknowledged(event.handle, event.step);
        break;
      case client::Replay::Event::Kind::kAnswerless:
        pending_.erase(event.number);
        break;
      case client::Replay::Event::Kind::kSessionOver:
        if (const Session* session = Of(event.handle)) {
          judge_->ToldOver(session->truth, event.status);
        }
        break;
    }
  }
}

void StreamClient::ArmTick() {
  const auto next = replay_.NextTick();
  if (!next.has_value() || *next >= tick_at_) return;
  tick_at_ = *next;
  cluster_->loop()->At(tick_at_, [this, at = tick_at_] {
    if (tick_at_ == at) Tick();
  });
}

void StreamClient::Tick() {
  tick_at_ = TimePoint::max();
  const absl::Status status = replay_.Tick(now());
  TakeEvents();
  if (!status.ok() && connection_ != nullptr) {
    connection_->Cancel();
    Lost(status);
  }
  Pump();
  ArmTick();
}

void StreamClient::FallSilent(Duration length) {
  silent_until_ = std::max(silent_until_, now() + length);
  if (connection_ == nullptr) return;
  connection_->Cancel();
  Lost(absl::UnavailableError("the client falls silent"));
}

bool StreamClient::done() const {
  return std::all_of(sessions_.begin(), sessions_.end(),
                     [](const Session& session) {
                       const Truth& truth = *session.truth;
                       return truth.over ||
                              (session.open && truth.steps_again == 0 &&
                               session.next > truth.steps);
                     }) &&
         replay_.idle();
}

std::string StreamClient::Waiting() const {
  std::string text;
  for (const Session& session : sessions_) {
    if (session.truth->over) continue;
    const Truth& truth = *session.truth;
    if (session.open && truth.steps_again == 0 &&
        truth.acknowledged >= truth.steps) {
      continue;
    }
    absl::StrAppendFormat(
        &text,
        "session %s%s has sent step %d of %d, had answers until %d and "
        "acknowledgements until %d; ",
        truth.id, session.open ? "" : " (not opened)", truth.sent, truth.steps,
        session.answered, truth.acknowledged);
  }
  return text;
}

}  // namespace recur::sim
