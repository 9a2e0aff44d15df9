#include "client/replay/replay.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/replay/verdict.h"
#include "model/spec/error_reason.h"

namespace recur::client {
namespace {

// Items in the window after a loss, halved for each loss in vain.
constexpr size_t kFirstWindow = 256;

absl::Status ProtocolBroken(absl::string_view message) {
  return ErrorWithReason(absl::StatusCode::kInternal, "protocol_broken",
                         message);
}

}  // namespace

Replay::Replay(const Options& options, TimePoint now)
    : options_(options),
      heard_(now),
      window_(std::numeric_limits<size_t>::max()),
      schedule_(options.retry, now) {}

void Replay::Attach(uint32_t handle, const std::string& session_id,
                    std::optional<uint64_t> acknowledged_step) {
  sessions_[handle] = std::make_unique<Session>(
      session_id, acknowledged_step, options_.wait_durable, &totals_);
  ++unattached_;
  to_attach_.push_back(handle);
}

void Replay::Detach(uint32_t handle) {
  Session* session = Find(handle);
  if (session == nullptr) return;
  session->detaching = true;
  MaybeFree(handle);
}

absl::Status Replay::CheckHandle(uint32_t handle) const {
  const auto found = sessions_.find(handle);
  if (found == sessions_.end() || found->second->detaching) {
    return absl::InvalidArgumentError(
        absl::StrCat("handle ", handle, " is not attached"));
  }
  return found->second->over;
}

void Replay::Push(uint32_t handle, Item item) {
  Session& session = *Find(handle);
  session.kept.Add(std::move(item));
  MakeReady(handle, session);
}

void Replay::Connected(TimePoint now) {
  connected_ = true;
  leaving_ = false;
  sent_ = SentItems();
  attaching_ = 0;
  to_attach_.clear();
  to_detach_.clear();
  ready_.clear();
  Heard(now);
  std::vector<uint32_t> handles;
  for (const auto& [handle, session] : sessions_) handles.push_back(handle);
  // The order of a hash map is none that a run could be repeated with.
  std::sort(handles.begin(), handles.end());
  for (uint32_t handle : handles) {
    Session& session = *Find(handle);
    session.queued = false;
    session.attempt = 0;
    session.steps_ahead = 0;
    if (session.state == State::kPaused || session.state == State::kOver) {
      continue;
    }
    session.state = State::kDetached;
    to_attach_.push_back(handle);
    MaybeFree(handle);
  }
}

std::optional<Replay::Outgoing> Replay::Next(TimePoint now) {
  if (!connected_ || leaving_) return std::nullopt;
  const bool waited = awaiting();
  std::optional<Outgoing> next = NextOutgoing();
  if (next.has_value() && !waited) Heard(now);
  return next;
}

std::optional<Replay::Outgoing> Replay::NextOutgoing() {
  if (!to_detach_.empty()) {
    const uint32_t handle = to_detach_.front();
    to_detach_.pop_front();
    return Outgoing{.kind = Outgoing::Kind::kDetach, .handle = handle};
  }
  while (!to_attach_.empty()) {
    const uint32_t handle = to_attach_.front();
    to_attach_.pop_front();
    Session* session = Find(handle);
    if (session == nullptr || session->state != State::kDetached) continue;
    return AttachNow(handle, *session);
  }
  while (!ready_.empty() && sent_.waiting() < window_) {
    const uint32_t handle = ready_.front();
    ready_.pop_front();
    Session* session = Find(handle);
    if (session == nullptr || !session->queued) continue;
    session->queued = false;
    if (session->state != State::kLive) continue;
    const auto next = session->kept.Next();
    if (!next.has_value()) continue;
    sent_.Add({.handle = handle,
               .attempt = session->attempt,
               .steps = next->item->steps,
               .place = next->place});
    session->steps_ahead += next->item->steps;
    // Peek, which this asks, leaves the item where it is.
    MakeReady(handle, *session);
    return Outgoing{.kind = Outgoing::Kind::kItem,
                    .handle = handle,
                    .item = next->item,
                    .want = next->want};
  }
  return std::nullopt;
}

Replay::Outgoing Replay::AttachNow(uint32_t handle, Session& session) {
  session.state = State::kAttaching;
  ++attaching_;
  return {.kind = Outgoing::Kind::kAttach,
          .handle = handle,
          .session_id = &session.kept.session_id(),
          .acknowledged_step = session.kept.acknowledged_step()};
}

absl::Status Replay::OnAttached(const Attached& attached, TimePoint now,
                                double chance) {
  Heard(now);
  const uint32_t handle = attached.handle;
  Session* session = Find(handle);
  if (session == nullptr || session->state != State::kAttaching) {
    return ProtocolBroken(absl::StrCat("the server attached handle ", handle,
                                       ", which was not asked for"));
  }
  --attaching_;
  session->state = State::kDetached;
  const std::optional<uint64_t> known = session->kept.acknowledged_step();
  absl::Status status = attached.status;
  if (status.ok()) {
    status = session->kept.Resume(attached.durable, attached.resume_step,
                                  attached.durable_step);
  }
  if (!status.ok()) {
    if (!Recover(handle, *session, status, now, chance)) {
      SessionOver(handle, *session, status);
    }
    MaybeFree(handle);
    return absl::OkStatus();
  }
  session->state = State::kLive;
  if (!std::exchange(session->was_live, true)) {
    --unattached_;
    events_.push_back({.kind = Event::Kind::kAttached, .handle = handle});
  } else if (session->kept.acknowledged_step() != known) {
    events_.push_back({.kind = Event::Kind::kDurable,
                       .handle = handle,
                       .step = *session->kept.acknowledged_step()});
  }
  if (totals_.unanswered == 0) Succeed(*session);
  MakeReady(handle, *session);
  MaybeFree(handle);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<uint64_t>> Replay::OnReply(const Reply& reply,
                                                        TimePoint now,
                                                        double chance) {
  Heard(now);
  const std::optional<SentItems::Sent> sent = sent_.Answer(reply.item);
  if (!sent.has_value()) {
    return ProtocolBroken(absl::StrCat("the server answered item ", reply.item,
                                       ", which does not wait for an answer"));
  }
  if (window_ < std::numeric_limits<size_t>::max()) ++window_;
  Session* session = Find(sent->handle);
  if (session == nullptr || session->state == State::kOver) return std::nullopt;
  if (reply.durable_step.has_value()) {
    session->kept.Acknowledge(*reply.durable_step);
  }
  std::optional<uint64_t> number;
  if (sent->attempt != session->attempt) {
    // It goes out again, behind the item that it must not overtake.
  } else if (reply.status.ok()) {
    number = session->kept.Answer(sent->place);
    if (number.has_value()) Succeed(*session);
  } else if (!Recover(sent->handle, *session, reply.status, now, chance)) {
    number = session->kept.Refuse(sent->place);
    if (!number.has_value() && session->kept.Keeps(sent->place)) {
      SessionOver(sent->handle, *session, reply.status);
    }
  }
  if (sent->attempt == session->attempt) session->steps_ahead -= sent->steps;
  MakeReady(sent->handle, *session);
  MaybeFree(sent->handle);
  return number;
}

void Replay::OnDurable(uint32_t handle, uint64_t durable_step, TimePoint now) {
  Heard(now);
  Session* session = Find(handle);
  if (session == nullptr || !session->kept.Acknowledge(durable_step)) return;
  Succeed(*session);
  events_.push_back(
      {.kind = Event::Kind::kDurable, .handle = handle, .step = durable_step});
  MaybeFree(handle);
}

void Replay::Leave(TimePoint now) {
  Heard(now);
  leaving_ = true;
}

std::optional<Replay::Duration> Replay::Lost(const absl::Status& status,
                                             TimePoint now, double chance) {
  connected_ = false;
  const Verdict verdict = JudgeEnd(status);
  if (verdict != Verdict::kElsewhere && verdict != Verdict::kTryLater) {
    return std::nullopt;
  }
  const auto pause = schedule_.NextPause(status, now, chance);
  window_ =
      std::max<size_t>(kFirstWindow >> std::min(schedule_.attempts(), 16), 1);
  return pause;
}

void Replay::End(const absl::Status& status) {
  connected_ = false;
  std::vector<uint32_t> handles;
  for (const auto& [handle, session] : sessions_) {
    if (session->state != State::kOver) handles.push_back(handle);
  }
  std::sort(handles.begin(), handles.end());
  for (uint32_t handle : handles) {
    SessionOver(handle, *Find(handle), status);
    MaybeFree(handle);
  }
}

std::optional<Replay::TimePoint> Replay::NextTick() const {
  std::optional<TimePoint> next;
  if (!paused_.empty()) next = paused_.begin()->first;
  if (connected_ && awaiting()) {
    const TimePoint dead = heard_ + options_.silence;
    next = std::min(next.value_or(dead), dead);
  }
  return next;
}

absl::Status Replay::Tick(TimePoint now) {
  while (!paused_.empty() && paused_.begin()->first <= now) {
    const uint32_t handle = paused_.begin()->second;
    paused_.erase(paused_.begin());
    Session* session = Find(handle);
    if (session == nullptr || session->state != State::kPaused) continue;
    session->state = State::kDetached;
    to_attach_.push_back(handle);
  }
  if (!connected_ || !awaiting() || now < heard_ + options_.silence) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat("the server has said nothing for ",
                                             options_.silence.count(), " ms"));
}

std::vector<Replay::Event> Replay::TakeEvents() {
  return std::exchange(events_, {});
}

Replay::Session* Replay::Find(uint32_t handle) {
  const auto found = sessions_.find(handle);
  return found == sessions_.end() ? nullptr : found->second.get();
}

bool Replay::HasRoom(const Session& session, const Item& item) const {
  return options_.max_steps_ahead == 0 || session.steps_ahead == 0 ||
         session.steps_ahead + item.steps <= options_.max_steps_ahead;
}

void Replay::MakeReady(uint32_t handle, Session& session) {
  if (session.queued || session.state != State::kLive) return;
  const Item* next = session.kept.Peek();
  if (next == nullptr || !HasRoom(session, *next)) return;
  session.queued = true;
  ready_.push_back(handle);
}

void Replay::Succeed(Session& session) {
  schedule_.Succeed();
  session.schedule.reset();
}

std::optional<Replay::Duration> Replay::PauseOf(uint32_t handle,
                                                Session& session,
                                                const absl::Status& status,
                                                TimePoint now, double chance) {
  if (session.schedule == nullptr) {
    session.schedule = std::make_unique<RetrySchedule>(options_.retry, now);
  }
  const auto pause = session.schedule->NextPause(status, now, chance);
  if (!pause.has_value()) SessionOver(handle, session, status);
  return pause;
}

bool Replay::Recover(uint32_t handle, Session& session,
                     const absl::Status& status, TimePoint now, double chance) {
  const Verdict verdict = JudgeAnswer(status);
  if (verdict == Verdict::kRefused) return false;
  if (verdict == Verdict::kSessionOver) {
    SessionOver(handle, session, status);
    return true;
  }
  const auto pause = PauseOf(handle, session, status, now, chance);
  if (!pause.has_value()) return true;
  ++session.attempt;
  session.steps_ahead = 0;
  if (verdict == Verdict::kElsewhere) {
    session.state = State::kDetached;
    leaving_ = true;
  } else {
    session.state = State::kPaused;
    paused_.emplace(now + *pause, handle);
  }
  return true;
}

// The session stays until it is detached, so that a push learns why.
void Replay::SessionOver(uint32_t handle, Session& session,
                         const absl::Status& status) {
  for (const auto& [number, last_step] : session.kept.TakeUnanswered()) {
    events_.push_back({.kind = Event::Kind::kAnswerless,
                       .handle = handle,
                       .number = number,
                       .step = last_step,
                       .status = status});
  }
  if (!session.was_live) --unattached_;
  if (session.state == State::kAttaching) --attaching_;
  session.state = State::kOver;
  session.over = status;
  events_.push_back(
      {.kind = Event::Kind::kSessionOver, .handle = handle, .status = status});
}

void Replay::MaybeFree(uint32_t handle) {
  const Session* session = Find(handle);
  if (session == nullptr || !session->detaching || !session->kept.empty()) {
    return;
  }
  switch (session->state) {
    case State::kAttaching:  // the answer is still to come
    case State::kPaused:
      return;
    case State::kDetached:  // whoever attached wants to know how it went
      if (!session->was_live) return;
      break;
    case State::kLive:
      if (connected_) to_detach_.push_back(handle);
      break;
    case State::kOver:
      break;
  }
  sessions_.erase(handle);
}

}  // namespace recur::client
