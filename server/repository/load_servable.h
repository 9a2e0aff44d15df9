// One version directory -> a servable that is ready to answer.
#ifndef RECUR_SERVER_REPOSITORY_LOAD_SERVABLE_H_
#define RECUR_SERVER_REPOSITORY_LOAD_SERVABLE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "model/servable/servable.h"
#include "server/repository/repository.h"

namespace recur {

// Reads the directory, packs the weights in the precision that is asked for
// (or f32 where that cannot be had, and measures how far it is from f32),
// checks whether a row's bits depend on its batch, and warms the lanes. Takes
// from milliseconds to seconds, all on the calling thread. Errors keep the code
// of the step that failed.
absl::StatusOr<std::shared_ptr<const Servable>> LoadServable(
    const Repository::Options& options, const std::filesystem::path& directory,
    const std::string& name, int64_t version);

}  // namespace recur

#endif  // RECUR_SERVER_REPOSITORY_LOAD_SERVABLE_H_
