#include "client/load/server_metrics.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace recur::load {
namespace {

void Add(double value, std::optional<double>* sum) {
  *sum = sum->value_or(0) + value;
}

}  // namespace

ServerMetrics ParseMetrics(absl::string_view text) {
  ServerMetrics metrics;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, "#")) continue;
    const size_t name_end = line.find_first_of("{ ");
    const size_t labels_end = line.rfind('}');
    const size_t value_begin =
        labels_end == line.npos ? name_end : labels_end + 1;
    if (name_end == line.npos) continue;
    const absl::string_view name = line.substr(0, name_end);
    const absl::string_view labels =
        line.substr(name_end, value_begin - name_end);
    // A time may stand behind the value.
    const std::vector<absl::string_view> numbers =
        absl::StrSplit(line.substr(value_begin), ' ', absl::SkipEmpty());
    double value = 0;
    if (numbers.empty() || !absl::SimpleAtod(numbers[0], &value)) continue;
    if (name == "process_cpu_seconds_total") {
      metrics.cpu_seconds = value;
    } else if (name == "process_resident_memory_bytes") {
      metrics.resident_bytes = value;
    } else if (name == "recur_sequence_steps_total" ||
               (name == "recur_steps_total" &&
                absl::StrContains(labels, "outcome=\"applied\""))) {
      Add(value, &metrics.steps);
    }
  }
  return metrics;
}

std::optional<double> CpuSecondsPerStep(const ServerMetrics& before,
                                        const ServerMetrics& after,
                                        double steps) {
  if (!before.cpu_seconds.has_value() || !after.cpu_seconds.has_value()) {
    return std::nullopt;
  }
  if (before.steps.has_value() && after.steps.has_value()) {
    steps = *after.steps - *before.steps;
  }
  if (steps <= 0) return std::nullopt;
  return (*after.cpu_seconds - *before.cpu_seconds) / steps;
}

}  // namespace recur::load
