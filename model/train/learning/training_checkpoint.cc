#include "model/train/learning/training_checkpoint.h"

#include <xxhash.h>

#include <algorithm>
#include <cstdint>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/format/directory.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

constexpr char kName[] = "checkpoint";
constexpr char kNewName[] = "checkpoint.new";
constexpr absl::string_view kMagic = "RECURCKP";
constexpr uint64_t kVersion = 1;
constexpr size_t kHeaderBytes = 24;
constexpr int64_t kMaxBytes = int64_t{4} << 30;

uint64_t NumberAt(absl::string_view bytes, size_t at) {
  uint64_t number;
  std::memcpy(&number, bytes.data() + at, sizeof(number));
  return number;
}

void AppendNumber(uint64_t number, std::string* bytes) {
  bytes->append(reinterpret_cast<const char*>(&number), sizeof(number));
}

uint64_t Checksum(absl::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

// The first line that differs, from both sides.
absl::Status SameIdentity(const std::vector<std::string>& saved,
                          const std::vector<std::string>& own) {
  const auto [theirs, ours] =
      std::mismatch(saved.begin(), saved.end(), own.begin(), own.end());
  if (theirs == saved.end() && ours == own.end()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the checkpoint is of another training: it has ",
                   theirs == saved.end() ? "no more options" : *theirs,
                   ", this one ", ours == own.end() ? "no more options" : *ours,
                   "; give the same data and options, or leave out --resume"));
}

}  // namespace

TrainingCheckpoint::TrainingCheckpoint(CheckpointOptions options)
    : active_(true),
      options_(std::move(options)),
      last_save_(options_.clock()) {}

absl::StatusOr<TrainingCheckpoint> TrainingCheckpoint::Start(
    CheckpointOptions options) {
  std::error_code error;
  fs::create_directories(options.directory, error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat("the checkpoint cannot go to ", options.directory.string(),
                     ": ", error.message()));
  }
  return TrainingCheckpoint(std::move(options));
}

absl::StatusOr<TrainingCheckpoint> TrainingCheckpoint::Resume(
    CheckpointOptions options) {
  TrainingCheckpoint checkpoint(std::move(options));
  const absl::Status status = checkpoint.Read();
  if (!status.ok()) {
    return absl::Status(
        status.code(),
        absl::StrCat((checkpoint.options_.directory / kName).string(), ": ",
                     status.message()));
  }
  return checkpoint;
}

absl::Status TrainingCheckpoint::Read() {
  const auto directory = Directory::Open(options_.directory);
  if (!directory.ok()) return directory.status();
  const auto bytes = directory->ReadFile(kName, kMaxBytes);
  if (!bytes.ok()) return bytes.status();
  return Parse(*bytes);
}

absl::Status TrainingCheckpoint::Parse(const std::string& bytes) {
  if (bytes.size() < kHeaderBytes || !absl::StartsWith(bytes, kMagic)) {
    return absl::InvalidArgumentError("is not a checkpoint of recur-train");
  }
  if (NumberAt(bytes, 8) != kVersion) {
    return absl::InvalidArgumentError(
        absl::StrCat("is of version ", NumberAt(bytes, 8),
                     "; this program reads version ", kVersion));
  }
  const absl::string_view rest = absl::string_view(bytes).substr(kHeaderBytes);
  if (NumberAt(bytes, 16) != Checksum(rest)) {
    return absl::DataLossError("is damaged: its checksum is wrong");
  }
  StateArchive archive(rest);
  std::vector<std::string> identity;
  std::vector<std::string> names;
  archive(identity, names);
  for (const std::string& name : names) archive(phases_[name]);
  if (auto s = archive.Finish(); !s.ok()) return s;
  return SameIdentity(identity, options_.identity);
}

absl::StatusOr<bool> TrainingCheckpoint::Restore(const std::string& phase,
                                                 CarryState carry) {
  const auto found = phases_.find(phase);
  if (found == phases_.end()) return false;
  StateArchive archive(found->second);
  carry(archive);
  if (auto s = archive.Finish(); !s.ok()) {
    return absl::Status(
        s.code(), absl::StrCat((options_.directory / kName).string(),
                               ": the state of \"", phase, "\" ", s.message()));
  }
  return true;
}

absl::Status TrainingCheckpoint::Save(const std::string& phase,
                                      CarryState carry) {
  if (!active_) return absl::OkStatus();
  StateArchive archive;
  carry(archive);
  phases_[phase] = archive.bytes();
  const absl::Status status = Write();
  last_save_ = options_.clock();
  return status;
}

absl::Status TrainingCheckpoint::SaveIfDue(const std::string& phase,
                                           CarryState carry) {
  if (!active_ || options_.clock() - last_save_ < options_.interval) {
    return absl::OkStatus();
  }
  return Save(phase, carry);
}

absl::Status TrainingCheckpoint::Write() const {
  StateArchive archive;
  std::vector<std::string> identity = options_.identity;
  std::vector<std::string> names;
  for (const auto& [name, state] : phases_) names.push_back(name);
  archive(identity, names);
  for (const auto& [name, state] : phases_) {
    std::string bytes = state;
    archive(bytes);
  }
  std::string bytes(kMagic);
  AppendNumber(kVersion, &bytes);
  AppendNumber(Checksum(archive.bytes()), &bytes);
  bytes += archive.bytes();

  const auto directory = Directory::Open(options_.directory);
  if (!directory.ok()) return directory.status();
  std::error_code error;
  fs::remove(options_.directory / kNewName, error);  // of a kill while writing
  if (auto s = directory->WriteFile(kNewName, bytes); !s.ok()) return s;
  fs::rename(options_.directory / kNewName, options_.directory / kName, error);
  if (error) {
    return absl::InternalError(
        absl::StrCat((options_.directory / kName).string(),
                     " cannot be replaced: ", error.message()));
  }
  return directory->Sync();
}

absl::Status TrainingCheckpoint::Remove() {
  if (!active_) return absl::OkStatus();
  std::error_code error;
  fs::remove(options_.directory / kName, error);
  if (error) {
    return absl::InternalError(
        absl::StrCat((options_.directory / kName).string(),
                     " cannot be removed: ", error.message()));
  }
  fs::remove(options_.directory / kNewName, error);
  fs::remove(options_.directory, error);  // fails, as it should, if not empty
  return absl::OkStatus();
}

}  // namespace recur
