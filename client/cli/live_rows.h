// A CSV stream read row by row as it is written: an observation is there as
// soon as its line is, long before the end of the input.
#ifndef RECUR_CLIENT_CLI_LIVE_ROWS_H_
#define RECUR_CLIENT_CLI_LIVE_ROWS_H_

#include <istream>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "client/cli/observations.h"
#include "client/sdk/types.h"
#include "model/data/csv.h"

namespace recur::cli {

class LiveRows {
 public:
  // Reads the header, blocking until it is there. `in` must outlive the
  // object; `path` is for messages. Errors are those of MapColumns.
  static absl::StatusOr<LiveRows> Create(std::istream* in, std::string path,
                                         const client::ModelInfo& model,
                                         const std::string& time_column);

  // The next row, blocking until its line is there; nullopt at the end. The
  // errors name the line of the stream.
  absl::StatusOr<std::optional<Observations>> Next();

 private:
  LiveRows(std::istream* in, std::string path)
      : in_(in), path_(std::move(path)) {}

  bool ReadRecord(std::string* record);
  absl::StatusOr<Observations> Parse(const std::string& record,
                                     int blank_lines) const;

  std::istream* in_;
  std::string path_;
  std::string header_;
  ColumnMap columns_;
  int lines_ = 0;        // read so far
  int record_line_ = 0;  // on which the last record began, from 1
};

}  // namespace recur::cli

#endif  // RECUR_CLIENT_CLI_LIVE_ROWS_H_
