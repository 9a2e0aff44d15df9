#include "server/repository/repository.h"

#include <chrono>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/repository/load_servable.h"

namespace recur {
namespace {

absl::Status Unknown(absl::string_view message) {
  return ErrorWithReason(absl::StatusCode::kNotFound, "model_unknown", message);
}

std::string Quoted(absl::string_view name) {
  return absl::StrCat("\"", absl::CHexEscape(name.substr(0, 128)), "\"");
}

// Empty if the name or its directory is not one of a model.
std::set<int64_t> VersionsOnDisk(const std::filesystem::path& root,
                                 absl::string_view name) {
  if (!IsModelName(name)) return {};
  return ScanVersions(root / std::string(name)).value_or(std::set<int64_t>());
}

absl::Status LoadFailed(const std::string& name, int64_t number,
                        const absl::Status& why) {
  return ErrorWithReason(why.code(), "model_load_failed",
                         absl::StrFormat("model \"%s\" version %d: %s", name,
                                         number, why.message()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Repository>> Repository::Create(
    Options options) {
  std::error_code error;
  if (!std::filesystem::is_directory(options.root, error)) {
    return absl::NotFoundError(absl::StrCat(
        "the model repository ", options.root.string(), " is not a directory"));
  }
  return std::unique_ptr<Repository>(new Repository(std::move(options)));
}

int Repository::Poll() {
  std::lock_guard<std::mutex> loading(loading_);
  const auto models = ScanModels(options_.root);
  if (!models.ok()) {
    std::lock_guard<std::mutex> lock(stats_mutex_);
    ++stats_.scans_failed;
    return 0;
  }
  for (const std::string& name : table_.Names()) {
    if (!models->contains(name)) Report(table_.Forget(name, {}));
  }
  int tried = 0;
  for (const auto& [name, versions] : *models) {
    if (versions.has_value()) tried += PollModel(name, *versions);
  }
  return tried;
}

// From the latest version down until one serves, so that a server that starts
// on a broken version still offers the one before it.
int Repository::PollModel(const std::string& name,
                          const std::set<int64_t>& on_disk) {
  Report(table_.Forget(name, on_disk));
  int tried = 0;
  for (auto number = on_disk.rbegin(); number != on_disk.rend(); ++number) {
    bool serves = table_.IsReady(name, *number);
    if (!serves) {
      const DirectoryStamp stamp = StampOf(PathOf(name, *number));
      if (!table_.WantsLoad(name, *number, stamp)) continue;
      ++tried;
      serves = LoadVersion(name, *number, stamp).ok();
    }
    if (serves && !options_.all_versions) break;
  }
  if (!options_.all_versions) Report(table_.DropSuperseded(name));
  return tried;
}

absl::StatusOr<ModelStatus> Repository::Load(absl::string_view name,
                                             std::optional<int64_t> version) {
  std::lock_guard<std::mutex> loading(loading_);
  return LoadFromDisk(name, version, /*keep=*/version.has_value());
}

absl::StatusOr<std::shared_ptr<const Servable>> Repository::LoadPinned(
    absl::string_view name, int64_t version, absl::string_view fingerprint) {
  std::lock_guard<std::mutex> loading(loading_);
  // Somebody may have loaded it meanwhile.
  if (auto found = FindPinned(name, version, fingerprint)) return found;
  const std::string key(name);
  if (table_.IsUnloaded(key, version)) {
    auto servable = ReadVersion(key, version);
    if (!servable.ok()) return LoadFailed(key, version, servable.status());
    table_.AddRetiring(key, *servable);
    return servable;
  }
  auto loaded = LoadFromDisk(name, version, /*keep=*/false);
  if (!loaded.ok()) return loaded.status();
  return std::move(loaded->servable);
}

absl::StatusOr<ModelStatus> Repository::LoadFromDisk(
    absl::string_view name, std::optional<int64_t> version, bool keep) {
  const std::set<int64_t> on_disk = VersionsOnDisk(options_.root, name);
  if (on_disk.empty()) {
    return Unknown(
        absl::StrCat("the repository has no versions of model ", Quoted(name)));
  }
  const int64_t number = version.value_or(*on_disk.rbegin());
  if (!on_disk.contains(number)) {
    return Unknown(absl::StrFormat(
        "the repository has no version %d of model %s; the latest is %d",
        number, Quoted(name), *on_disk.rbegin()));
  }
  const std::string key(name);
  const DirectoryStamp stamp = StampOf(PathOf(key, number));
  absl::Status status;
  if (!table_.IsReady(key, number) || table_.WantsLoad(key, number, stamp)) {
    status = LoadVersion(key, number, stamp);
  }
  if (status.ok() && keep) table_.Keep(key, number);
  auto loaded = table_.Get(key, number);
  if (!options_.all_versions) Report(table_.DropSuperseded(key));
  if (!status.ok()) return status;
  return loaded;
}

absl::Status Repository::Unload(absl::string_view name,
                                std::optional<int64_t> version) {
  std::lock_guard<std::mutex> loading(loading_);
  const auto changes = table_.Unload(std::string(name), version,
                                     VersionsOnDisk(options_.root, name));
  if (!changes.ok()) return changes.status();
  Report(*changes);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const Servable>> Repository::Find(
    absl::string_view name, std::optional<int64_t> version) const {
  return table_.Find(name, version);
}

std::shared_ptr<const Servable> Repository::FindPinned(
    absl::string_view name, int64_t version,
    absl::string_view fingerprint) const {
  return table_.FindPinned(name, version, fingerprint);
}

absl::StatusOr<ModelStatus> Repository::Get(
    absl::string_view name, std::optional<int64_t> version) const {
  return table_.Get(name, version);
}

std::vector<ModelStatus> Repository::List() const { return table_.List(); }

bool Repository::Knows(absl::string_view name) const {
  return table_.Knows(name);
}

Repository::Stats Repository::stats() const {
  std::lock_guard<std::mutex> lock(stats_mutex_);
  return stats_;
}

absl::StatusOr<std::shared_ptr<const Servable>> Repository::ReadVersion(
    const std::string& name, int64_t number) {
  const auto start = std::chrono::steady_clock::now();
  auto loaded = LoadServable(options_, PathOf(name, number), name, number);
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  CountLoad(loaded.ok(), took.count());
  return loaded;
}

absl::Status Repository::LoadVersion(const std::string& name, int64_t number,
                                     const DirectoryStamp& stamp) {
  table_.BeginLoad(name, number);
  auto loaded = ReadVersion(name, number);
  if (loaded.ok()) {
    Report({table_.Publish(name, number, stamp, *std::move(loaded))});
    return absl::OkStatus();
  }
  const std::string error(loaded.status().message());
  Report({table_.Fail(name, number, stamp, error)});
  return LoadFailed(name, number, loaded.status());
}

void Repository::CountLoad(bool ok, double seconds) {
  std::lock_guard<std::mutex> lock(stats_mutex_);
  ++(ok ? stats_.loads_ok : stats_.loads_failed);
  stats_.load_seconds += seconds;
}

void Repository::Report(const ModelTable::Changes& changes) const {
  if (!options_.on_change) return;
  for (const ModelStatus& change : changes) options_.on_change(change);
}

std::filesystem::path Repository::PathOf(const std::string& name,
                                         int64_t number) const {
  return options_.root / name / absl::StrCat(number);
}

}  // namespace recur
