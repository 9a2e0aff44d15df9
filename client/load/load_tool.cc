#include "client/load/load_tool.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "absl/strings/str_format.h"
#include "client/load/flags.h"
#include "client/load/load_run.h"
#include "client/load/model_facts.h"
#include "client/load/report.h"
#include "model/spec/error_reason.h"

namespace recur::load {
namespace {

constexpr int kError = 1;
constexpr const char* kStandardOutput = "-";

absl::Status OpenFile(const std::string& path, std::ofstream* file) {
  if (path.empty() || path == kStandardOutput) return absl::OkStatus();
  file->open(path, std::ios::trunc);
  if (file->is_open()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrFormat("cannot write %s: %s", path, std::strerror(errno)));
}

absl::StatusOr<LoadResult> Execute(const LoadOptions& options,
                                   std::ostream* progress) {
  const auto facts = AskFacts(options);
  if (!facts.ok()) return facts.status();
  return LoadRun(options, *facts, progress).Run();
}

int ReportError(const absl::Status& status, std::ostream& err) {
  err << "recur-load: ";
  if (!ReasonOf(status).has_value()) {
    err << absl::StatusCodeToString(status.code()) << ": ";
  }
  err << status.message() << std::endl;
  return kError;
}

}  // namespace

int RunLoadTool(int argc, const char* const* argv, std::ostream& out,
                std::ostream& err, bool err_is_terminal) {
  const ParsedFlags flags = ParseLoadFlags(argc, argv, out, err);
  if (flags.exit_code.has_value()) return *flags.exit_code;
  std::ofstream file;
  if (auto status = OpenFile(flags.options.json, &file); !status.ok()) {
    return ReportError(status, err);
  }
  const auto result = Execute(flags.options, err_is_terminal ? &err : nullptr);
  if (!result.ok()) return ReportError(result.status(), err);
  const std::string json = ReportJson(*result).dump(2) + "\n";
  if (file.is_open()) file << json << std::flush;
  out << (flags.options.json == kStandardOutput ? json : ReportText(*result))
      << std::flush;
  if (file.is_open() && !file) {
    return ReportError(absl::UnavailableError(absl::StrFormat(
                           "cannot write %s", flags.options.json)),
                       err);
  }
  const LoadStats& stats = result->stats;
  if (stats.wrong_answers() > 0) {
    err << "recur-load: " << stats.wrong_answers() << " wrong answer"
        << (stats.wrong_answers() == 1 ? "" : "s")
        << "; the first: " << stats.first_wrong() << std::endl;
    return kError;
  }
  if (!flags.options.open_only && stats.steps() == 0) {
    err << "recur-load: no step was answered in the measured time" << std::endl;
    return kError;
  }
  return 0;
}

}  // namespace recur::load
