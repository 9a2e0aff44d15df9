#include "client/load/load_run.h"

#include <sys/resource.h>

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur::load {
namespace {

constexpr std::chrono::milliseconds kTurn(100);
constexpr std::chrono::seconds kCloseTime(2);

std::string RandomPrefix() {
  std::random_device device;
  return absl::StrFormat("load-%08x", device());
}

int64_t NowMicroseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::chrono::nanoseconds CpuTime() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto time = [](const timeval& value) {
    return std::chrono::seconds(value.tv_sec) +
           std::chrono::microseconds(value.tv_usec);
  };
  return time(usage.ru_utime) + time(usage.ru_stime);
}

std::chrono::nanoseconds Nanoseconds(Seconds seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(seconds);
}

}  // namespace

LoadRun::LoadRun(const LoadOptions& options, const ModelFacts& facts,
                 std::ostream* progress)
    : options_(options),
      facts_(facts),
      id_prefix_(RandomPrefix()),
      sessions_(StreamFleet::SessionsOf(options)),
      progress_(progress),
      metrics_(options.metrics),
      loop_(options.poll) {
  result_.options = options;
}

LoadRun::~LoadRun() {
  if (opener_ != nullptr) opener_->Cancel();
  if (bulk_ != nullptr) bulk_->Cancel();
  if (fleet_ != nullptr) fleet_->Cancel();
  loop_.Drain();
}

absl::StatusOr<LoadResult> LoadRun::Run() {
  absl::Status status = Connect();
  if (status.ok()) status = OpenSessions();
  if (status.ok() && !options_.open_only) {
    status = AttachSessions();
    if (status.ok()) status = Load();
  }
  progress_.Clear();
  if (!status.ok()) return status;
  return std::move(result_);
}

absl::Status LoadRun::Failure() const {
  if (!result_.stats.failure().ok()) return result_.stats.failure();
  if (!opener_->failure().ok()) return opener_->failure();
  if (fleet_ == nullptr) return absl::OkStatus();
  return fleet_->slow_reader_failure();
}

absl::Status LoadRun::WaitFor(const std::string& what, uint64_t goal,
                              const std::function<uint64_t()>& count) {
  uint64_t last = count();
  TimePoint moved = Clock::now();
  while (last != goal) {
    loop_.Next(loop_.Tick() + kTurn);
    if (absl::Status failure = Failure(); !failure.ok()) return failure;
    const TimePoint now = loop_.now();
    if (count() != last) {
      last = count();
      moved = now;
    } else if (now - moved > options_.timeout) {
      return absl::DeadlineExceededError(
          absl::StrFormat("%s stands still for %g s, at %d of %d", what,
                          options_.timeout.count(), last, goal));
    }
    if (now < progress_.due()) continue;
    progress_.Write(absl::StrFormat("%s: %d of %d", what, last, goal), now);
  }
  return absl::OkStatus();
}

absl::StatusOr<LoadConnection*> LoadRun::NewConnection() {
  auto connection = LoadConnection::Connect(options_.server);
  if (!connection.ok()) return connection.status();
  return connections_.emplace_back(*std::move(connection)).get();
}

absl::Status LoadRun::Connect() {
  for (int i = 0; i < options_.connections; ++i) {
    const auto connection = NewConnection();
    if (!connection.ok()) return connection.status();
    stream_connections_.streams.push_back(*connection);
  }
  if (options_.slow_reader > 0) {
    const auto connection = NewConnection();
    if (!connection.ok()) return connection.status();
    stream_connections_.slow_reader = *connection;
  }
  if (options_.bulk.empty()) return absl::OkStatus();
  const auto connection = NewConnection();
  if (!connection.ok()) return connection.status();
  bulk_connection_ = *connection;
  return absl::OkStatus();
}

absl::Status LoadRun::OpenSessions() {
  const auto before = metrics_.Read();
  v1::OpenSessionRequest request;
  request.set_model(options_.model);
  request.set_idle_ttl_seconds(options_.idle_ttl.count());
  if (facts_.needs_time) request.set_start_us(NowMicroseconds());
  opener_ = std::make_unique<SessionOpener>(
      SessionOpener::Options{.request = std::move(request),
                             .id_prefix = id_prefix_,
                             .sessions = sessions_,
                             .in_flight = options_.open_in_flight},
      &loop_, stream_connections_.streams.front());
  const TimePoint start = Clock::now();
  opener_->Start();
  absl::Status status = WaitFor("opening sessions", sessions_,
                                [this] { return opener_->opened(); });
  if (!status.ok()) return status;
  result_.open_seconds = Seconds(Clock::now() - start).count();
  const auto after = metrics_.Read();
  if (!after.ok() || !before.ok()) {
    result_.metrics_note = std::string(after.status().message());
    return absl::OkStatus();
  }
  result_.server_resident_bytes = after->resident_bytes;
  if (after->resident_bytes.has_value() && before->resident_bytes.has_value()) {
    result_.server_bytes_per_session =
        (*after->resident_bytes - *before->resident_bytes) / sessions_;
  }
  return absl::OkStatus();
}

absl::Status LoadRun::AttachSessions() {
  fleet_ = std::make_unique<StreamFleet>(options_, facts_.features, id_prefix_,
                                         &loop_, stream_connections_,
                                         &result_.stats);
  fleet_->Start();
  return WaitFor("attaching sessions", sessions_,
                 [this] { return fleet_->attached(); });
}

absl::Status LoadRun::Load() {
  const TimePoint start = loop_.Tick();
  measured_from_ = start + Nanoseconds(options_.warm_up);
  measured_to_ = measured_from_ + Nanoseconds(options_.duration);
  told_ = start;
  result_.stats.Measure(measured_from_, measured_to_);
  fleet_->Go(start);
  if (!options_.bulk.empty()) {
    bulk_ = std::make_unique<BulkCalls>(
        BulkCalls::Options{.model = options_.bulk,
                           .steps = options_.bulk_steps,
                           .features = facts_.bulk_features,
                           .in_flight = options_.bulk_in_flight,
                           .seed = options_.seed},
        &loop_, bulk_connection_, &result_.stats);
    bulk_->Start();
  }
  absl::Status status = Drive(measured_from_);
  if (!status.ok()) return status;
  MeasureFrom();
  status = Drive(measured_to_);
  if (!status.ok()) return status;
  MeasureTo();
  fleet_->SendDue(measured_to_);
  fleet_->Stop();
  if (bulk_ != nullptr) bulk_->Cancel();
  Drain();
  WaitForNone("waiting until all is durable", "no_durable_step",
              "nothing became durable",
              [this] { return fleet_->not_durable(); });
  Close();
  return Failure();
}

absl::Status LoadRun::Drive(TimePoint until) {
  while (loop_.now() < until) {
    if (absl::Status failure = Failure(); !failure.ok()) return failure;
    fleet_->SendDue(loop_.now());
    loop_.Next(std::min({until, fleet_->next_due(), progress_.due()}));
    if (loop_.now() >= progress_.due()) TellSpeed(loop_.now());
  }
  return absl::OkStatus();
}

void LoadRun::TellSpeed(TimePoint now) {
  const uint64_t steps = result_.stats.steps_seen();
  const double speed =
      static_cast<double>(steps - steps_told_) / Seconds(now - told_).count();
  progress_.Write(
      absl::StrFormat("%s, %.0f s left: %.0f steps/s, %d not sent",
                      now < measured_from_ ? "warming up" : "measuring",
                      Seconds(measured_to_ - now).count(), speed,
                      result_.stats.not_sent()),
      now);
  steps_told_ = steps;
  told_ = now;
}

void LoadRun::MeasureFrom() {
  metrics_.Start();
  cpu_before_ = CpuTime() - loop_.idle();
  steps_before_ = result_.stats.steps_seen();
}

void LoadRun::MeasureTo() {
  const uint64_t steps = result_.stats.steps_seen() - steps_before_;
  const std::chrono::nanoseconds cpu = CpuTime() - loop_.idle() - cpu_before_;
  if (steps > 0) {
    result_.load_cpu_seconds_per_step =
        Seconds(cpu).count() / static_cast<double>(steps);
  }
  metrics_before_ = metrics_.Take();
  metrics_.Start();
}

void LoadRun::WaitForNone(const std::string& doing, absl::string_view reason,
                          absl::string_view none,
                          const std::function<uint64_t()>& count) {
  if (!absl::IsDeadlineExceeded(WaitFor(doing, 0, count))) return;
  result_.stats.OnError(
      measured_from_,
      ErrorWithReason(absl::StatusCode::kDeadlineExceeded, reason,
                      absl::StrFormat("%s within %g s of the last one", none,
                                      options_.timeout.count())),
      count());
}

void LoadRun::Drain() {
  WaitForNone("waiting for the last answers", "no_answer", "no answer", [&] {
    return fleet_->answered() ? 0 : std::max<uint64_t>(1, fleet_->open_items());
  });
  const auto after = metrics_.Take();
  if (!after.ok() || !metrics_before_.ok()) return;
  result_.server_resident_bytes = after->resident_bytes;
  result_.server_cpu_seconds_per_step = CpuSecondsPerStep(
      *metrics_before_, *after, static_cast<double>(result_.stats.steps()));
}

void LoadRun::Close() {
  fleet_->Close();
  const TimePoint until = loop_.Tick() + kCloseTime;
  while (!fleet_->closed() && loop_.now() < until) loop_.Next(until);
}

}  // namespace recur::load
