#include "server/rpc/live_streams.h"

#include <vector>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur {

absl::Status LiveStreams::Add(const std::shared_ptr<Leaver>& stream) {
  std::lock_guard lock(mutex_);
  if (leaving_) {
    return ErrorWithReason(absl::StatusCode::kUnavailable, "draining",
                           "the server is about to leave; open the stream on "
                           "another one");
  }
  if (streams_.size() >= limit_) {
    return ErrorWithReason(
        absl::StatusCode::kResourceExhausted, "too_many_streams",
        absl::StrFormat("the server has %d streams open, which is its limit",
                        streams_.size()));
  }
  streams_[stream.get()] = stream;
  return absl::OkStatus();
}

void LiveStreams::Remove(const Leaver* stream) {
  std::lock_guard lock(mutex_);
  streams_.erase(stream);
}

void LiveStreams::GoAway(const std::string& reason) {
  std::vector<std::shared_ptr<Leaver>> told;
  {
    std::lock_guard lock(mutex_);
    leaving_ = true;
    for (const auto& [key, stream] : streams_) {
      if (auto alive = stream.lock(); alive != nullptr) told.push_back(alive);
    }
  }
  for (const auto& stream : told) stream->GoAway(reason);
}

size_t LiveStreams::size() const {
  std::lock_guard lock(mutex_);
  return streams_.size();
}

}  // namespace recur
