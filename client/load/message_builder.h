// Fills stream messages with the next steps of a stream's sessions. One may
// serve all streams; one thread at a time. No allocation once a request has
// been filled before.
#ifndef RECUR_CLIENT_LOAD_MESSAGE_BUILDER_H_
#define RECUR_CLIENT_LOAD_MESSAGE_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "client/load/checked_values.h"
#include "client/load/load_clock.h"
#include "client/load/stream_sessions.h"
#include "client/sdk/types.h"
#include "recur/v1/recur.pb.h"

namespace recur::load {

class MessageBuilder {
 public:
  struct Options {
    uint32_t items = 1;
    uint32_t steps_per_item = 1;
    uint32_t features = 1;
    client::Want want = client::Want::kAck;
    uint64_t seed = 1;
    // If set, what the observations are; pseudo-random numbers from -1 to 1
    // otherwise. Must outlive the builder.
    const CheckedValues* checked = nullptr;
  };

  explicit MessageBuilder(const Options& options);

  // Writes the next message into `request`, which holds none or an earlier
  // one, and notes it in `sessions`. False, and nothing is noted, if all
  // sessions rest.
  bool Build(TimePoint intended, StreamSessions* sessions,
             v1::StreamRequest* request);

 private:
  uint32_t WriteItems(TimePoint intended, StreamSessions* sessions,
                      v1::Items* items);
  void WriteValues(const StreamSessions& sessions, uint32_t count,
                   v1::Items* items);

  const Options options_;
  std::vector<float> sample_;
  size_t sample_place_ = 0;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_MESSAGE_BUILDER_H_
