// The sessions of one stream and what is under way of them: what building
// messages and taking in replies share. Handles are the sessions' places on
// their stream.
#ifndef RECUR_CLIENT_LOAD_STREAM_SESSIONS_H_
#define RECUR_CLIENT_LOAD_STREAM_SESSIONS_H_

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/load/durable_steps.h"
#include "client/load/sent_messages.h"
#include "client/load/session_cursor.h"
#include "client/load/session_steps.h"

namespace recur::load {

struct StreamSessions {
  StreamSessions(uint32_t first, uint32_t count, SessionCursor::Order order,
                 uint64_t seed)
      : first(first),
        steps(count),
        cursor(count, order, seed),
        durable(count) {}

  // Number of the session with handle 0 among all of the run.
  const uint32_t first;
  SessionSteps steps;
  SessionCursor cursor;
  SentMessages sent;
  DurableSteps durable;
};

// Ids are not kept but made from a prefix of the run and a number.
inline std::string SessionId(const std::string& prefix, uint32_t number) {
  return absl::StrCat(prefix, "-", number);
}

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_STREAM_SESSIONS_H_
