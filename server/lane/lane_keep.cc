// Lane: sessions that come from a store and go back to it.

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/lane/keeping.h"
#include "server/lane/lane.h"
#include "server/lane/run.h"
#include "server/lane/session_image.h"

namespace recur {
namespace {

// A session that comes may look at so many others for one to make room.
constexpr int kRoomVisits = 256;

bool IsClosed(const absl::Status& status) {
  return ReasonOf(status) == "session_closed";
}

bool IsMoved(const absl::Status& status) {
  return ReasonOf(status) == "session_moved";
}

}  // namespace

SessionInfo Lane::Info(const SessionPtr& session, TimePoint now) const {
  SessionInfo info = InfoOf(session, now);
  if (keeping_ != nullptr) {
    const auto found = keeping_->numerics_changed_from.find(session.get());
    if (found != keeping_->numerics_changed_from.end()) {
      info.numerics_changed_from = found->second;
    }
  }
  return info;
}

bool Lane::Pending(absl::string_view id) const {
  return keeping_->openings.contains(id) || keeping_->endings.contains(id);
}

void Lane::AskFor(absl::string_view id) {
  if (Pending(id) || !keeping_->parked.MustAsk(id)) return;
  keeping_->sink->Load(std::string(id));
}

void Lane::ParkItem(absl::string_view id, ItemPlace item) {
  ParkedCalls::Parked parked{.item = item};
  if (!keeping_->parked.Add(id, &parked)) {
    return Refuse(item.delivery, item.index,
                  QueueFull(keeping_->parked.limit()));
  }
  AskFor(id);
}

void Lane::ParkCall(
    const std::string& id,
    absl::AnyInvocable<void(const absl::Status&, TimePoint)> call,
    TimePoint now) {
  ParkedCalls::Parked parked{.call = std::move(call)};
  if (!keeping_->parked.Add(id, &parked)) {
    return parked.call(QueueFull(keeping_->parked.limit()), now);
  }
  AskFor(id);
}

void Lane::Resume(const std::string& id, const absl::Status& status,
                  TimePoint now) {
  for (auto& parked : keeping_->parked.Take(id)) {
    // One before it may have begun or ended the session.
    const bool again = status.ok() || Pending(id);
    if (!parked.item.has_value()) {
      parked.call(again ? absl::OkStatus() : status, now);
    } else if (again) {
      Enqueue(parked.item->delivery, parked.item->index);
    } else {
      Refuse(parked.item->delivery, parked.item->index, status);
    }
  }
  TellSinks(idle(), now);
  UpdateGauges();
}

void Lane::Open(const OpenRequest& request, TimePoint now,
                Completion<SessionInfo> done) {
  if (keeping_ == nullptr) return done(Open(request, now));
  if (auto live = table_.Find(request.id);
      live.ok() && !OwnedSince(**live, now)) {
    // It may have ended elsewhere.
    return Confirm(*live, now,
                   [this, request, now, done = std::move(done)](
                       const absl::Status& status) mutable {
                     if (!status.ok() && !IsMoved(status)) return done(status);
                     Open(request, now, std::move(done));
                   });
  }
  auto open = table_.FindForOpen(request);
  if (!open.ok()) return done(open.status());
  if (*open) return done(Info(*open, now));
  if (Pending(request.id) || keeping_->parked.Has(request.id)) {
    auto retry = [this, request, done = std::move(done)](
                     const absl::Status& status, TimePoint later) mutable {
      // That there is none of its id is as good as it gets.
      if (!status.ok() && status.code() != absl::StatusCode::kNotFound) {
        return done(status);
      }
      Open(request, later, std::move(done));
    };
    return ParkCall(request.id, std::move(retry), now);
  }
  // They are kept here and in the store's queue as long as it is slow.
  if (keeping_->openings.size() >= options_.max_parked) {
    return done(QueueFull(keeping_->openings.size()));
  }
  auto slot = SlotOf(request.model);
  if (!slot.ok()) return done(slot.status());
  auto record = table_.Make(request, now);
  if (!record.ok()) return done(record.status());
  if (auto s = MakeRoom((*record)->bytes(), now); !s.ok()) return done(s);
  (*record)->engine_slot = *slot;
  const int64_t now_us = keeping_->sink->WallTimeUs(now);
  SessionCreate create{.id = request.id,
                       .request_id = request.request_id,
                       .step = (*record)->session.applied_step,
                       .keep_until_us = KeepUntilUs(**record, now_us, now_us)};
  AppendSession(**record, now_us, &create.snapshot);
  (*record)->UseGoesToStore();
  keeping_->openings[request.id] = {
      *std::move(record), request.numerics_changed_from, now, std::move(done)};
  keeping_->sink->Create(std::move(create));
}

void Lane::Created(const std::string& id,
                   absl::StatusOr<CreatedSession> created, TimePoint now) {
  auto found = keeping_->openings.extract(id);
  if (found.empty()) return;  // abandoned
  auto opening = std::move(found.mapped());
  if (!created.ok()) {
    opening.done(created.status());
  } else if (created->existing.has_value()) {
    const absl::Status status = Install(id, std::move(created->existing), now);
    if (status.ok()) {
      opening.done(Info(*table_.Find(id), now));
    } else {
      opening.done(status);
    }
  } else if (auto room = MakeRoom(opening.session->bytes(), now); !room.ok()) {
    TakeBack(opening.session, created->epoch, now);
    opening.done(room);
  } else {
    Supersede(id);
    opening.session->epoch = created->epoch;
    opening.session->owned_at = opening.asked_at;
    opening.session->durable_step = opening.session->session.applied_step;
    opening.session->session.last_used = now;
    table_.Admit(opening.session);
    NoteNumerics(opening.session, std::move(opening.numerics_changed_from));
    stats_.sessions_opened.Add();
    opening.done(Info(opening.session, now));
  }
  Resume(id, absl::OkStatus(), now);
}

// What has begun in the store alone ends there, as if nobody had asked for it:
// so that the same request may begin it later.
void Lane::TakeBack(const SessionPtr& session, uint64_t epoch, TimePoint now) {
  session->ended = true;
  session->epoch = epoch;
  session->session.request_id_bytes = 0;
  End(session, SnapshotKind::kClosed, now);
}

void Lane::Get(const std::string& id, TimePoint now,
               Completion<SessionInfo> done) {
  auto found = table_.Find(id);
  if (found.ok()) return done(Info(*found, now));
  if (keeping_ == nullptr) return done(found.status());
  ParkCall(
      id,
      [this, id, done = std::move(done)](const absl::Status& status,
                                         TimePoint later) mutable {
        if (!status.ok()) return done(status);
        Get(id, later, std::move(done));
      },
      now);
}

void Lane::Attach(const std::string& id, TimePoint now,
                  Completion<SessionInfo> done) {
  Get(id, now,
      [this, id, now,
       done = std::move(done)](absl::StatusOr<SessionInfo> info) mutable {
        if (!info.ok() || OwnedSince(*info->record, now)) {
          return done(std::move(info));
        }
        Confirm(info->record, now,
                [this, id, now,
                 done = std::move(done)](const absl::Status& status) mutable {
                  if (!status.ok() && !IsMoved(status)) return done(status);
                  Attach(id, now, std::move(done));
                });
      });
}

void Lane::Close(const std::string& id, TimePoint now,
                 Completion<uint64_t> done) {
  if (keeping_ == nullptr) return done(Close(id));
  const auto ending = keeping_->endings.find(id);
  const bool closing = ending != keeping_->endings.end() &&
                       ending->second.session->kind == SnapshotKind::kClosed;
  auto found = table_.Find(id);
  if (closing || found.ok()) {
    if (keeping_->closers >= options_.max_parked) {
      return done(QueueFull(keeping_->closers));
    }
    if (!closing) {
      Close(id).IgnoreError();  // it was found
      End(*found, SnapshotKind::kClosed, now);
    }
    keeping_->endings[id].closers.push_back(std::move(done));
    ++keeping_->closers;
    return;
  }
  ParkCall(
      id,
      [this, id, done = std::move(done)](const absl::Status& status,
                                         TimePoint later) mutable {
        if (IsClosed(status)) return done(0);
        if (!status.ok()) return done(status);
        Close(id, later, std::move(done));
      },
      now);
}

void Lane::Loaded(const std::string& id,
                  absl::StatusOr<std::optional<LoadedSession>> loaded,
                  TimePoint now) {
  const absl::Status status =
      loaded.ok() ? Install(id, *std::move(loaded), now) : loaded.status();
  Resume(id, status, now);
}

// Whoever waited for the first of two answers of the store may have given up
// and asked again. What came first no longer owns its row.
void Lane::Supersede(const std::string& id) {
  if (const auto old = table_.Find(id); old.ok()) {
    GiveUp(*old, SessionMoved(id));
  }
}

absl::Status Lane::Install(const std::string& id,
                           std::optional<LoadedSession> loaded, TimePoint now) {
  if (!loaded.has_value()) return table_.NotFound(id);
  Supersede(id);
  const Snapshot& snapshot = loaded->snapshot;
  if (snapshot.kind != SnapshotKind::kLive) {
    table_.Remember(id, {.reason = ReasonOfEnd(snapshot.kind),
                         .applied_step = snapshot.applied_step,
                         .request_digest = RequestDigest(snapshot.request_id)});
    return table_.NotFound(id);
  }
  std::string changed_from = std::move(loaded->numerics_changed_from);
  auto session = Rebuild(id, *std::move(loaded), now);
  if (!session.ok()) return session.status();
  if ((*session)->session.deadline() <= now) {
    (*session)->ended = true;
    table_.Remember(id, {.reason = EndReason::kExpired,
                         .applied_step = (*session)->session.applied_step,
                         .request_digest =
                             RequestDigest((*session)->session.request_id())});
    End(*session, SnapshotKind::kExpired, now);
    stats_.sessions_expired.Add();
    return table_.NotFound(id);
  }
  if (auto s = MakeRoom((*session)->bytes(), now); !s.ok()) return s;
  table_.Admit(*session);
  stats_.sessions_loaded.Add();
  NoteNumerics(*session, std::move(changed_from));
  return absl::OkStatus();
}

void Lane::NoteNumerics(const SessionPtr& session, std::string changed_from) {
  if (changed_from.empty()) return;
  keeping_->numerics_changed_from[session.get()] = std::move(changed_from);
  stats_.numerics_changed.Add();
}

absl::StatusOr<SessionPtr> Lane::Rebuild(const std::string& id,
                                         LoadedSession loaded, TimePoint now) {
  auto slot = SlotOf(loaded.model);
  if (!slot.ok()) return slot.status();
  const Snapshot& snapshot = loaded.snapshot;
  const int64_t idle_us =
      keeping_->sink->WallTimeUs(now) - snapshot.last_used_us;
  OpenRequest request{
      .id = id,
      .request_id = snapshot.request_id,
      .model = loaded.model,
      .idle_ttl = std::chrono::seconds(snapshot.idle_ttl_seconds),
      .state = std::make_shared<const Snapshot>(std::move(loaded.snapshot))};
  auto session = table_.Make(request, now);
  if (!session.ok()) return session.status();
  SessionRecord& record = **session;
  record.epoch = loaded.epoch;
  record.owned_at = loaded.asked_at;
  record.durable_step = record.session.applied_step;
  record.engine_slot = *slot;
  record.session.last_used =
      now - std::chrono::microseconds(std::max<int64_t>(0, idle_us));
  record.UseGoesToStore();
  return session;
}

void Lane::Export(const std::string& id, TimePoint now,
                  Completion<SessionExport> done) {
  Look(
      id, now,
      [this, done = std::move(done)](absl::StatusOr<SessionInfo> info) mutable {
        if (!info.ok()) return done(info.status());
        const SessionRecord& record = *info->record;
        if (InObservation(record)) {
          return done(absl::AbortedError("in the middle of an observation"));
        }
        SessionExport exported{.applied_step = record.session.applied_step,
                               .model = record.model,
                               .idle_ttl = record.session.idle_ttl};
        // Where it was last used is no business of another server.
        AppendSession(record, /*last_used_us=*/0, &exported.snapshot);
        done(std::move(exported));
      });
}

void Lane::Abandon(const absl::Status& status, TimePoint now) {
  if (keeping_ == nullptr) return;
  for (const HeldResult& held : keeping_->held.TakeAll()) {
    TellHeld(held, status);
  }
  for (auto& [id, opening] : std::exchange(keeping_->openings, {})) {
    opening.done(status);
  }
  keeping_->closers = 0;
  for (auto& [id, ending] : keeping_->endings) {
    for (auto& done : std::exchange(ending.closers, {})) done(status);
  }
  for (const std::string& id : keeping_->parked.Ids()) {
    for (auto& parked : keeping_->parked.Take(id)) {
      if (parked.item.has_value()) {
        Refuse(parked.item->delivery, parked.item->index, status);
      } else {
        parked.call(status, now);
      }
    }
  }
  TellSinks(/*all=*/true, now);
  UpdateGauges();
}

absl::Status Lane::MakeRoom(size_t bytes, TimePoint now) {
  absl::Status status = table_.CheckRoom(bytes);
  if (status.ok()) return status;
  Spill(bytes, std::chrono::seconds(1), kRoomVisits, now);
  return table_.CheckRoom(bytes);
}

// Takes sessions out of memory until `bytes` are free, or none of the `visits`
// next ones may go: never one that the store has not as it is, nor one that
// somebody holds, whose memory would stay.
void Lane::Spill(size_t bytes, std::chrono::seconds idle, int visits,
                 TimePoint now) {
  size_t freed = 0;
  visits = std::min<int>(visits, static_cast<int>(table_.size()));
  for (; visits > 0 && freed < bytes; --visits) {
    SessionRecord* record = table_.NextAround(keeping_->spill_hand);
    keeping_->spill_hand = std::string(record->session.id);
    const bool clean = !record->dirty && !record->in_flight &&
                       record->durable_step == record->session.applied_step;
    if (!clean || record->running() || !record->unshared() ||
        now - record->session.last_used < idle) {
      continue;
    }
    freed += record->bytes();
    keeping_->Forget(record);
    table_.Remove(record);
    stats_.sessions_spilled.Add();
  }
}

}  // namespace recur
