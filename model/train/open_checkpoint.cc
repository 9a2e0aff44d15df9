#include "model/train/open_checkpoint.h"

#include <xxhash.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace recur {
namespace {

namespace fs = std::filesystem;

// These say where to, how fast and how loud, not what.
constexpr const char* kDecideNothing[] = {
    "help",   "out",     "precision", "checkpoint", "checkpoint-every",
    "resume", "threads", "quiet",     "json"};

bool Decides(const std::string& name) {
  return std::find(std::begin(kDecideNothing), std::end(kDecideNothing),
                   name) == std::end(kDecideNothing);
}

std::vector<std::string> DecidingOptions(const CLI::App& command) {
  std::vector<std::string> lines = {command.get_name()};
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_single_name();
    if (!Decides(name)) continue;
    lines.push_back(absl::StrCat(name, "=",
                                 option->empty()
                                     ? option->get_default_str()
                                     : absl::StrJoin(option->results(), ",")));
  }
  return lines;
}

absl::StatusOr<std::string> Digest(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError(absl::StrCat(path, ": cannot be opened"));
  }
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state(
      XXH3_createState(), &XXH3_freeState);
  XXH3_128bits_reset(state.get());
  std::vector<char> block(1 << 20);
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    XXH3_128bits_update(state.get(), block.data(), file.gcount());
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(state.get());
  return absl::StrFormat("%016x%016x", hash.high64, hash.low64);
}

}  // namespace

fs::path CheckpointBeside(const fs::path& model) {
  const fs::path whole = fs::absolute(model / "1").lexically_normal();
  const fs::path directory = whole.parent_path();
  return directory.parent_path() /
         absl::StrCat(".", directory.filename().string(), ".checkpoint");
}

absl::StatusOr<TrainingCheckpoint> OpenCheckpoint(
    const CommandOptions& options, const CLI::App& command,
    const std::vector<std::string>& files) {
  CheckpointOptions own;
  if (!options.resume.empty()) {
    own.directory = options.resume;
  } else if (!options.checkpoint.empty()) {
    own.directory = options.checkpoint;
  } else if (!options.out.empty()) {
    own.directory = CheckpointBeside(options.out);
  } else {
    return TrainingCheckpoint();
  }
  own.interval = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::duration<double>(options.checkpoint_seconds));
  own.identity = DecidingOptions(command);
  for (const std::string& file : files) {
    auto digest = Digest(file);
    if (!digest.ok()) return digest.status();
    own.identity.push_back(absl::StrCat("a file with digest ", *digest));
  }
  return options.resume.empty() ? TrainingCheckpoint::Start(std::move(own))
                                : TrainingCheckpoint::Resume(std::move(own));
}

}  // namespace recur
