// How far the sessions of one stream are durable: what was not sent yet, and
// all of it for the moment when the server leaves. The stream's lock guards it.
#ifndef RECUR_SERVER_RPC_STREAM_WATERMARKS_H_
#define RECUR_SERVER_RPC_STREAM_WATERMARKS_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "recur/v1/recur.pb.h"
#include "server/lane/watermarks.h"

namespace recur {

class StreamWatermarks {
 public:
  // In one message.
  static constexpr int kMaxMarks = 65'536;

  // A handle is attached to a session that is durable so far. Returns the
  // number under which the stream watches it: what comes under an earlier
  // number of the handle is of another session, or late, and ignored.
  uint32_t Bind(uint32_t handle, uint64_t durable_step);
  // Returns the number that the handle had; 0: it had none.
  uint32_t Unbind(uint32_t handle);

  // From the lane; handles are numbers of Bind.
  void Add(absl::Span<const Watermark> marks);

  bool empty() const { return unsent_.empty(); }
  // What was not sent, up to kMaxMarks of it.
  void Take(v1::Watermarks* out);
  // Of every handle.
  void All(v1::Watermarks* out) const;

 private:
  struct Bound {
    uint32_t number = 0;
    uint64_t durable_step = 0;
  };

  uint32_t last_number_ = 0;
  absl::flat_hash_map<uint32_t, Bound> bound_;         // by handle
  absl::flat_hash_map<uint32_t, uint32_t> handle_of_;  // by number
  absl::flat_hash_map<uint32_t, uint64_t> unsent_;     // by handle
};

}  // namespace recur

#endif  // RECUR_SERVER_RPC_STREAM_WATERMARKS_H_
