// The models on disk, <root>/<model>/<version>/, as the server sees them:
// found, loaded, warmed, served, retired.
//
//   auto repository = Repository::Create({.root = "/models"});
//   (*repository)->Poll();                        // now and then, one thread
//   auto model = (*repository)->Find("weather", std::nullopt);  // per request
//
// Of each model the latest version is loaded by default; a new version
// directory is picked up by Poll. When a later version is ready the earlier
// one is retired: nobody new gets it, but who holds it (a session pinned to
// it) keeps it alive. A version that fails to load is reported and the one
// before it goes on serving; it is tried again when its files change.
//
// A version is never loaded a second time by Poll because its files changed
// while it served: a changed model is a new version. (Load does so.) A
// directory that appears by a rename is complete; one that is copied into
// place may fail a few times first. A version whose directory is removed is
// retired.
//
// Thread-safe. Poll, Load and Unload take turns, each on its caller's thread,
// which thereby keeps oneDNN to itself (UseOneThreadPerCall); loading holds no
// lock that the other calls need. Find takes one lock for two look-ups.
#ifndef RECUR_SERVER_REPOSITORY_REPOSITORY_H_
#define RECUR_SERVER_REPOSITORY_REPOSITORY_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/network/engine.h"
#include "model/network/serving/serving_engine.h"
#include "model/servable/servable.h"
#include "model/spec/network_spec.h"
#include "model/spec/precision.h"
#include "model/spec/tensor.h"
#include "server/repository/model_disk.h"
#include "server/repository/model_table.h"
#include "server/repository/precision_choice.h"

namespace recur {

class Repository {
 public:
  struct Options {
    std::filesystem::path root;
    bool all_versions = false;  // load every version, not only the latest
    // Called with a loaded model before it is offered: makes the lanes ready
    // for it. An error makes the load fail.
    std::function<absl::Status(const std::shared_ptr<const Servable>&)> warm;
    int max_batch_rows = 64;    // for the check of bits
    PrecisionChoice precision;  // wins over the models' specs
    // Packs a model's weights. UNIMPLEMENTED: not in that precision.
    std::function<absl::StatusOr<std::shared_ptr<const Engine>>(
        const NetworkSpec&, const Weights&, Precision)>
        create_engine = CreateServingEngine;
    // Told of every version that became ready, failed or is retired: for logs.
    // On the loading thread; may call Find, Get and List.
    std::function<void(const ModelStatus&)> on_change;
  };

  struct Stats {
    int64_t loads_ok = 0;
    int64_t loads_failed = 0;
    double load_seconds = 0;   // sum over all loads
    int64_t scans_failed = 0;  // polls that could not read the root
  };

  // NOT_FOUND if root is not a directory, naming it. Loads nothing yet.
  static absl::StatusOr<std::unique_ptr<Repository>> Create(Options options);

  // Looks at the disk once and loads what is new. Model and version names:
  // directories (or symbolic links to some) of 1 to 128 characters
  // [A-Za-z0-9_.-], not starting with a dot, and positive integers without
  // leading zeros; other entries are passed over. Returns how many loads were
  // tried. While the root cannot be read, everything stays as it is.
  int Poll();

  // Loads this version whatever is loaded and keeps it beside later ones until
  // it is unloaded; left out: the latest on disk, which then follows Poll's
  // rules. One that is ready is loaded again if its files have changed, and
  // serves until the new one is ready. NOT_FOUND model_unknown if it is not on
  // disk; else what made the load fail, reason model_load_failed.
  absl::StatusOr<ModelStatus> Load(absl::string_view name,
                                   std::optional<int64_t> version);

  // Takes a version out of service (left out: all that are on disk); Poll
  // leaves it out until it is loaded by Load or its directory has gone, and
  // loads the latest of the others. NOT_FOUND model_unknown.
  absl::Status Unload(absl::string_view name, std::optional<int64_t> version);

  // The model to serve. NOT_FOUND model_unknown, naming the models (or the
  // versions) there are; UNAVAILABLE model_not_ready if it is on disk but
  // still loading or failed to load.
  absl::StatusOr<std::shared_ptr<const Servable>> Find(
      absl::string_view name, std::optional<int64_t> version) const;

  // For a session that began with a version, by its fingerprint: that version,
  // also while it retires and somebody holds it; null if it is not in memory.
  std::shared_ptr<const Servable> FindPinned(
      absl::string_view name, int64_t version,
      absl::string_view fingerprint) const;

  // The same, from disk if need be: unlike Load, a version that is older than
  // the one that serves, or that was unloaded, lasts no longer than somebody
  // holds it, and an unloaded one stays out of service. The files may have
  // another fingerprint by now. Errors as of Load.
  absl::StatusOr<std::shared_ptr<const Servable>> LoadPinned(
      absl::string_view name, int64_t version, absl::string_view fingerprint);

  // A version, or the one that a call without version gets; if there is none,
  // the latest that is loading or failed. NOT_FOUND model_unknown.
  absl::StatusOr<ModelStatus> Get(absl::string_view name,
                                  std::optional<int64_t> version) const;

  // By name, then version. Retiring ones are listed while somebody holds them.
  std::vector<ModelStatus> List() const;

  // Whether a model of this name is loading, served, failed or, as of the last
  // Poll, held: bounds the labels of metrics.
  bool Knows(absl::string_view name) const;

  Stats stats() const;

 private:
  explicit Repository(Options options) : options_(std::move(options)) {}

  // With loading_ held:
  absl::StatusOr<std::shared_ptr<const Servable>> ReadVersion(
      const std::string& name, int64_t number);
  int PollModel(const std::string& name, const std::set<int64_t>& on_disk);
  absl::StatusOr<ModelStatus> LoadFromDisk(absl::string_view name,
                                           std::optional<int64_t> version,
                                           bool keep);
  absl::Status LoadVersion(const std::string& name, int64_t number,
                           const DirectoryStamp& stamp);
  void CountLoad(bool ok, double seconds);
  void Report(const ModelTable::Changes& changes) const;
  std::filesystem::path PathOf(const std::string& name, int64_t number) const;

  Options options_;
  std::mutex loading_;  // Poll, Load and Unload take turns
  ModelTable table_;
  mutable std::mutex stats_mutex_;
  Stats stats_;
};

}  // namespace recur

#endif  // RECUR_SERVER_REPOSITORY_REPOSITORY_H_
