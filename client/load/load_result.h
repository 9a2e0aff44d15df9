// What a run has measured.
#ifndef RECUR_CLIENT_LOAD_LOAD_RESULT_H_
#define RECUR_CLIENT_LOAD_LOAD_RESULT_H_

#include <optional>
#include <string>

#include "client/load/load_options.h"
#include "client/load/load_stats.h"

namespace recur::load {

struct LoadResult {
  LoadOptions options;
  double open_seconds = 0;  // that opening all sessions took
  LoadStats stats;          // empty if sessions were only opened
  // Of the generator itself, idle polling left out; for all steps sent while
  // it was measured.
  std::optional<double> load_cpu_seconds_per_step;

  // From the server's metrics; where they are not there the note says why.
  std::optional<double> server_cpu_seconds_per_step;
  std::optional<double> server_resident_bytes;
  // By how much the resident memory grew while the sessions were opened.
  std::optional<double> server_bytes_per_session;
  std::string metrics_note;
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_LOAD_RESULT_H_
