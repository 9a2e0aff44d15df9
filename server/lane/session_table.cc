#include "server/lane/session_table.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/session/session_id.h"

namespace recur {
namespace {

uint64_t DigestOf(absl::string_view request_id) {
  return request_id.empty() ? 0 : absl::HashOf(request_id);
}

}  // namespace

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

absl::StatusOr<std::shared_ptr<TableEntry>> SessionTable::Open(
    const OpenRequest& request, TimePoint now) {
  if (const auto found = sessions_.find(request.id); found != sessions_.end()) {
    const Session& session = found->second->session;
    if (!request.request_id.empty() &&
        session.request_id == request.request_id) {
      return found->second;
    }
    return ErrorWithReason(
        absl::StatusCode::kAlreadyExists, "session_exists",
        absl::StrFormat("session \"%s\" is open already", request.id));
  }
  const EndedSession* ended = ended_.Find(request.id);
  if (ended != nullptr && !request.request_id.empty() &&
      ended->request_digest == DigestOf(request.request_id)) {
    return NotFound(request.id);
  }
  auto entry = std::make_shared<TableEntry>();
  entry->model = request.model;
  entry->session = {.id = request.id,
                    .request_id = request.request_id,
                    .state = InitialState(*request.model),
                    .window = AnswerWindow(options_.answer_window_steps),
                    .start_us = request.start_us,
                    .idle_ttl = request.idle_ttl,
                    .last_used = now};
  const size_t bytes = entry->session.bytes();
  if (auto status = CheckRoom(bytes); !status.ok()) return status;
  bytes_ += bytes;
  ended_.Forget(request.id);
  TidyExpiry();
  expiry_.Add(request.id, entry->session.deadline());
  sessions_.emplace(request.id, entry);
  ids_.insert(entry->session.id);
  return entry;
}

absl::Status SessionTable::NotFound(absl::string_view id) const {
  const EndedSession* ended = ended_.Find(std::string(id));
  if (ended == nullptr && MadeByAnotherRun(id, options_.boot_tag)) {
    static constexpr EndedSession kLost{.reason = EndReason::kLost};
    ended = &kLost;
  }
  return SessionNotFound(id, ended);
}

absl::StatusOr<std::shared_ptr<TableEntry>> SessionTable::Find(
    absl::string_view id) const {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) return found->second;
  return NotFound(id);
}

absl::StatusOr<std::shared_ptr<TableEntry>> SessionTable::Close(
    absl::string_view id) {
  const auto found = sessions_.find(id);
  if (found != sessions_.end()) {
    std::shared_ptr<TableEntry> entry = found->second;
    End(entry->session.id, EndReason::kClosed);
    return entry;
  }
  const EndedSession* ended = ended_.Find(std::string(id));
  if (ended != nullptr && ended->reason == EndReason::kClosed) {
    return std::shared_ptr<TableEntry>();
  }
  return NotFound(id);
}

void SessionTable::Lose(const std::string& id) { End(id, EndReason::kLost); }

bool SessionTable::End(std::string id, EndReason reason) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return false;
  TableEntry& entry = *found->second;
  entry.ended = true;
  bytes_ -= entry.session.bytes();
  ended_.Add(id, {.reason = reason,
                  .applied_step = entry.session.applied_step,
                  .request_digest = DigestOf(entry.session.request_id)});
  ids_.erase(entry.session.id);
  sessions_.erase(found);
  return true;
}

void SessionTable::TidyExpiry() {
  // The entry of an ended session stays until its time comes. Sessions that
  // come and go would pile up a day of them.
  constexpr size_t kSpare = 1000;
  if (expiry_.size() <= 2 * sessions_.size() + kSpare) return;
  expiry_ = ExpiryQueue();
  for (const auto& [id, entry] : sessions_) {
    expiry_.Add(id, entry->session.deadline());
  }
}

int SessionTable::Expire(TimePoint now) {
  const auto deadline_of =
      [&](const std::string& id) -> std::optional<TimePoint> {
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return std::nullopt;
    const TableEntry& entry = *found->second;
    if (entry.running) {
      return now + std::max(entry.session.idle_ttl, std::chrono::seconds(1));
    }
    return entry.session.deadline();
  };
  int expired = 0;
  // An id that was closed and opened again can come up more than once.
  for (const std::string& id : expiry_.Due(now, deadline_of)) {
    if (End(id, EndReason::kExpired)) ++expired;
  }
  return expired;
}

std::vector<std::shared_ptr<const TableEntry>> SessionTable::List(
    absl::string_view after, absl::string_view model, size_t limit) const {
  std::vector<std::shared_ptr<const TableEntry>> page;
  for (auto id = ids_.upper_bound(after);
       id != ids_.end() && page.size() < limit; ++id) {
    const std::shared_ptr<TableEntry>& entry = sessions_.find(*id)->second;
    if (model.empty() || entry->model->name == model) page.push_back(entry);
  }
  return page;
}

SessionInfo InfoOf(const TableEntry& entry, TimePoint now) {
  const Session& session = entry.session;
  using Seconds = std::chrono::duration<double>;
  return {
      .id = session.id,
      .model = entry.model,
      .applied_step = session.applied_step,
      .idle_ttl = session.idle_ttl,
      .expires_in = std::max(Seconds(0), Seconds(session.deadline() - now)),
      .state_bytes = session.bytes(),
      .warming_up = entry.model->features.WarmingUp(session.state.features)};
}

}  // namespace recur
