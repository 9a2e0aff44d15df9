// What a server tells of itself in the Prometheus text format.
#ifndef RECUR_CLIENT_LOAD_SERVER_METRICS_H_
#define RECUR_CLIENT_LOAD_SERVER_METRICS_H_

#include <optional>

#include "absl/strings/string_view.h"

namespace recur::load {

// What is not told is not there: another server may know no steps.
struct ServerMetrics {
  std::optional<double> cpu_seconds;     // process_cpu_seconds_total
  std::optional<double> resident_bytes;  // process_resident_memory_bytes
  // recur_steps_total{outcome="applied"} and recur_sequence_steps_total.
  std::optional<double> steps;
};

// Pure.
ServerMetrics ParseMetrics(absl::string_view text);

// CPU time per step between two readings. Where the server does not count
// steps they are `steps`. nullopt without CPU time or steps.
std::optional<double> CpuSecondsPerStep(const ServerMetrics& before,
                                        const ServerMetrics& after,
                                        double steps);

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_SERVER_METRICS_H_
