#include "client/load/report.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur::load {
namespace {

using nlohmann::ordered_json;

constexpr std::pair<const char*, double> kPercentiles[] = {
    {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};

double Microseconds(std::chrono::nanoseconds time) {
  return static_cast<double>(time.count()) / 1e3;
}

double PerSecond(uint64_t count, const LoadResult& result) {
  return static_cast<double>(count) / result.options.duration.count();
}

ordered_json OrNull(const std::optional<double>& value, double scale = 1) {
  return value.has_value() ? ordered_json(*value * scale) : ordered_json();
}

ordered_json LatencyJson(const LatencyHistogram& latency) {
  ordered_json json;
  for (const auto& [name, share] : kPercentiles) {
    json[name] = Microseconds(latency.Percentile(share));
  }
  json["max"] = Microseconds(latency.max());
  json["mean"] = latency.MeanNanoseconds() / 1e3;
  return json;
}

ordered_json ErrorsJson(const LoadStats::Errors& errors) {
  ordered_json json = ordered_json::object();
  for (const auto& [key, error] : errors) {
    json[key.second] = json.value(key.second, uint64_t{0}) + error.count;
  }
  return json;
}

// "1,234,567".
std::string Grouped(double value) {
  std::string digits = absl::StrFormat("%.0f", value);
  const int first = digits[0] == '-' ? 1 : 0;
  for (int i = static_cast<int>(digits.size()) - 3; i > first; i -= 3) {
    digits.insert(i, 1, ',');
  }
  return digits;
}

std::string Time(double microseconds) {
  if (microseconds < 1e3) return absl::StrFormat("%.1f us", microseconds);
  if (microseconds < 1e6) return absl::StrFormat("%.2f ms", microseconds / 1e3);
  return absl::StrFormat("%.2f s", microseconds / 1e6);
}

std::string Mebibytes(double bytes) {
  return absl::StrFormat("%.1f MiB", bytes / (1 << 20));
}

const char* WantName(client::Want want) {
  switch (want) {
    case client::Want::kAck:
      return "ack";
    case client::Want::kClass:
      return "class";
    case client::Want::kForecast:
      return "forecast";
  }
  return "";
}

class Lines {
 public:
  void Add(absl::string_view name, absl::string_view value) {
    absl::StrAppendFormat(&text_, "%-16s%s\n", name, value);
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string Describe(const LoadOptions& options) {
  return absl::StrFormat(
      "model \"%s\" at %s: %s sessions on %d streams, %d observations per "
      "message%s, %s, %s\n",
      options.model, options.server, Grouped(options.sessions), options.streams,
      options.items(),
      options.steps_per_item == 1
          ? ""
          : absl::StrFormat(" of %d steps each", options.steps_per_item),
      WantName(options.want),
      options.rate > 0
          ? absl::StrCat(Grouped(options.rate), " steps/s")
          : absl::StrCat(options.in_flight, " messages in flight per stream"));
}

void AddTimes(absl::string_view name, const LatencyHistogram& times,
              Lines* lines) {
  std::string text;
  for (const auto& [percentile, share] : kPercentiles) {
    absl::StrAppend(&text,
                    percentile == std::string("p999") ? "p99.9" : percentile,
                    " ", Time(Microseconds(times.Percentile(share))), ", ");
  }
  lines->Add(name, absl::StrCat(text, "max ", Time(Microseconds(times.max()))));
}

void AddSpeed(const LoadResult& result, Lines* lines) {
  const LoadStats& stats = result.stats;
  lines->Add("steps",
             absl::StrCat(Grouped(PerSecond(stats.steps(), result)),
                          " /s over ", result.options.duration.count(), " s"));
  lines->Add("messages",
             absl::StrCat(Grouped(PerSecond(stats.messages(), result)), " /s"));
  if (!result.options.bulk.empty()) {
    lines->Add("bulk steps",
               absl::StrCat(Grouped(PerSecond(stats.bulk_steps(), result)),
                            " /s in Classify"));
  }
  AddTimes("latency", stats.latency(), lines);
  if (stats.durable_lag().count() > 0) {
    AddTimes("until durable", stats.durable_lag(), lines);
  }
}

void AddFaults(const LoadResult& result, Lines* lines) {
  const LoadStats& stats = result.stats;
  if (stats.errors().empty()) lines->Add("errors", "none");
  for (const auto& [key, error] : stats.errors()) {
    lines->Add("errors", absl::StrFormat("%s %s %s: %s", Grouped(error.count),
                                         absl::StatusCodeToString(key.first),
                                         key.second, error.message));
  }
  if (result.options.rate > 0) {
    lines->Add("not sent", absl::StrCat(Grouped(stats.not_sent()),
                                        " messages that were due"));
  }
  lines->Add("wrong answers",
             stats.wrong_answers() == 0
                 ? "none"
                 : absl::StrCat(Grouped(stats.wrong_answers()),
                                "; the first: ", stats.first_wrong()));
}

void AddServer(const LoadResult& result, Lines* lines) {
  if (result.server_cpu_seconds_per_step.has_value()) {
    lines->Add("server CPU",
               absl::StrFormat("%.3f us per step",
                               *result.server_cpu_seconds_per_step * 1e6));
  }
  if (result.server_resident_bytes.has_value()) {
    std::string memory =
        absl::StrCat(Mebibytes(*result.server_resident_bytes), " resident");
    if (result.server_bytes_per_session.has_value()) {
      absl::StrAppendFormat(&memory, ", %.0f bytes per session",
                            *result.server_bytes_per_session);
    }
    lines->Add("server memory", memory);
  }
  if (!result.metrics_note.empty()) {
    lines->Add("server", result.metrics_note);
  }
  if (result.load_cpu_seconds_per_step.has_value()) {
    lines->Add("load CPU",
               absl::StrFormat("%.3f us per step",
                               *result.load_cpu_seconds_per_step * 1e6));
  }
}

}  // namespace

std::string ReportText(const LoadResult& result) {
  Lines lines;
  const LoadOptions& options = result.options;
  lines.Add("opened",
            absl::StrFormat("%s sessions in %.2f s, %s /s",
                            Grouped(options.sessions), result.open_seconds,
                            Grouped(options.sessions / result.open_seconds)));
  if (!options.open_only) {
    AddSpeed(result, &lines);
    AddFaults(result, &lines);
  }
  AddServer(result, &lines);
  return Describe(options) + lines.Take();
}

ordered_json ReportJson(const LoadResult& result) {
  const LoadOptions& options = result.options;
  const LoadStats& stats = result.stats;
  ordered_json json;
  const bool loaded = !options.open_only;
  const auto per_second = [&](uint64_t count) {
    return loaded ? ordered_json(PerSecond(count, result)) : ordered_json();
  };
  json["steps_per_second"] = per_second(stats.steps());
  json["messages_per_second"] = per_second(stats.messages());
  json["latency_us"] = loaded ? LatencyJson(stats.latency()) : ordered_json();
  json["durable_lag_us"] = stats.durable_lag().count() > 0
                               ? LatencyJson(stats.durable_lag())
                               : ordered_json();
  json["errors"] = ErrorsJson(stats.errors());
  json["not_sent"] = stats.not_sent();
  json["wrong_answers"] = stats.wrong_answers();
  json["server_cpu_us_per_step"] =
      OrNull(result.server_cpu_seconds_per_step, 1e6);
  json["server_resident_bytes"] = OrNull(result.server_resident_bytes);
  json["server_bytes_per_session"] = OrNull(result.server_bytes_per_session);
  json["load_cpu_us_per_step"] = OrNull(result.load_cpu_seconds_per_step, 1e6);
  json["open_seconds"] = result.open_seconds;
  json["sessions"] = options.sessions;
  json["streams"] = options.streams;
  json["observations_per_message"] = options.items();
  json["steps_per_item"] = options.steps_per_item;
  json["rate"] = options.rate;
  json["poll"] = options.poll;
  json["bulk_steps_per_second"] =
      options.bulk.empty() ? ordered_json() : per_second(stats.bulk_steps());
  json["duration_seconds"] = loaded ? options.duration.count() : 0.0;
  return json;
}

}  // namespace recur::load
