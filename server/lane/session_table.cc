#include "server/lane/session_table.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/lane/session_image.h"
#include "server/session/session_id.h"

namespace recur {
uint64_t RequestDigest(absl::string_view request_id) {
  return request_id.empty() ? 0 : absl::HashOf(request_id);
}

SessionTable::SessionTable(const Options& options)
    : options_(options), ended_(options.remembered_ended) {}

absl::Status SessionTable::CheckRoom(size_t session_bytes) const {
  if (sessions_.size() >= options_.max_sessions) {
    return ErrorWithReason(
        absl::StatusCode::kResourceExhausted, "too_many_sessions",
        absl::StrFormat("%d sessions are open on this lane; the limit is %d",
                        sessions_.size(), options_.max_sessions));
  }
  if (bytes_ + session_bytes > options_.max_bytes) {
    return ErrorWithReason(
        absl::StatusCode::kResourceExhausted, "session_memory_full",
        absl::StrFormat("sessions hold %d bytes on this lane; %d more exceed "
                        "the limit of %d",
                        bytes_, session_bytes, options_.max_bytes));
  }
  return absl::OkStatus();
}

absl::StatusOr<SessionPtr> SessionTable::FindForOpen(
    const OpenRequest& request) const {
  if (const auto found = sessions_.find(absl::string_view(request.id));
      found != sessions_.end()) {
    if (!request.request_id.empty() &&
        (*found)->session.request_id() == request.request_id) {
      return *found;
    }
    return ErrorWithReason(
        absl::StatusCode::kAlreadyExists, "session_exists",
        absl::StrFormat("session \"%s\" is open already", request.id));
  }
  return SessionPtr();
}

absl::StatusOr<SessionPtr> SessionTable::Make(const OpenRequest& request,
                                              TimePoint now) const {
  SessionPtr record =
      SessionRecord::Create(request.id, request.request_id, request.model,
                            options_.answer_window_steps);
  Session& session = record->session;
  session.start_us = request.start_us.value_or(Session::kNoStart);
  if (request.state != nullptr) {
    if (auto s = RestoreSession(*request.state, record.get()); !s.ok()) {
      return s;
    }
  }
  session.idle_ttl = request.idle_ttl;
  session.last_used = now;
  return record;
}

void SessionTable::Admit(const SessionPtr& record) {
  bytes_ += record->bytes();
  ended_.Forget(std::string(record->session.id));
  expiry_.Add(&record->session);
  sessions_.insert(record);
  by_id_.insert(record.get());
}

absl::StatusOr<SessionPtr> SessionTable::Open(const OpenRequest& request,
                                              TimePoint now) {
  auto open = FindForOpen(request);
  if (!open.ok() || *open) return open;
  const EndedSession* ended = ended_.Find(request.id);
  if (ended != nullptr && !request.request_id.empty() &&
      ended->request_digest == RequestDigest(request.request_id)) {
    return NotFound(request.id);
  }
  auto record = Make(request, now);
  if (!record.ok()) return record.status();
  if (auto s = CheckRoom((*record)->bytes()); !s.ok()) return s;
  Admit(*record);
  return record;
}

absl::Status SessionTable::NotFound(absl::string_view id) const {
  const EndedSession* ended = ended_.Find(std::string(id));
  if (ended == nullptr && MadeByAnotherRun(id, options_.boot_tag)) {
    static constexpr EndedSession kLost{.reason = EndReason::kLost};
    ended = &kLost;
  }
  return SessionNotFound(id, ended);
}

absl::StatusOr<SessionPtr> SessionTable::Find(absl::string_view id) const {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) return *found;
  return NotFound(id);
}

absl::StatusOr<SessionPtr> SessionTable::Close(absl::string_view id) {
  if (const auto found = sessions_.find(id); found != sessions_.end()) {
    SessionPtr record = *found;
    End(record, EndReason::kClosed);
    return record;
  }
  const EndedSession* ended = ended_.Find(std::string(id));
  if (ended != nullptr && ended->reason == EndReason::kClosed) {
    return SessionPtr();
  }
  return NotFound(id);
}

void SessionTable::Lose(absl::string_view id) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) End(*found, EndReason::kLost);
}

void SessionTable::Remember(const std::string& id, EndedSession ended) {
  ended_.Add(id, ended);
}

void SessionTable::Forget(absl::string_view id) {
  ended_.Forget(std::string(id));
}

SessionRecord* SessionTable::NextAround(absl::string_view id) const {
  if (by_id_.empty()) return nullptr;
  auto at = by_id_.upper_bound(id);
  if (at == by_id_.end()) at = by_id_.begin();
  return *at;
}

void SessionTable::Remove(SessionRecord* record) {
  record->ended = true;
  bytes_ -= record->bytes();
  expiry_.Remove(&record->session);
  by_id_.erase(record);
  // Last: it may be all that holds it.
  sessions_.erase(record);
}

void SessionTable::End(SessionPtr record, EndReason reason) {
  const Session& session = record->session;
  ended_.Add(std::string(session.id),
             {.reason = reason,
              .applied_step = session.applied_step,
              .request_digest = RequestDigest(session.request_id())});
  Remove(record.get());
}

int SessionTable::Expire(TimePoint now, std::vector<SessionPtr>* expired,
                         std::vector<SessionPtr>* prolonged) {
  int count = 0;
  std::vector<Session*> used;
  std::vector<Session*>* const to = prolonged == nullptr ? nullptr : &used;
  while (Session* session = expiry_.TakeDue(now, to)) {
    const SessionPtr record = *sessions_.find(session->id);
    if (record->running()) {
      expiry_.Add(session,
                  now + std::max<std::chrono::seconds>(
                            session->idle_ttl, std::chrono::seconds(1)));
      continue;
    }
    End(record, EndReason::kExpired);
    if (expired != nullptr) expired->push_back(record);
    ++count;
  }
  for (const Session* session : used) {
    const auto found = sessions_.find(session->id);
    if (found != sessions_.end()) prolonged->push_back(*found);
  }
  return count;
}

SessionTable::Page SessionTable::List(absl::string_view after,
                                      absl::string_view model,
                                      size_t limit) const {
  Page page;
  const SessionRecord* last = nullptr;
  size_t visits = 0;
  auto at = by_id_.upper_bound(after);
  for (; at != by_id_.end() && page.sessions.size() < limit &&
         visits < options_.max_list_visits;
       ++at, ++visits) {
    last = *at;
    if (!model.empty() && last->model->name != model) continue;
    page.sessions.push_back(*sessions_.find(last->session.id));
  }
  if (at != by_id_.end() && last != nullptr) {
    page.next = std::string(last->session.id);
  }
  return page;
}

SessionInfo InfoOf(const SessionPtr& record, TimePoint now) {
  const Session& session = record->session;
  using Seconds = std::chrono::duration<double>;
  return {.id = std::string(session.id),
          .model = record->model,
          .applied_step = session.applied_step,
          .durable_step = record->durable_step,
          .idle_ttl = session.idle_ttl,
          .expires_in = std::max(Seconds(0), Seconds(session.deadline() - now)),
          .state_bytes = record->bytes(),
          .warming_up = record->model->features.WarmingUp(session.features()),
          .record = record};
}

}  // namespace recur
