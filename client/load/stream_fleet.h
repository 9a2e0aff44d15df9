// All streams of a run, the slow reader among them: who has which sessions,
// and whose turn it is when a message is due. The slow reader sends as often
// as the others, and is not measured.
#ifndef RECUR_CLIENT_LOAD_STREAM_FLEET_H_
#define RECUR_CLIENT_LOAD_STREAM_FLEET_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/load/checked_values.h"
#include "client/load/event_loop.h"
#include "client/load/load_connection.h"
#include "client/load/load_options.h"
#include "client/load/load_stats.h"
#include "client/load/load_stream.h"
#include "client/load/message_builder.h"
#include "client/load/send_schedule.h"

namespace recur::load {

class StreamFleet {
 public:
  // Sessions of a run; those of a slow reader come after options.sessions.
  static uint32_t SessionsOf(const LoadOptions& options);

  struct Connections {
    std::vector<LoadConnection*> streams;   // one at least; shared in turn
    LoadConnection* slow_reader = nullptr;  // if there is one
  };

  // Observations have `features` values. The sessions, numbered from 0 behind
  // the prefix, are open. `loop`, connections and `stats` must outlive the
  // fleet, which may be destroyed once the loop has been drained.
  StreamFleet(const LoadOptions& options, int features, std::string id_prefix,
              EventLoop* loop, const Connections& connections,
              LoadStats* stats);

  // Opens the streams and attaches all sessions.
  void Start();
  uint64_t attached() const;

  // Sending begins; the first message of an open loop is due at `start`.
  void Go(TimePoint start);
  // Sends, or reads, what is due by now.
  void SendDue(TimePoint now);
  TimePoint next_due() const;
  // Nothing more becomes due, and the slow reader is given up.
  void Stop();
  uint64_t open_items() const;  // without the slow reader's
  bool answered() const;        // likewise
  // Items that are not durable yet, on a server that stores sessions; likewise.
  uint64_t not_durable() const;

  void Close();
  bool closed() const;
  void Cancel();

  // Why a stream ended; those of the others are in the stats.
  const absl::Status& slow_reader_failure() const {
    return slow_stats_.failure();
  }

 private:
  LoadStream::Options StreamOptions(int index) const;
  std::unique_ptr<LoadStream> MakeSlowReader(LoadConnection* connection);

  const LoadOptions options_;
  const int features_;
  const std::string id_prefix_;
  EventLoop* const loop_;
  const std::optional<CheckedValues> checked_;
  MessageBuilder builder_;
  LoadStats slow_stats_;
  std::vector<std::unique_ptr<LoadStream>> streams_;
  std::unique_ptr<LoadStream> slow_reader_;
  std::optional<SendSchedule> schedule_;
  std::optional<SendSchedule> slow_schedule_;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_STREAM_FLEET_H_
