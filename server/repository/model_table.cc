#include "server/repository/model_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

// Names and versions that an error message lists at most.
constexpr size_t kMostListed = 20;

// A name as a caller wrote it, safe to print.
std::string Quoted(absl::string_view name) {
  return absl::StrCat("\"", absl::CHexEscape(name.substr(0, 128)), "\"");
}

std::string JoinSome(std::vector<std::string> words) {
  const size_t count = words.size();
  if (count > kMostListed) words.resize(kMostListed);
  std::string text = absl::StrJoin(words, ", ");
  if (count > kMostListed) {
    absl::StrAppend(&text, " and ", count - kMostListed, " more");
  }
  return text;
}

absl::Status Unknown(absl::string_view message) {
  return ErrorWithReason(absl::StatusCode::kNotFound, "model_unknown", message);
}

}  // namespace

absl::string_view ModelStateName(ModelState state) {
  switch (state) {
    case ModelState::kLoading:
      return "loading";
    case ModelState::kReady:
      return "ready";
    case ModelState::kRetiring:
      return "retiring";
    case ModelState::kFailed:
      return "failed";
  }
  return "unknown";
}

absl::StatusOr<std::shared_ptr<const Servable>> ModelTable::Find(
    absl::string_view name, std::optional<int64_t> version) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto entry = models_.find(name);
  if (entry == models_.end()) return Missing(name, version);
  if (!version.has_value()) {
    if (entry->second.latest == nullptr) return Missing(name, version);
    return entry->second.latest;
  }
  const auto found = entry->second.versions.find(*version);
  if (found == entry->second.versions.end() ||
      found->second.servable == nullptr) {
    return Missing(name, version);
  }
  return found->second.servable;
}

std::shared_ptr<const Servable> ModelTable::FindPinned(
    absl::string_view name, int64_t version,
    absl::string_view fingerprint) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto entry = models_.find(name);
  if (entry == models_.end()) return nullptr;
  const auto is_it = [&](const std::shared_ptr<const Servable>& servable) {
    return servable != nullptr && servable->version == version &&
           servable->fingerprint == fingerprint;
  };
  const auto found = entry->second.versions.find(version);
  if (found != entry->second.versions.end() && is_it(found->second.servable)) {
    return found->second.servable;
  }
  for (const auto& held : entry->second.retiring) {
    if (auto servable = held.lock(); is_it(servable)) return servable;
  }
  return nullptr;
}

absl::StatusOr<ModelStatus> ModelTable::Get(
    absl::string_view name, std::optional<int64_t> version) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = models_.find(name);
  if (found == models_.end()) return Missing(name, version);
  const Entry& entry = found->second;
  if (!version.has_value()) {
    if (entry.latest != nullptr) {
      version = entry.latest->version;
    } else if (!entry.versions.empty()) {
      version = entry.versions.rbegin()->first;
    }
  }
  // A version that is loaded again is listed twice; the one that serves is the
  // later of the two.
  const ModelStatus* status = nullptr;
  const std::vector<ModelStatus> statuses = StatusesOf(found->first, entry);
  for (const ModelStatus& candidate : statuses) {
    if (candidate.version == version) status = &candidate;
  }
  if (status == nullptr) return Missing(name, version);
  return *status;
}

std::vector<ModelStatus> ModelTable::List() const {
  std::vector<ModelStatus> list;
  std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [name, entry] : models_) {
    for (ModelStatus& status : StatusesOf(name, entry)) {
      list.push_back(std::move(status));
    }
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const ModelStatus& a, const ModelStatus& b) {
                     return a.name < b.name;
                   });
  return list;
}

bool ModelTable::Knows(absl::string_view name) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return models_.contains(name);
}

std::set<std::string> ModelTable::Names() const {
  std::lock_guard<std::mutex> lock(mutex_);
  std::set<std::string> names;
  for (const auto& [name, entry] : models_) names.insert(name);
  return names;
}

bool ModelTable::IsReady(const std::string& name, int64_t number) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const Version* version = VersionOf(name, number);
  return version != nullptr && version->servable != nullptr;
}

bool ModelTable::IsUnloaded(const std::string& name, int64_t number) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const auto entry = models_.find(name);
  return entry != models_.end() && entry->second.unloaded.contains(number);
}

bool ModelTable::WantsLoad(const std::string& name, int64_t number,
                           const DirectoryStamp& stamp) const {
  if (IsUnloaded(name, number)) return false;
  std::lock_guard<std::mutex> lock(mutex_);
  const Version* version = VersionOf(name, number);
  return version == nullptr || version->stamp != stamp;
}

void ModelTable::BeginLoad(const std::string& name, int64_t number) {
  std::lock_guard<std::mutex> lock(mutex_);
  Version& version = models_[name].versions[number];
  if (version.servable != nullptr) return;
  version.state = ModelState::kLoading;
  version.error.clear();
}

ModelStatus ModelTable::Publish(const std::string& name, int64_t number,
                                const DirectoryStamp& stamp,
                                std::shared_ptr<const Servable> servable) {
  // Outlives the lock: see Changes.
  std::shared_ptr<const Servable> before;
  std::lock_guard<std::mutex> lock(mutex_);
  Entry& entry = models_[name];
  Version& version = entry.versions[number];
  before = std::move(version.servable);
  if (before != nullptr) entry.retiring.push_back(before);
  version = {.state = ModelState::kReady,
             .servable = std::move(servable),
             .stamp = stamp,
             .kept = version.kept};
  entry.unloaded.erase(number);
  ChooseLatest(&entry);
  return StatusOf(name, entry, number, version);
}

ModelStatus ModelTable::Fail(const std::string& name, int64_t number,
                             const DirectoryStamp& stamp,
                             const std::string& error) {
  std::lock_guard<std::mutex> lock(mutex_);
  Version& version = models_[name].versions[number];
  if (version.servable == nullptr) {
    version.state = ModelState::kFailed;
    version.error = error;
    version.stamp = stamp;
  }
  return {.name = name,
          .version = number,
          .state = ModelState::kFailed,
          .error = error};
}

void ModelTable::AddRetiring(const std::string& name,
                             const std::shared_ptr<const Servable>& servable) {
  std::lock_guard<std::mutex> lock(mutex_);
  models_[name].retiring.push_back(servable);
}

void ModelTable::Keep(const std::string& name, int64_t number) {
  std::lock_guard<std::mutex> lock(mutex_);
  models_[name].versions[number].kept = true;
}

ModelTable::Changes ModelTable::DropSuperseded(const std::string& name) {
  Changes changes;
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = models_.find(name);
  if (found == models_.end() || found->second.latest == nullptr) return {};
  Entry& entry = found->second;
  auto version = entry.versions.begin();
  while (version->first != entry.latest->version) {
    version = version->second.kept ? std::next(version)
                                   : Remove(name, &entry, version, &changes);
  }
  return changes;
}

ModelTable::Changes ModelTable::Forget(const std::string& name,
                                       const std::set<int64_t>& on_disk) {
  Changes changes;
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = models_.find(name);
  if (found == models_.end()) return {};
  Entry& entry = found->second;
  for (auto it = entry.versions.begin(); it != entry.versions.end();) {
    it = on_disk.contains(it->first) ? std::next(it)
                                     : Remove(name, &entry, it, &changes);
  }
  std::erase_if(entry.unloaded,
                [&](int64_t number) { return !on_disk.contains(number); });
  std::erase_if(entry.retiring,
                [](const auto& held) { return held.expired(); });
  ChooseLatest(&entry);
  if (entry.versions.empty() && entry.retiring.empty() &&
      entry.unloaded.empty()) {
    models_.erase(found);
  }
  return changes;
}

absl::StatusOr<ModelTable::Changes> ModelTable::Unload(
    const std::string& name, std::optional<int64_t> version,
    std::set<int64_t> on_disk) {
  Changes changes;
  std::lock_guard<std::mutex> lock(mutex_);
  const auto known = models_.find(name);
  if (known != models_.end()) {
    for (const auto& [number, state] : known->second.versions) {
      on_disk.insert(number);
    }
  }
  if (version.has_value() && on_disk.contains(*version)) {
    on_disk = {*version};
  } else if (version.has_value() || on_disk.empty()) {
    return Missing(name, version);
  }
  Entry& entry = models_[name];
  for (int64_t number : on_disk) {
    entry.unloaded.insert(number);
    const auto position = entry.versions.find(number);
    if (position != entry.versions.end()) {
      Remove(name, &entry, position, &changes);
    }
  }
  ChooseLatest(&entry);
  return changes;
}

ModelTable::Position ModelTable::Remove(const std::string& name, Entry* entry,
                                        Position version, Changes* changes) {
  if (version->second.servable != nullptr) {
    entry->retiring.push_back(version->second.servable);
    changes->push_back({.name = name,
                        .version = version->first,
                        .state = ModelState::kRetiring,
                        .servable = version->second.servable});
  }
  return entry->versions.erase(version);
}

void ModelTable::ChooseLatest(Entry* entry) {
  entry->latest = nullptr;
  for (const auto& [number, version] : entry->versions) {
    if (version.servable != nullptr) entry->latest = version.servable;
  }
}

ModelStatus ModelTable::StatusOf(const std::string& name, const Entry& entry,
                                 int64_t number, const Version& version) {
  return {.name = name,
          .version = number,
          .state = version.state,
          .error = version.error,
          .servable = version.servable,
          .latest =
              version.servable != nullptr && version.servable == entry.latest};
}

std::vector<ModelStatus> ModelTable::StatusesOf(const std::string& name,
                                                const Entry& entry) {
  std::vector<ModelStatus> statuses;
  for (const auto& held : entry.retiring) {
    if (auto servable = held.lock()) {
      statuses.push_back({.name = name,
                          .version = servable->version,
                          .state = ModelState::kRetiring,
                          .servable = std::move(servable)});
    }
  }
  for (const auto& [number, version] : entry.versions) {
    statuses.push_back(StatusOf(name, entry, number, version));
  }
  std::stable_sort(statuses.begin(), statuses.end(),
                   [](const ModelStatus& a, const ModelStatus& b) {
                     return a.version < b.version;
                   });
  return statuses;
}

const ModelTable::Version* ModelTable::VersionOf(absl::string_view name,
                                                 int64_t number) const {
  const auto entry = models_.find(name);
  if (entry == models_.end()) return nullptr;
  const auto version = entry->second.versions.find(number);
  return version == entry->second.versions.end() ? nullptr : &version->second;
}

absl::Status ModelTable::NoSuchModel(absl::string_view name) const {
  std::vector<std::string> names;
  for (const auto& [other, entry] : models_) {
    if (entry.latest != nullptr) names.push_back(Quoted(other));
  }
  std::sort(names.begin(), names.end());
  const std::string those = names.empty()
                                ? "no model is ready"
                                : absl::StrCat("there are ", JoinSome(names));
  return Unknown(absl::StrCat("there is no model ", Quoted(name), "; ", those));
}

absl::Status ModelTable::Missing(absl::string_view name,
                                 std::optional<int64_t> version) const {
  const auto found = models_.find(name);
  if (found == models_.end() || found->second.versions.empty()) {
    return NoSuchModel(name);
  }
  const auto& versions = found->second.versions;
  const auto broken =
      version.has_value() ? versions.find(*version) : std::prev(versions.end());
  if (broken != versions.end()) {
    return ErrorWithReason(
        absl::StatusCode::kUnavailable, "model_not_ready",
        absl::StrFormat("model %s version %d %s", Quoted(name), broken->first,
                        broken->second.state == ModelState::kLoading
                            ? "is still loading"
                            : "failed to load"));
  }
  std::vector<std::string> numbers;
  for (const auto& [number, state] : versions) {
    if (state.servable != nullptr) numbers.push_back(absl::StrCat(number));
  }
  const std::string those = numbers.empty()
                                ? "no version is ready"
                                : absl::StrCat("it has ", JoinSome(numbers));
  return Unknown(absl::StrFormat("model %s has no version %d in service; %s",
                                 Quoted(name), *version, those));
}

}  // namespace recur
