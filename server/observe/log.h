// What the server writes to stderr: one line per event, as text or as JSON,
// with UTC times. Configure it once at the start; then any thread logs with
// spdlog::info("loaded {} version {}", name, version) and so on.
//
//   2026-03-01T12:00:00.123Z warning model "m" version 2 failed to load
//   {"time":"2026-03-01T12:00:00.123Z","level":"warning","message":"..."}
//
// A line stays a line whatever a message holds: control characters are
// escaped in both formats, and JSON is always valid UTF-8. Messages carry
// names, numbers and errors, never observations, texts, or credentials.
#ifndef RECUR_SERVER_OBSERVE_LOG_H_
#define RECUR_SERVER_OBSERVE_LOG_H_

#include <spdlog/formatter.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace recur {

enum class LogFormat { kText, kJson };

// "text" or "json"; INVALID_ARGUMENT naming both.
absl::StatusOr<LogFormat> ParseLogFormat(absl::string_view name);

// Makes spdlog's default logger write to stderr what is of this level or
// above: "trace", "debug", "info", "warning" (or "warn"), "error", "critical",
// "off". INVALID_ARGUMENT naming them. Not while other threads log.
absl::Status ConfigureLog(absl::string_view level, LogFormat format);

std::unique_ptr<spdlog::formatter> MakeLogFormatter(LogFormat format);

}  // namespace recur

#endif  // RECUR_SERVER_OBSERVE_LOG_H_
