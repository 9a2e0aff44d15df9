// What a run of recur-load does.
#ifndef RECUR_CLIENT_LOAD_LOAD_OPTIONS_H_
#define RECUR_CLIENT_LOAD_LOAD_OPTIONS_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "client/load/session_cursor.h"
#include "client/sdk/types.h"

namespace recur::load {

using Seconds = std::chrono::duration<double>;

enum class Check {
  kNone,
  kAccumulator,  // each forecast must be the running sum of the inputs
};

struct LoadOptions {
  std::string server = "127.0.0.1:8001";
  std::string model;
  // Values of one observation; 0: as many as the model has inputs, which the
  // server is asked for.
  int features = 0;

  uint32_t sessions = 1'000;  // spread evenly over the streams
  int streams = 4;
  int connections = 1;  // stream i is on connection i modulo this
  // Items of a message, each of another session; 0: 256, or all sessions of
  // a stream if those are fewer.
  uint32_t observations_per_message = 0;
  int steps_per_item = 1;
  SessionCursor::Order order = SessionCursor::Order::kInOrder;
  client::Want want = client::Want::kAck;
  Check check = Check::kNone;

  // Observations per second, all streams together; 0: `in_flight` messages
  // are unanswered on each stream all the time.
  double rate = 0;
  int in_flight = 4;
  // With a rate: unanswered messages of a stream beyond which what is due is
  // not sent but counted.
  int max_in_flight = 1'000;
  bool poll = false;  // never sleeps
  Seconds warm_up{2};
  Seconds duration{10};
  uint64_t seed = 1;

  int open_in_flight = 64;  // OpenSession calls at a time
  bool open_only = false;
  std::chrono::seconds idle_ttl{600};
  // How long opens, attaches and the last answers may stand still.
  Seconds timeout{30};

  // One more stream that takes so many replies per second; 0: none.
  double slow_reader = 0;
  std::string bulk;  // a classifier for whole sequences; empty: none
  int bulk_steps = 1'000;
  int bulk_in_flight = 4;

  std::string metrics;  // URL; empty: the server's side is not known
  std::string json;     // a file, or - for standard output

  // Items of a full message.
  uint32_t items() const {
    const uint32_t least = sessions / static_cast<uint32_t>(streams);
    if (observations_per_message > 0) return observations_per_message;
    return least < 256 ? least : 256;
  }
  // Steps of a full message.
  uint32_t message_steps() const {
    return items() * static_cast<uint32_t>(steps_per_item);
  }
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_LOAD_OPTIONS_H_
