#include "server/core/model_finder.h"

#include <chrono>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

constexpr std::chrono::seconds kTryAgain{5};

}  // namespace

absl::Status ModelMissing(const Snapshot& snapshot, absl::string_view why) {
  return ErrorWithReason(
      absl::StatusCode::kUnavailable, "model_missing",
      absl::StrFormat("the session began with model \"%s\" version %d, %s; its "
                      "state is kept",
                      snapshot.model, snapshot.model_version, why));
}

absl::StatusOr<std::string> NumericsChangedFrom(const Snapshot& snapshot,
                                                const Servable& model,
                                                bool strict) {
  const absl::string_view numerics = model.engine->numerics();
  if (numerics == snapshot.numerics) return std::string();
  if (!strict) return snapshot.numerics;
  return ErrorWithReason(
      absl::StatusCode::kFailedPrecondition, "numerics_changed",
      absl::StrFormat("the session was computed with %s; this server computes "
                      "with %s and is strict about it",
                      snapshot.numerics, numerics));
}

absl::StatusOr<std::shared_ptr<const Servable>> ModelFinder::Find(
    const std::string& name, int64_t version, TimePoint now) {
  auto found = repository_->Find(name, version);
  if (found.ok() || found.status().code() != absl::StatusCode::kNotFound) {
    return found;
  }
  const auto key = std::make_pair(name, version);
  {
    const std::lock_guard lock(mutex_);
    const auto missing = missing_.find(key);
    if (missing != missing_.end() && now < missing->second) return found;
  }
  const absl::Status loaded = repository_->Load(name, version).status();
  if (loaded.ok()) return repository_->Find(name, version);
  const std::lock_guard lock(mutex_);
  missing_[key] = now + kTryAgain;
  return loaded;
}

absl::StatusOr<LoadedSession> ModelFinder::Resolve(Snapshot snapshot,
                                                   uint64_t epoch,
                                                   TimePoint now) {
  LoadedSession loaded{.epoch = epoch, .asked_at = now};
  if (snapshot.kind == SnapshotKind::kLive) {
    auto model = Find(snapshot.model, snapshot.model_version, now);
    if (!model.ok()) return ModelMissing(snapshot, "which is not served here");
    if ((*model)->fingerprint != snapshot.fingerprint) {
      return ModelMissing(snapshot, "whose weights were others");
    }
    auto changed = NumericsChangedFrom(snapshot, **model, strict_numerics_);
    if (!changed.ok()) return changed.status();
    loaded.numerics_changed_from = *std::move(changed);
    loaded.model = *std::move(model);
  }
  loaded.snapshot = std::move(snapshot);
  return loaded;
}

}  // namespace recur
