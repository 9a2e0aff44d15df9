// What is known of every model's versions: which are loading, ready, retiring
// or failed, and which of them a request gets. No disk and no loading.
//
// Thread-safe, one lock; readers get copies. Whoever changes it (Repository)
// does so one change at a time.
#ifndef RECUR_SERVER_REPOSITORY_MODEL_TABLE_H_
#define RECUR_SERVER_REPOSITORY_MODEL_TABLE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/servable/servable.h"
#include "server/repository/model_disk.h"

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

class ModelTable {
 public:
  // Versions that are no longer offered. A change holds its servable, so that
  // a large model is freed by whoever drops the change and not under the lock.
  using Changes = std::vector<ModelStatus>;

  // As in Repository.
  absl::StatusOr<std::shared_ptr<const Servable>> Find(
      absl::string_view name, std::optional<int64_t> version) const;
  std::shared_ptr<const Servable> FindPinned(
      absl::string_view name, int64_t version,
      absl::string_view fingerprint) const;
  absl::StatusOr<ModelStatus> Get(absl::string_view name,
                                  std::optional<int64_t> version) const;
  std::vector<ModelStatus> List() const;
  bool Knows(absl::string_view name) const;
  std::set<std::string> Names() const;

  bool IsReady(const std::string& name, int64_t number) const;
  bool IsUnloaded(const std::string& name, int64_t number) const;

  // Whether the version has never been loaded, or was with other files; false
  // for what has been unloaded.
  bool WantsLoad(const std::string& name, int64_t number,
                 const DirectoryStamp& stamp) const;

  // The version is shown as loading, unless it serves already.
  void BeginLoad(const std::string& name, int64_t number);

  // It is offered from now on, instead of what it was before. Returns its
  // status.
  ModelStatus Publish(const std::string& name, int64_t number,
                      const DirectoryStamp& stamp,
                      std::shared_ptr<const Servable> servable);

  // It is shown as failed, unless it serves from an earlier load.
  ModelStatus Fail(const std::string& name, int64_t number,
                   const DirectoryStamp& stamp, const std::string& error);

  // It is found by FindPinned alone, as long as somebody holds it.
  void AddRetiring(const std::string& name,
                   const std::shared_ptr<const Servable>& servable);

  // DropSuperseded passes over it.
  void Keep(const std::string& name, int64_t number);

  // Drops all that is older than the version that serves: what is loaded
  // retires, and a failure no longer matters.
  Changes DropSuperseded(const std::string& name);

  // Drops the versions that are not on disk, and what nobody holds.
  Changes Forget(const std::string& name, const std::set<int64_t>& on_disk);

  // As in Repository.
  absl::StatusOr<Changes> Unload(const std::string& name,
                                 std::optional<int64_t> version,
                                 std::set<int64_t> on_disk);

 private:
  // A version that is loading, ready or failed.
  struct Version {
    ModelState state = ModelState::kLoading;
    std::string error;
    std::shared_ptr<const Servable> servable;
    DirectoryStamp stamp;  // of its files before the load
    bool kept = false;
  };

  struct Entry {
    std::shared_ptr<const Servable> latest;
    std::map<int64_t, Version> versions;
    std::vector<std::weak_ptr<const Servable>> retiring;
    std::set<int64_t> unloaded;
  };

  using Position = std::map<int64_t, Version>::iterator;

  // With mutex_ held:
  static Position Remove(const std::string& name, Entry* entry,
                         Position version, Changes* changes);
  static void ChooseLatest(Entry* entry);
  static ModelStatus StatusOf(const std::string& name, const Entry& entry,
                              int64_t number, const Version& version);
  static std::vector<ModelStatus> StatusesOf(const std::string& name,
                                             const Entry& entry);
  const Version* VersionOf(absl::string_view name, int64_t number) const;
  absl::Status Missing(absl::string_view name,
                       std::optional<int64_t> version) const;
  absl::Status NoSuchModel(absl::string_view name) const;

  mutable std::mutex mutex_;
  absl::flat_hash_map<std::string, Entry> models_;
};

}  // namespace recur

#endif  // RECUR_SERVER_REPOSITORY_MODEL_TABLE_H_
