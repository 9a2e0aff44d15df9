#include "server/app/flags.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <string>

#include "server/app/version.h"
#include "server/repository/precision_choice.h"

namespace recur {
namespace {

constexpr int kBadUsage = 2;

constexpr const char* kAbout =
    "Serves recurrent networks over gRPC and remembers their sessions.\n\n"
    "Models are directories MODELS/<model>/<version>/, as recur-train writes "
    "them; a new version is picked up while the server runs. SIGTERM or SIGINT "
    "stops it: health turns NOT_SERVING, calls in progress finish, exit code "
    "0; a second signal stores what is not stored and stops it at once.";

// Durations in seconds, or with a unit.
CLI::AsNumberWithUnit Seconds() {
  static const std::map<std::string, int64_t> kUnits = {
      {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
  return CLI::AsNumberWithUnit(kUnits, CLI::AsNumberWithUnit::CASE_INSENSITIVE,
                               "SECONDS|1m|1h|1d");
}

std::function<void(const int64_t&)> SetSeconds(std::chrono::seconds* to) {
  return [to](const int64_t& value) { *to = std::chrono::seconds(value); };
}

void AddServing(CLI::App* app, ServerOptions* options) {
  app->add_option("--models", options->models, "Directory of the models")
      ->required()
      ->envname("RECUR_MODELS")
      ->type_name("DIR")
      ->group("Serving");
  app->add_option("--listen", options->listen,
                  "gRPC address; 0.0.0.0:8001 for all interfaces")
      ->envname("RECUR_LISTEN")
      ->type_name("HOST:PORT")
      ->capture_default_str()
      ->group("Serving");
  app->add_option("--http", options->http,
                  "HTTP address of /metrics, /healthz and /readyz")
      ->envname("RECUR_HTTP")
      ->type_name("HOST:PORT")
      ->capture_default_str()
      ->group("Serving");
  app->add_option_function<int64_t>(
         "--model-poll-seconds", SetSeconds(&options->model_poll),
         "How often to look for new versions; 0: never "
         "(default 5)")
      ->envname("RECUR_MODEL_POLL_SECONDS")
      ->check(CLI::Range(0, 86400))
      ->type_name("SECONDS")
      ->group("Serving");
  app->add_flag("--all-versions", options->all_versions,
                "Load every version of a model, not only the latest")
      ->envname("RECUR_ALL_VERSIONS")
      ->group("Serving");
}

void AddPrecision(CLI::App* app, ServerOptions* options) {
  app->add_option("--precision", options->precision,
                  "f32 or bf16 (faster on a CPU with AVX512-BF16; the log says "
                  "how far from f32) for every model, MODEL=bf16 for one, or "
                  "several of these with commas; default: as each model says")
      ->envname("RECUR_PRECISION")
      ->check(CLI::Validator(
          [](const std::string& text) {
            return std::string(PrecisionChoice::Parse(text).status().message());
          },
          "", "precision"))
      ->type_name("PRECISION")
      ->group("Serving");
}

void AddLimits(CLI::App* app, ServerOptions* options) {
  app->add_option("--lanes", options->lanes,
                  "Threads that own sessions and step them; 0: one per core")
      ->envname("RECUR_LANES")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str()
      ->group("Limits");
  app->add_option("--max-batch", options->max_batch,
                  "Sequences stepped together at most")
      ->envname("RECUR_MAX_BATCH")
      ->check(CLI::Range(1, 64))
      ->capture_default_str()
      ->group("Limits");
  app->add_option("--max-sessions", options->max_sessions,
                  "Open sessions, shared evenly by the lanes; more are refused")
      ->envname("RECUR_MAX_SESSIONS")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group("Limits");
  app->add_option("--max-session-bytes", options->max_session_bytes,
                  "Memory of all sessions, such as 512MB, 4GB; shared likewise")
      ->envname("RECUR_MAX_SESSION_BYTES")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group("Limits");
  app->add_option("--max-message-bytes", options->max_message_bytes,
                  "Size of one request or stream message")
      ->envname("RECUR_MAX_MESSAGE_BYTES")
      ->check(CLI::Range(1 << 10, 1 << 30))
      ->capture_default_str()
      ->group("Limits");
}

void AddSessions(CLI::App* app, ServerOptions* options) {
  app->add_option_function<int64_t>(
         "--idle-ttl", SetSeconds(&options->idle_ttl),
         "An idle session expires after this long, unless its "
         "OpenSession says otherwise; at most 365d (default 24h)")
      ->envname("RECUR_IDLE_TTL")
      ->transform(Seconds())
      ->check(CLI::Range(1, 365 * 86400))
      ->group("Sessions");
  app->add_option(
         "--store", options->store,
         "Where sessions are kept; memory: lost with the process; "
         "rocksdb:DIR: on this machine's disk; "
         "redis://[USER:PASSWORD@]HOST:PORT/DB?prefix=P (rediss: TLS): "
         "shared with other servers")
      ->envname("RECUR_STORE")
      ->type_name("STORE")
      ->capture_default_str()
      ->group("Sessions");
  app->add_option_function<int64_t>(
         "--commit-interval",
         [options](const int64_t& value) {
           options->commit_interval = std::chrono::milliseconds(value);
         },
         "A session is stored at most once in so many milliseconds, or at once "
         "when somebody waits for it (default 50)")
      ->envname("RECUR_COMMIT_INTERVAL")
      ->check(CLI::Range(1, 60'000))
      ->type_name("MILLISECONDS")
      ->group("Sessions");
  app->add_option_function<int64_t>(
         "--spill-after", SetSeconds(&options->spill_after),
         "With a store, a session idle for so long leaves memory until it is "
         "used again; 0: only when memory is short (default 0)")
      ->envname("RECUR_SPILL_AFTER")
      ->transform(Seconds())
      ->check(CLI::Range(0, 365 * 86400))
      ->group("Sessions");
  app->add_flag(
         "--strict-numerics", options->strict_numerics,
         "Refuse stored sessions that were computed on another kind of "
         "CPU or in another precision, instead of going on and saying so")
      ->envname("RECUR_STRICT_NUMERICS")
      ->group("Sessions");
  app->add_option_function<int64_t>(
         "--grace-seconds", SetSeconds(&options->grace),
         "Time for calls in progress when the server stops "
         "(default 25)")
      ->envname("RECUR_GRACE_SECONDS")
      ->check(CLI::Range(0, 86400))
      ->type_name("SECONDS")
      ->group("Sessions");
}

void AddLogs(CLI::App* app, ServerOptions* options) {
  app->add_option("--log-level", options->log_level, "Least level to log")
      ->envname("RECUR_LOG_LEVEL")
      ->check(CLI::IsMember({"debug", "info", "warning", "error", "off"}))
      ->capture_default_str()
      ->group("Logs");
  app->add_option("--log-format", options->log_format, "Of a line, on stderr")
      ->envname("RECUR_LOG_FORMAT")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str()
      ->group("Logs");
}

}  // namespace

ParsedFlags ParseServerFlags(int argc, const char* const* argv,
                             std::ostream& out, std::ostream& err) {
  ParsedFlags parsed;
  CLI::App app(kAbout, "recur-server");
  app.set_version_flag("--version", std::string("recur-server ") + kVersion);
  AddServing(&app, &parsed.options);
  AddPrecision(&app, &parsed.options);
  AddLimits(&app, &parsed.options);
  AddSessions(&app, &parsed.options);
  AddLogs(&app, &parsed.options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    parsed.exit_code = app.exit(error, out, err) == 0 ? 0 : kBadUsage;
  }
  return parsed;
}

}  // namespace recur
