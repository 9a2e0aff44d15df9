// A run's result for people and for programs.
#ifndef RECUR_CLIENT_LOAD_REPORT_H_
#define RECUR_CLIENT_LOAD_REPORT_H_

#include <nlohmann/json.hpp>
#include <string>

#include "client/load/load_result.h"

namespace recur::load {

// A table of name and value, a line each.
std::string ReportText(const LoadResult& result);

// One object; what is not known is null. Keys and units:
//   steps_per_second, messages_per_second
//   latency_us          p50, p90, p99, p999, max, mean of an item, from when
//                       its message was due (without a rate: was sent)
//   errors              how many items failed, by reason
//   not_sent            messages that were due
//   wrong_answers
//   server_cpu_us_per_step, server_resident_bytes, server_bytes_per_session
//   load_cpu_us_per_step  of the generator itself
//   open_seconds        that opening the sessions took
//   sessions, streams, observations_per_message, steps_per_item, rate
//   bulk_steps_per_second
//   duration_seconds
nlohmann::ordered_json ReportJson(const LoadResult& result);

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_REPORT_H_
