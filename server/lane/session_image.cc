#include "server/lane/session_image.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_format.h"
#include "model/features/calendar.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

// Room enough for steps to come.
constexpr uint64_t kMaxSteps = uint64_t{1} << 62;

template <typename... Args>
absl::Status Bad(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return ErrorWithReason(
      absl::StatusCode::kDataLoss, "bad_snapshot",
      "the snapshot has " + absl::StrFormat(format, args...));
}

// Whether it is of the shape of the model's answers, on which the wire counts.
bool Fits(const Answer& answer, const ModelSpec& spec) {
  if (const auto* label = std::get_if<Classification>(&answer)) {
    return spec.task == Task::kClassify &&
           label->probabilities.size() == spec.labels.size();
  }
  const auto* forecast = std::get_if<Forecast>(&answer);
  if (forecast == nullptr || spec.task != Task::kForecast) return false;
  const size_t output = OutputSize(spec.network);
  const size_t levels = spec.quantiles.size();
  return forecast->quantiles.size() == (levels == 0 ? 0 : output) &&
         forecast->point.size() == output / std::max<size_t>(1, levels);
}

absl::Status RestoreAnswers(const Snapshot& snapshot, SessionRecord* record) {
  for (const StepAnswer& of : snapshot.answers) {
    if (!Fits(*of.answer, record->model->spec)) {
      return Bad("an answer after step %d that is none of model \"%s\"",
                 of.step, record->model->name);
    }
    record->session.window.KeepAnswer(of.step, of.answer);
  }
  return absl::OkStatus();
}

bool InRange(int64_t time_us) {
  return time_us >= kFirstTimeUs && time_us <= kLastTimeUs;
}

// Features count on it: they index by what was observed and reckon with times.
absl::Status CheckClock(const Snapshot& snapshot) {
  const FeatureClock& clock = snapshot.clock;
  if (snapshot.applied_step > kMaxSteps || clock.observed < 0 ||
      static_cast<uint64_t>(clock.observed) > kMaxSteps) {
    return Bad("applied step %d and %d observations; the limit is %d",
               snapshot.applied_step, clock.observed, kMaxSteps);
  }
  if (clock.last_time_us != FeatureClock::kNoTime &&
      !InRange(clock.last_time_us)) {
    return Bad("a last time of %d us, which is no year from 1 to 9999",
               clock.last_time_us);
  }
  if (snapshot.start_us.has_value() && !InRange(*snapshot.start_us)) {
    return Bad("a start of %d us, which is no year from 1 to 9999",
               *snapshot.start_us);
  }
  return absl::OkStatus();
}

}  // namespace

void AppendSession(const SessionRecord& record, int64_t last_used_us,
                   std::string* out) {
  const Session& session = record.session;
  const bool live = record.kind == SnapshotKind::kLive;
  const auto digests = session.window.Digests();
  const auto answers = session.window.EarlierAnswers();
  SnapshotView view{.kind = record.kind,
                    .applied_step = session.applied_step,
                    .request_id = session.request_id(),
                    .model = record.model->name,
                    .model_version = record.model->version,
                    .fingerprint = record.model->fingerprint,
                    .numerics = record.model->engine->numerics(),
                    .idle_ttl_seconds = session.idle_ttl.count(),
                    .last_used_us = last_used_us,
                    .clock = session.clock};
  if (session.start_us != Session::kNoStart) view.start_us = session.start_us;
  if (live) {
    view.feature_values = session.feature_values;
    view.hidden = session.hidden;
    view.digests = digests;
    view.answers = answers;
  }
  AppendSnapshot(view, out);
}

absl::Status RestoreSession(const Snapshot& snapshot, SessionRecord* record) {
  Session& session = record->session;
  if (snapshot.hidden.size() != session.hidden.size() ||
      snapshot.feature_values.size() != session.feature_values.size() ||
      snapshot.digests.size() > snapshot.applied_step) {
    return Bad("%d hidden and %d feature values; model \"%s\" has %d and %d",
               snapshot.hidden.size(), snapshot.feature_values.size(),
               record->model->name, session.hidden.size(),
               session.feature_values.size());
  }
  if (auto s = CheckClock(snapshot); !s.ok()) return s;
  session.applied_step = snapshot.applied_step;
  session.start_us = snapshot.start_us.value_or(Session::kNoStart);
  session.clock = snapshot.clock;
  std::copy(snapshot.hidden.begin(), snapshot.hidden.end(),
            session.hidden.begin());
  std::copy(snapshot.feature_values.begin(), snapshot.feature_values.end(),
            session.feature_values.begin());
  uint64_t step = snapshot.applied_step - snapshot.digests.size();
  for (const uint64_t digest : snapshot.digests) {
    session.window.Record(++step, digest);
  }
  return RestoreAnswers(snapshot, record);
}

int64_t KeepUntilUs(const SessionRecord& record, int64_t last_used_us,
                    int64_t now_us) {
  if (record.kind != SnapshotKind::kLive) return now_us + kKeepEndedUs;
  const int64_t ttl_us =
      int64_t{record.session.idle_ttl.count()} * int64_t{1'000'000};
  return last_used_us + ttl_us + kKeepEndedUs;
}

}  // namespace recur
