// The models on disk, <root>/<model>/<version>/, as the server sees them:
// found, loaded, warmed, served, retired.
//
// Of each model the latest version is loaded by default; a new version
// directory is picked up by Poll. When a later version is ready the earlier
// one is retired: nobody new gets it, but who holds it (a session pinned to
// it) keeps it alive. A version that fails to load is reported and the one
// before it goes on serving; it is tried again when its files change.
//
// Thread-safe. Loading is done on the caller's thread, outside the lock.
#ifndef RECUR_SERVER_REPOSITORY_REPOSITORY_H_
#define RECUR_SERVER_REPOSITORY_REPOSITORY_H_

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/servable/servable.h"

namespace recur {

enum class ModelState { kLoading, kReady, kRetiring, kFailed };

absl::string_view ModelStateName(ModelState state);  // "ready", ...

struct ModelStatus {
  std::string name;
  int64_t version = 0;
  ModelState state = ModelState::kLoading;
  std::string error;                         // if kFailed
  std::shared_ptr<const Servable> servable;  // unless kLoading or kFailed
  bool latest = false;                       // what a call without version gets
};

class Repository {
 public:
  struct Options {
    std::filesystem::path root;
    bool all_versions = false;  // load every version, not only the latest
    // Called with a loaded model before it is offered: makes the lanes ready
    // for it. An error makes the load fail.
    std::function<absl::Status(const std::shared_ptr<const Servable>&)> warm;
    int max_batch_rows = 64;  // for the check of bits
  };

  struct Stats {
    int64_t loads_ok = 0;
    int64_t loads_failed = 0;
    double load_seconds = 0;  // sum over all loads
  };

  // NOT_FOUND if root is not a directory, naming it.
  static absl::StatusOr<std::unique_ptr<Repository>> Create(Options options);

  // Looks at the disk once and loads what is new. Model and version names:
  // directories of 1 to 128 characters [A-Za-z0-9_.-], not starting with a
  // dot, and positive integers; other entries are passed over. Returns how
  // many loads were tried.
  int Poll();

  // Loads this version (left out: the latest on disk) whatever is loaded, or
  // takes it out of service. NOT_FOUND model_unknown.
  absl::StatusOr<ModelStatus> Load(absl::string_view name,
                                   std::optional<int64_t> version);
  absl::Status Unload(absl::string_view name, std::optional<int64_t> version);

  // The model to serve. NOT_FOUND model_unknown, naming the models (or the
  // versions) there are.
  absl::StatusOr<std::shared_ptr<const Servable>> Find(
      absl::string_view name, std::optional<int64_t> version) const;

  absl::StatusOr<ModelStatus> Get(absl::string_view name,
                                  std::optional<int64_t> version) const;

  // By name, then version.
  std::vector<ModelStatus> List() const;

  // Whether a model of this name is known: bounds the labels of metrics.
  bool Knows(absl::string_view name) const;

  Stats stats() const;

 private:
  explicit Repository(Options options) : options_(std::move(options)) {}

  Options options_;
  mutable std::mutex mutex_;
  Stats stats_;
};

}  // namespace recur

#endif  // RECUR_SERVER_REPOSITORY_REPOSITORY_H_
