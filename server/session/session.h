// One session's record. A plain value owned by one lane; only that lane's
// thread reads and writes it.
#ifndef RECUR_SERVER_SESSION_SESSION_H_
#define RECUR_SERVER_SESSION_SESSION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "model/spec/sequence_state.h"
#include "server/session/answer_window.h"
#include "server/session/expiry_queue.h"

namespace recur {

struct Session {
  std::string id;
  std::string request_id;
  uint64_t applied_step = 0;
  SequenceState state;
  AnswerWindow window{4};
  std::optional<int64_t> start_us;  // time of step 1, if items carry none
  std::chrono::seconds idle_ttl{0};
  TimePoint last_used;

  TimePoint deadline() const { return last_used + idle_ttl; }
  size_t bytes() const;
};

}  // namespace recur

#endif  // RECUR_SERVER_SESSION_SESSION_H_
