// Service: sessions that are copied, carried away and brought back.

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "model/spec/utf8.h"
#include "server/core/model_finder.h"
#include "server/core/service.h"
#include "server/session/session_id.h"
#include "server/session/snapshot.h"

namespace recur {
namespace {

absl::Status Behind(absl::string_view id, uint64_t applied, uint64_t min_step) {
  absl::Status status = ErrorWithReason(
      absl::StatusCode::kFailedPrecondition, "session_behind",
      absl::StrFormat("session \"%s\" has applied step %d; min_step is %d", id,
                      applied, min_step));
  SetDetail(&status, "applied_step", std::to_string(applied));
  return status;
}

absl::Status BadSnapshot(absl::string_view why) {
  return ErrorWithReason(absl::StatusCode::kDataLoss, "bad_snapshot", why);
}

// Of a snapshot from outside: values are finite, or missing where they may be,
// and what callers are told is text.
bool IsSound(const Snapshot& snapshot) {
  return IsUtf8(snapshot.numerics) &&
         std::all_of(snapshot.hidden.begin(), snapshot.hidden.end(),
                     [](float value) { return std::isfinite(value); }) &&
         std::none_of(snapshot.feature_values.begin(),
                      snapshot.feature_values.end(),
                      [](double value) { return std::isinf(value); });
}

}  // namespace

void Service::ExportSession(std::string id, Done<SessionExport> done) {
  if (auto s = CheckSessionId(id); !s.ok()) return done(s);
  const int lane = LaneOf(id);
  lanes_->Post(lane, [this, id = std::move(id), done = std::move(done)](
                         Lane& owner, TimePoint now) mutable {
    const std::string copy = id;
    owner.Export(copy, now,
                 [this, id = std::move(id), done = std::move(done)](
                     absl::StatusOr<SessionExport> exported) mutable {
                   // In the middle of an observation, which ends soon.
                   if (absl::IsAborted(exported.status())) {
                     return ExportSession(std::move(id), std::move(done));
                   }
                   done(std::move(exported));
                 });
  });
}

absl::StatusOr<OpenRequest> Service::ToOpen(
    absl::string_view bytes, std::shared_ptr<const Servable> model,
    std::string session_id, std::string request_id) const {
  if (auto s = CheckRequestId(request_id); !s.ok()) return s;
  auto snapshot = ParseSnapshot(bytes);
  if (!snapshot.ok()) return BadSnapshot(snapshot.status().message());
  if (snapshot->kind != SnapshotKind::kLive) {
    return BadSnapshot("the snapshot is of no session that can go on");
  }
  if (model == nullptr) {
    if (!IsSound(*snapshot)) {
      return BadSnapshot("a value is not finite, or a text not UTF-8");
    }
    auto found = repository_->Find(snapshot->model, snapshot->model_version);
    if (!found.ok()) return ModelMissing(*snapshot, "which is not served here");
    model = *std::move(found);
  }
  if (model->fingerprint != snapshot->fingerprint) {
    return ModelMissing(*snapshot, "whose weights were others");
  }
  if (!model->Steps()) return BadSnapshot("its model holds no sessions");
  auto changed =
      NumericsChangedFrom(*snapshot, *model, options_.strict_numerics);
  if (!changed.ok()) return changed.status();
  const std::string id =
      session_id.empty() ? names_.Make(request_id) : session_id;
  if (auto s = CheckSessionId(id); !s.ok()) return s;
  const std::chrono::seconds ttl(snapshot->idle_ttl_seconds);
  return OpenRequest{
      .id = id,
      .request_id = std::move(request_id),
      .model = std::move(model),
      .idle_ttl = ttl.count() == 0 || ttl > options_.max_idle_ttl
                      ? options_.default_idle_ttl
                      : ttl,
      .state = std::make_shared<const Snapshot>(*std::move(snapshot)),
      .numerics_changed_from = *std::move(changed)};
}

void Service::ImportSession(ImportCall call, Done<SessionInfo> done) {
  if (draining()) return done(Draining());
  auto request = ToOpen(call.snapshot, nullptr, std::move(call.session_id),
                        std::move(call.request_id));
  if (!request.ok()) return done(request.status());
  Open(*std::move(request), std::move(done));
}

void Service::ForkSession(ForkCall call, Done<SessionInfo> done) {
  if (draining()) return done(Draining());
  std::string id = call.session_id;
  ExportSession(
      std::move(id), [this, call = std::move(call), done = std::move(done)](
                         absl::StatusOr<SessionExport> exported) mutable {
        if (!exported.ok()) return done(exported.status());
        if (exported->applied_step < call.min_step) {
          return done(
              Behind(call.session_id, exported->applied_step, call.min_step));
        }
        auto request =
            ToOpen(exported->snapshot, exported->model,
                   std::move(call.new_session_id), std::move(call.request_id));
        if (!request.ok()) return done(request.status());
        Open(*std::move(request), std::move(done));
      });
}

}  // namespace recur
