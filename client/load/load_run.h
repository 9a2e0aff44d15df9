// One run from the first OpenSession to the last reply.
#ifndef RECUR_CLIENT_LOAD_LOAD_RUN_H_
#define RECUR_CLIENT_LOAD_LOAD_RUN_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/load/bulk_calls.h"
#include "client/load/event_loop.h"
#include "client/load/load_connection.h"
#include "client/load/load_options.h"
#include "client/load/load_result.h"
#include "client/load/metrics_reader.h"
#include "client/load/model_facts.h"
#include "client/load/progress_line.h"
#include "client/load/session_opener.h"
#include "client/load/stream_fleet.h"

namespace recur::load {

class LoadRun {
 public:
  // Progress goes to `progress` unless it is null.
  LoadRun(const LoadOptions& options, const ModelFacts& facts,
          std::ostream* progress);
  ~LoadRun();

  // Call it once. Blocks for as long as the run takes; all of it is done on
  // the calling thread. Fails if a session cannot be opened or attached, or if
  // a stream ends early; that items fail or answers are wrong is a result.
  absl::StatusOr<LoadResult> Run();

 private:
  absl::Status Connect();
  absl::StatusOr<LoadConnection*> NewConnection();
  absl::Status OpenSessions();
  absl::Status AttachSessions();
  absl::Status Load();
  void MeasureFrom();
  void MeasureTo();
  // Waits for what is still unanswered; what stays so is an error.
  void Drain();
  void Close();

  // Runs the loop until `count` has come to `goal`; fails if it stands still
  // for too long.
  absl::Status WaitFor(const std::string& what, uint64_t goal,
                       const std::function<uint64_t()>& count);
  // Until `count` is none; those that stand still are errors of this reason.
  void WaitForNone(const std::string& doing, absl::string_view reason,
                   absl::string_view none,
                   const std::function<uint64_t()>& count);
  // Runs the loop, sending what is due, until then or a failure.
  absl::Status Drive(TimePoint until);
  void TellSpeed(TimePoint now);
  absl::Status Failure() const;

  const LoadOptions options_;
  const ModelFacts facts_;
  const std::string id_prefix_;
  const uint32_t sessions_;
  ProgressLine progress_;
  MetricsReader metrics_;
  LoadResult result_;

  std::vector<std::unique_ptr<LoadConnection>> connections_;
  StreamFleet::Connections stream_connections_;
  LoadConnection* bulk_connection_ = nullptr;
  EventLoop loop_;
  std::unique_ptr<SessionOpener> opener_;
  std::unique_ptr<StreamFleet> fleet_;
  std::unique_ptr<BulkCalls> bulk_;

  TimePoint measured_from_;
  TimePoint measured_to_;
  // At the beginning of the measured time.
  std::chrono::nanoseconds cpu_before_{0};
  uint64_t steps_before_ = 0;
  absl::StatusOr<ServerMetrics> metrics_before_;
  // When the progress was last told.
  uint64_t steps_told_ = 0;
  TimePoint told_;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_LOAD_RUN_H_
