// The models of sessions that come from the store. A session goes on with the
// version it began with: the one that others like it hold, also when it has
// been superseded, or else it is loaded for them from disk. Thread-safe.
#ifndef RECUR_SERVER_CORE_MODEL_FINDER_H_
#define RECUR_SERVER_CORE_MODEL_FINDER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>

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
  struct Missing {
    TimePoint until;  // it may be looked for again
    const char* why;
  };

  // UNAVAILABLE model_missing.
  absl::StatusOr<std::shared_ptr<const Servable>> Find(const Snapshot& snapshot,
                                                       TimePoint now);

  Repository* const repository_;
  const bool strict_numerics_;
  std::mutex mutex_;
  // By name, version and fingerprint; under mutex_.
  std::map<std::tuple<std::string, int64_t, std::string>, Missing> missing_;
};

}  // namespace recur

#endif  // RECUR_SERVER_CORE_MODEL_FINDER_H_
