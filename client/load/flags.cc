#include "client/load/flags.h"

#include <CLI/CLI.hpp>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur::load {
namespace {

constexpr int kBadUsage = 2;

constexpr const char* kAbout =
    "recur-load: sends observations of many sessions to a recur-server and "
    "measures how fast, and how soon, they are answered. It opens sessions, "
    "attaches them to streams, warms up, measures, and checks every reply: its "
    "handle, its step, that it comes once and, with --check, its sum.\n\n"
    "Without --rate each stream keeps --in-flight messages unanswered (a "
    "closed loop: the highest throughput). With it messages leave when they "
    "are due, whatever is unanswered (an open loop), and latency counts from "
    "then on: a server that stalls cannot hide it.";

constexpr const char* kFooter =
    R"(Examples:
  recur-load --model weather
  recur-load --model weather --rate 50000 --want forecast --json result.json
  recur-load --model weather --streams 64 --sessions 64 -m 1 --in-flight 1
  recur-load --model weather --sessions 1000000 --streams 16 --order random \
             --metrics http://127.0.0.1:8002/metrics
  recur-load --model sum --check accumulator

It works on one core, next to which the server should have its own. Sessions
are left to expire after --idle-ttl. Another server than recur-server needs
OpenSession and Stream with attaches and items; give --features then.
Exit codes: 0 all is well; 1 an error, a wrong answer, or nothing answered;
2 a wrong command line.)";

constexpr const char* kServer = "Server";
constexpr const char* kShape = "Load";
constexpr const char* kPace = "Pace";
constexpr const char* kBeside = "Beside the load";
constexpr const char* kReport = "Report";

// Durations in seconds, or with a unit.
CLI::Validator WithUnit() {
  static const std::map<std::string, double> kUnits = {
      {"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}};
  return CLI::AsNumberWithUnit(kUnits, CLI::AsNumberWithUnit::CASE_INSENSITIVE);
}

CLI::Option* AddSeconds(CLI::App* app, const std::string& name, Seconds* to,
                        const std::string& help) {
  return app
      ->add_option_function<double>(
          name, [to](const double& value) { *to = Seconds(value); }, help)
      ->transform(WithUnit())
      ->option_text(absl::StrFormat("SECONDS|1ms|1m|1h=%g", to->count()));
}

void AddServer(CLI::App* app, LoadOptions* options) {
  app->add_option("--server", options->server, "host:port of the server")
      ->envname("RECUR_SERVER")
      ->capture_default_str()
      ->group(kServer);
  app->add_option("--model", options->model, "Name of the model")
      ->required()
      ->group(kServer);
  app->add_option("--features", options->features,
                  "Values of an observation; the server is asked if left out")
      ->check(CLI::Range(1, 65'536))
      ->group(kServer);
  app->add_option_function<double>(
         "--idle-ttl",
         [options](const double& value) {
           options->idle_ttl = std::chrono::seconds(
               static_cast<int64_t>(value < 1 ? 1 : value));
         },
         "Sessions expire when they were idle for this long")
      ->transform(WithUnit())
      ->option_text("SECONDS|1m|1h=10m")
      ->check(CLI::Range(1.0, 365.0 * 86400))
      ->group(kServer);
  AddSeconds(app, "--timeout", &options->timeout,
             "How long opens, attaches or the last answers may stand still")
      ->check(CLI::Range(0.001, 86'400.0))
      ->group(kServer);
  app->add_option("--connections", options->connections,
                  "Connections that the streams share")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str()
      ->group(kServer);
}

void AddShape(CLI::App* app, LoadOptions* options) {
  app->add_option("--sessions", options->sessions,
                  "Sessions, spread evenly over the streams")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str()
      ->group(kShape);
  app->add_option("--streams", options->streams, "Streams")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str()
      ->group(kShape);
  app->add_option("-m,--observations-per-message",
                  options->observations_per_message,
                  "Items of a message, each of another session (default 256, "
                  "or all sessions of a stream if those are fewer)")
      ->check(CLI::Range(1, 65'536))
      ->group(kShape);
  app->add_option("--steps-per-item", options->steps_per_item,
                  "Observations of an item, one step after the other")
      ->check(CLI::Range(1, 4'096))
      ->capture_default_str()
      ->group(kShape);
  app->add_option(
         "--order", options->order,
         "Whose turn it is: in order, round and round, or drawn at random")
      ->option_text("in-order|random=in-order")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, SessionCursor::Order>{
              {"in-order", SessionCursor::Order::kInOrder},
              {"random", SessionCursor::Order::kRandom}}))
      ->group(kShape);
  app->add_option("--want", options->want, "What to answer each item with")
      ->option_text("ack|class|forecast=ack")
      ->transform(CLI::CheckedTransformer(std::map<std::string, client::Want>{
          {"ack", client::Want::kAck},
          {"class", client::Want::kClass},
          {"forecast", client::Want::kForecast}}))
      ->group(kShape);
  app->add_option("--check", options->check,
                  "accumulator: the model's forecast is the running sum of "
                  "each input; every one must be right (asks for forecasts)")
      ->option_text("none|accumulator=none")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Check>{
          {"none", Check::kNone}, {"accumulator", Check::kAccumulator}}))
      ->group(kShape);
  app->add_option("--seed", options->seed, "Of the values and the order")
      ->capture_default_str()
      ->group(kShape);
}

void AddPace(CLI::App* app, LoadOptions* options) {
  app->add_option("--rate", options->rate,
                  "Observations per second, all streams together; 0: as fast "
                  "as they are answered")
      ->check(CLI::Range(0.0, 1e9))
      ->capture_default_str()
      ->group(kPace);
  app->add_option("--in-flight", options->in_flight,
                  "Without a rate: unanswered messages of each stream")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->group(kPace);
  app->add_option("--max-in-flight", options->max_in_flight,
                  "With a rate: what is due while a stream has that many "
                  "unanswered messages is not sent, and counted")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->group(kPace);
  app->add_flag("--poll", options->poll,
                "Never sleep: spares the server the waking of a reader, which "
                "is then no part of what is measured. Only with a core that "
                "the server does not use")
      ->group(kPace);
  AddSeconds(app, "--warm-up,--warmup", &options->warm_up,
             "Time under load before it is measured")
      ->check(CLI::Range(0.0, 86'400.0))
      ->group(kPace);
  AddSeconds(app, "--duration", &options->duration, "Time that is measured")
      ->check(CLI::Range(0.001, 86'400.0))
      ->group(kPace);
  app->add_flag("--open-only", options->open_only,
                "Only open the sessions, and tell how long that took")
      ->group(kPace);
  app->add_option("--open-in-flight", options->open_in_flight,
                  "OpenSession calls at a time")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str()
      ->group(kPace);
}

void AddBeside(CLI::App* app, LoadOptions* options) {
  app->add_option("--slow-reader", options->slow_reader,
                  "One more stream, on its own connection and not measured, "
                  "that sends as often as the others but reads only so many "
                  "replies per second")
      ->check(CLI::Range(0.001, 1e6))
      ->group(kBeside);
  app->add_option("--bulk", options->bulk,
                  "Classify whole sequences with this model all the time")
      ->group(kBeside);
  app->add_option("--bulk-steps", options->bulk_steps,
                  "Observations of such a sequence")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str()
      ->group(kBeside);
  app->add_option("--bulk-in-flight", options->bulk_in_flight,
                  "Classify calls at a time")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str()
      ->group(kBeside);
}

void AddReport(CLI::App* app, LoadOptions* options) {
  app->add_option("--metrics", options->metrics,
                  "URL of the server's metrics: for its CPU time per step "
                  "and its memory")
      ->group(kReport);
  app->add_option("--json", options->json,
                  "Write the result to this file too; -: to standard output, "
                  "instead of the table")
      ->group(kReport);
}

absl::Status CheckTogether(const LoadOptions& options) {
  const uint32_t streams = options.streams;
  if (options.sessions < streams) {
    return absl::InvalidArgumentError(
        absl::StrFormat("--sessions is %d; %d streams need at least one each",
                        options.sessions, streams));
  }
  const uint32_t each = options.sessions / streams;
  if (options.observations_per_message > each) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--observations-per-message is %d, each of another session; %d "
        "sessions on %d streams are only %d on each",
        options.observations_per_message, options.sessions, streams, each));
  }
  if (options.check != Check::kNone &&
      options.want != client::Want::kForecast) {
    return absl::InvalidArgumentError(
        "--check accumulator looks at forecasts: --want forecast");
  }
  return absl::OkStatus();
}

}  // namespace

ParsedFlags ParseLoadFlags(int argc, const char* const* argv, std::ostream& out,
                           std::ostream& err) {
  ParsedFlags parsed;
  LoadOptions& options = parsed.options;
  CLI::App app(kAbout, "recur-load");
  app.footer(kFooter);
  app.option_defaults()->take_last();
  AddServer(&app, &options);
  AddShape(&app, &options);
  AddPace(&app, &options);
  AddBeside(&app, &options);
  AddReport(&app, &options);
  const auto refuse = [&](const std::string& why) {
    err << "recur-load: " << why
        << "\n`recur-load --help` tells how it is called." << std::endl;
    parsed.exit_code = kBadUsage;
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      parsed.exit_code = app.exit(error, out, err);
    } else {
      refuse(error.what());
    }
    return parsed;
  }
  if (options.check != Check::kNone && app.count("--want") == 0) {
    options.want = client::Want::kForecast;
  }
  if (const absl::Status status = CheckTogether(options); !status.ok()) {
    refuse(std::string(status.message()));
  }
  return parsed;
}

}  // namespace recur::load
