// The models of sessions that come from the store. A session goes on with the
// version it began with, so a version that is on disk and not loaded is loaded
// for it. Thread-safe.
#ifndef RECUR_SERVER_CORE_MODEL_FINDER_H_
#define RECUR_SERVER_CORE_MODEL_FINDER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/servable/servable.h"
#include "server/lane/commit_sink.h"
#include "server/repository/repository.h"
#include "server/session/snapshot.h"

namespace recur {

// UNAVAILABLE model_missing, naming the model and why it is not that one.
absl::Status ModelMissing(const Snapshot& snapshot, absl::string_view why);

// The numerics of the snapshot, if the model's engine has others; empty if they
// are the same. FAILED_PRECONDITION numerics_changed if `strict` about it.
absl::StatusOr<std::string> NumericsChangedFrom(const Snapshot& snapshot,
                                                const Servable& model,
                                                bool strict);

class ModelFinder {
 public:
  // The repository must outlive it.
  ModelFinder(Repository* repository, bool strict_numerics)
      : repository_(repository), strict_numerics_(strict_numerics) {}

  // The very model that the session's state came from; blocks while it loads.
  // UNAVAILABLE model_missing if there is none of that name and version with
  // the same fingerprint. Its engine's numerics may differ: then the session
  // names what they were, or, where that is not wanted, FAILED_PRECONDITION
  // numerics_changed. Of an ended session there is no model to find. `now`:
  // when the store was asked for it.
  absl::StatusOr<LoadedSession> Resolve(Snapshot snapshot, uint64_t epoch,
                                        TimePoint now);

 private:
  absl::StatusOr<std::shared_ptr<const Servable>> Find(const std::string& name,
                                                       int64_t version,
                                                       TimePoint now);

  Repository* const repository_;
  const bool strict_numerics_;
  std::mutex mutex_;
  // When a version that could not be loaded may be tried again.
  std::map<std::pair<std::string, int64_t>, TimePoint> missing_;
};

}  // namespace recur

#endif  // RECUR_SERVER_CORE_MODEL_FINDER_H_
