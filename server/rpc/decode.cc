#include "server/rpc/decode.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/rpc/forecast_cut.h"
#include "server/session/session_id.h"

namespace recur {
namespace {

constexpr uint32_t kDefaultPageSize = 100;
constexpr uint32_t kMaxPageSize = 1000;
constexpr uint64_t kMaxTtlSeconds = uint64_t{1} << 32;

absl::Status Refuse(absl::string_view reason, absl::string_view message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, reason, message);
}

// Steps of that many values. What is not a multiple is rounded down, for the
// lane to refuse.
size_t StepsOf(const Servable& model, size_t values) {
  const size_t columns =
      std::max<size_t>(1, model.spec.features.columns.size());
  return std::max<size_t>(1, values / columns);
}

absl::Status BadTimes(size_t times, size_t steps) {
  return Refuse(
      "bad_columns",
      absl::StrFormat("observations have %d times for %d steps", times, steps));
}

// Times of `steps` observations from a start, an interval apart. The sum is
// computed without a sign so that a hostile start cannot overflow; the lane
// refuses what is no sensible time.
std::vector<int64_t> SpreadTimes(int64_t start_us, int64_t interval_us,
                                 size_t steps) {
  std::vector<int64_t> times(steps);
  auto time = static_cast<uint64_t>(start_us);
  for (int64_t& out : times) {
    out = static_cast<int64_t>(time);
    time += static_cast<uint64_t>(interval_us);
  }
  return times;
}

}  // namespace

absl::StatusOr<RawSequence> DecodeSequence(const v1::Sequence& sequence) {
  if (!sequence.values().empty() && !sequence.values_f64().empty()) {
    return Refuse(
        "values_twice",
        absl::StrFormat("sequence has %d values and %d values_f64; "
                        "send one of the two",
                        sequence.values_size(), sequence.values_f64_size()));
  }
  if (!sequence.time_us().empty() && sequence.has_start_us()) {
    return Refuse(
        "times_twice",
        absl::StrFormat("sequence has %d times and start_us; send one "
                        "of the two",
                        sequence.time_us_size()));
  }
  RawSequence raw;
  raw.values.assign(sequence.values().begin(), sequence.values().end());
  if (raw.values.empty()) {
    raw.values.assign(sequence.values_f64().begin(),
                      sequence.values_f64().end());
  }
  raw.times_us.assign(sequence.time_us().begin(), sequence.time_us().end());
  if (sequence.has_start_us()) raw.start_us = sequence.start_us();
  return raw;
}

absl::StatusOr<ClassifyCall> DecodeClassify(
    const v1::ClassifyRequest& request) {
  ClassifyCall call{.model = request.model()};
  if (request.has_version()) call.version = request.version();
  for (const v1::Text& text : request.texts()) {
    call.texts.push_back(text.text());
  }
  for (int i = 0; i < request.sequences_size(); ++i) {
    auto sequence = DecodeSequence(request.sequences(i));
    if (!sequence.ok()) {
      return WithPrefix(absl::StrFormat("input %d: ", i), sequence.status());
    }
    call.sequences.push_back(*std::move(sequence));
  }
  return call;
}

absl::StatusOr<ForecastCall> DecodeForecastContext(
    const v1::ForecastRequest& request, const Servable& model) {
  const auto cut =
      MakeForecastCut(model, request.options(), Reach::kExtrapolated);
  if (!cut.ok()) return cut.status();
  auto context = DecodeSequence(request.context());
  if (!context.ok()) return context.status();
  ForecastCall call{.model = request.model(),
                    .context = *std::move(context),
                    .known = KnownInputs(model, request.options(),
                                         KnownOf(request.options())),
                    .horizon = ExtrapolatedHorizon(model, *cut)};
  if (request.has_version()) call.version = request.version();
  return call;
}

absl::StatusOr<SessionForecastCall> DecodeForecastSession(
    const v1::ForecastRequest& request, std::vector<double> known,
    const Servable& model) {
  const auto cut =
      MakeForecastCut(model, request.options(), Reach::kExtrapolated);
  if (!cut.ok()) return cut.status();
  return SessionForecastCall{
      .session_id = request.session_id(),
      .min_step = request.min_step(),
      .known = KnownInputs(model, request.options(), std::move(known)),
      .horizon = ExtrapolatedHorizon(model, *cut)};
}

OpenCall DecodeOpen(const v1::OpenSessionRequest& request) {
  const uint64_t seconds = std::min(request.idle_ttl_seconds(), kMaxTtlSeconds);
  OpenCall call{.model = request.model(),
                .session_id = request.session_id(),
                .request_id = request.request_id(),
                .idle_ttl = std::chrono::seconds(seconds)};
  if (request.has_version()) call.version = request.version();
  if (request.has_start_us()) call.start_us = request.start_us();
  return call;
}

absl::StatusOr<ListCall> DecodeList(const v1::ListSessionsRequest& request) {
  if (request.page_size() > kMaxPageSize) {
    return Refuse("bad_page_size",
                  absl::StrFormat("page_size is %d; the limit is %d",
                                  request.page_size(), kMaxPageSize));
  }
  if (!request.page_token().empty() &&
      !CheckSessionId(request.page_token()).ok()) {
    return Refuse("bad_page_token",
                  "page_token is not one that a page before gave");
  }
  const uint32_t limit =
      request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  return ListCall{
      .model = request.model(), .after = request.page_token(), .limit = limit};
}

absl::StatusOr<ObserveInputs> DecodeObserveInputs(
    const v1::ObserveRequest& request) {
  auto observations = DecodeSequence(request.observations());
  if (!observations.ok()) return observations.status();
  return ObserveInputs{.observations = *std::move(observations),
                       .known = KnownOf(request.forecast())};
}

absl::StatusOr<std::shared_ptr<ItemBatch>> DecodeObserve(
    const v1::ObserveRequest& request, ObserveInputs inputs,
    const Servable& model, int max_steps) {
  const std::optional<Want> want = DecodeWant(request.want());
  if (!want.has_value()) {
    return Refuse("bad_want", absl::StrFormat("want is %d; it must be 0 to 2",
                                              request.want()));
  }
  RawSequence& raw = inputs.observations;
  if (raw.values.empty()) {
    return Refuse("empty_sequence",
                  "observations are empty; send at least one step");
  }
  const size_t steps = StepsOf(model, raw.values.size());
  if (steps > static_cast<size_t>(max_steps)) {
    return Refuse("item_too_long",
                  absl::StrFormat("the item has %d steps; the limit is %d",
                                  steps, max_steps));
  }
  if (!raw.times_us.empty() && raw.times_us.size() != steps) {
    return BadTimes(raw.times_us.size(), steps);
  }
  const bool forecasts =
      *want == Want::kForecast && model.spec.task == Task::kForecast;
  auto batch = std::make_shared<ItemBatch>();
  if (forecasts) {
    const auto cut = MakeForecastCut(model, request.forecast());
    if (!cut.ok()) return cut.status();
    batch->known =
        KnownInputs(model, request.forecast(), std::move(inputs.known));
  }
  if (raw.start_us.has_value()) {
    raw.times_us =
        SpreadTimes(*raw.start_us, model.spec.features.interval.count(), steps);
  }
  Item item{.session_id = request.session_id(),
            .steps = static_cast<int>(steps),
            .want = *want};
  if (request.has_first_step()) item.first_step = request.first_step();
  batch->items.push_back(std::move(item));
  batch->values = std::move(raw.values);
  batch->times_us = std::move(raw.times_us);
  batch->wait_durable = request.wait_durable();
  return batch;
}

std::optional<Want> DecodeWant(int want) {
  switch (want) {
    case v1::WANT_ACK:
      return Want::kAck;
    case v1::WANT_CLASS:
      return Want::kClass;
    case v1::WANT_FORECAST:
      return Want::kForecast;
  }
  return std::nullopt;
}

std::optional<TimePoint> DeadlineOf(
    std::chrono::system_clock::time_point deadline,
    std::chrono::system_clock::time_point system_now, TimePoint steady_now) {
  // Beyond a year it is no deadline; so the sum cannot overflow either.
  if (deadline > system_now + std::chrono::hours(24 * 365)) return std::nullopt;
  return steady_now +
         std::chrono::duration_cast<TimePoint::duration>(deadline - system_now);
}

}  // namespace recur
