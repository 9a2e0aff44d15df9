// The clients: sessions that are sent their observations as fast as a bound on
// what is not yet durable allows, over resuming streams (client/sdk), whose
// answers are all remembered. Where the server's store is durable, every other
// session is answered once its step is durable.
//
//   auto load = Load::Begin({.model = ModelKind::kLstm}, port);
//   (*load)->AwaitProgress();   // and kill something
//   (*load)->Finish();          // all that was sent is acknowledged
//   (*load)->records();
#ifndef RECUR_TESTS_CHAOS_LOAD_H_
#define RECUR_TESTS_CHAOS_LOAD_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/sdk/client.h"
#include "tests/chaos/chaos_models.h"

namespace recur::chaos {

// What is known of one session. Steps count from 1.
struct SessionRecord {
  std::string id;
  uint64_t sent = 0;
  uint64_t durable = 0;  // acknowledged
  // BitsOf the answers to steps 1, 2, ...; kNoAnswer where none came along.
  std::vector<uint64_t> answers;
  uint64_t misplaced = 0;  // answers to another step than the next one
};

inline constexpr uint64_t kNoAnswer = std::numeric_limits<uint64_t>::max();

// A client of one server that tries once and does not wait long.
absl::StatusOr<client::Client> ClientOf(int port);

class Load {
 public:
  struct Options {
    ModelKind model = ModelKind::kAccumulator;
    int sessions = 16;
    int streams = 1;  // that they are spread over
    // How many steps to send of each session; empty: until Finish.
    std::vector<uint64_t> limits;
  };

  // Opens the sessions on the server of that port and begins to send.
  static absl::StatusOr<std::unique_ptr<Load>> Begin(const Options& options,
                                                     int port);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Connections from now on go to the server of this port. What is connected
  // stays until it is lost, or silent for a moment.
  void GoTo(int port) { port_ = port; }

  // Waits until of every session something is acknowledged that was sent after
  // the call. DEADLINE_EXCEEDED after half a minute, or the error that a
  // session ended with.
  absl::Status AwaitProgress();

  // Waits until the limits are reached, if there are any, stops sending, and
  // waits until all that was sent is answered and acknowledged.
  absl::Status Finish();

  std::vector<SessionRecord> records() const;

 private:
  explicit Load(const Options& options, int port);

  struct Line {
    std::unique_ptr<client::Stream> stream;
    absl::flat_hash_map<uint32_t, int> session_of;  // by handle; under mutex_
  };

  absl::Status OpenSessions();
  absl::Status OpenLine(Line* line, bool wait_durable);
  absl::Status Attach();
  Line& LineOf(int session) { return *lines_[session % lines_.size()]; }
  void Send();
  bool SendStep(int session);
  void Take(const Line& line, const client::StreamReply& reply);
  void TakeDurable(const Line& line, uint32_t handle, uint64_t step);
  void Fail(const absl::Status& status);
  // Waits for it under the mutex.
  absl::Status Await(const char* what, std::chrono::seconds patience,
                     const std::function<bool()>& condition);

  const Options options_;
  std::atomic<int> port_;
  std::atomic<bool> stopping_ = false;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_:
  std::vector<SessionRecord> records_;
  absl::Status failure_;
  bool sender_done_ = false;

  bool durable_ = false;           // sessions outlive the server
  std::vector<uint32_t> handles_;  // by session; set before the sender starts
  std::vector<std::unique_ptr<Line>> lines_;  // sessions in turns
  std::thread sender_;
};

}  // namespace recur::chaos

#endif  // RECUR_TESTS_CHAOS_LOAD_H_
