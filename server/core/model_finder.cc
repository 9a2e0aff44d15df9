#include "server/core/model_finder.h"

#include <chrono>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

constexpr std::chrono::seconds kTryAgain{5};

constexpr char kNotServed[] = "which is not served here";
constexpr char kOtherWeights[] = "whose weights were others";

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
    const Snapshot& snapshot, TimePoint now) {
  const std::string& name = snapshot.model;
  const int64_t version = snapshot.model_version;
  auto found = repository_->FindPinned(name, version, snapshot.fingerprint);
  if (found != nullptr) return found;
  const absl::Status serves = repository_->Find(name, version).status();
  if (serves.ok()) return ModelMissing(snapshot, kOtherWeights);
  if (!absl::IsNotFound(serves)) return ModelMissing(snapshot, kNotServed);
  const auto key = std::make_tuple(name, version, snapshot.fingerprint);
  {
    const std::lock_guard lock(mutex_);
    const auto missing = missing_.find(key);
    if (missing != missing_.end() && now < missing->second.until) {
      return ModelMissing(snapshot, missing->second.why);
    }
  }
  auto loaded = repository_->LoadPinned(name, version, snapshot.fingerprint);
  if (loaded.ok() && (*loaded)->fingerprint == snapshot.fingerprint) {
    return loaded;
  }
  const char* why = loaded.ok() ? kOtherWeights : kNotServed;
  const std::lock_guard lock(mutex_);
  missing_[key] = {now + kTryAgain, why};
  return ModelMissing(snapshot, why);
}

absl::StatusOr<LoadedSession> ModelFinder::Resolve(Snapshot snapshot,
                                                   uint64_t epoch,
                                                   TimePoint now) {
  LoadedSession loaded{.epoch = epoch, .asked_at = now};
  if (snapshot.kind == SnapshotKind::kLive) {
    auto model = Find(snapshot, now);
    if (!model.ok()) return model.status();
    auto changed = NumericsChangedFrom(snapshot, **model, strict_numerics_);
    if (!changed.ok()) return changed.status();
    loaded.numerics_changed_from = *std::move(changed);
    loaded.model = *std::move(model);
  }
  loaded.snapshot = std::move(snapshot);
  return loaded;
}

}  // namespace recur
