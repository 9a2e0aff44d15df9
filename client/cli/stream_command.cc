#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/command.h"
#include "client/cli/forecast_view.h"
#include "client/cli/live_rows.h"
#include "client/cli/observations.h"
#include "client/cli/stream_log.h"
#include "client/cli/table.h"
#include "model/spec/error_reason.h"

namespace recur::cli {
namespace {

using Clock = std::chrono::steady_clock;

// History that nobody wants answers for goes in larger items.
constexpr int kHistorySteps = 256;

// As many as the server keeps the answers of: every row gets its answer even if
// the connection is lost.
constexpr uint64_t kStepsAhead = 4;

struct Args {
  std::string model;
  std::string csv;
  std::string time_column;
  std::string session;
  std::string target;
  bool forecast = false;
  bool classify = false;
  bool keep = false;
  bool plot = false;
  int last = 0;       // 0: every row is answered
  double rate = 0.0;  // rows per second; 0: as fast as they come
  client::ForecastOptions options;
  uint32_t top_k = 0;
};

// The stream with what is needed to feed it.
struct Feed {
  const Args& args;
  const client::ModelInfo& model;
  client::Want want;
  uint32_t handle = 0;
  uint64_t resume_step = 1;
  client::Stream* stream = nullptr;
  StreamLog* log = nullptr;
};

absl::StatusOr<client::Want> WantOf(const Args& args,
                                    const client::ModelInfo& model) {
  const bool forecasts = model.task == "forecast";
  if ((args.forecast && !forecasts) || (args.classify && forecasts)) {
    return UsageError(
        absl::StrFormat("model \"%s\" does not %s: its task is %s", model.name,
                        args.forecast ? "forecast" : "classify", model.task));
  }
  if (model.takes_text) {
    return UsageError(absl::StrFormat(
        "model \"%s\" takes texts: use `recur classify`", model.name));
  }
  return forecasts ? client::Want::kForecast : client::Want::kClass;
}

absl::StatusOr<int> TargetOf(const Args& args, const client::ModelInfo& model) {
  if (args.target.empty()) return 0;
  const auto targets = TargetsOf(model);
  const auto found = std::find(targets.begin(), targets.end(), args.target);
  if (found != targets.end()) return static_cast<int>(found - targets.begin());
  return UsageError(
      absl::StrFormat("model \"%s\" has no target \"%s\"; it has: "
                      "%s",
                      model.name, args.target, absl::StrJoin(targets, ", ")));
}

// Goes on with the session if it is there, else opens it.
absl::StatusOr<client::SessionInfo> FindOrOpen(const Args& args,
                                               client::Client& client) {
  if (!args.session.empty()) {
    auto session = client.GetSession(args.session);
    if (session.ok() && session->model != args.model) {
      return absl::FailedPreconditionError(
          absl::StrFormat("session \"%s\" is one of model \"%s\", not \"%s\"",
                          args.session, session->model, args.model));
    }
    if (session.ok() || !absl::IsNotFound(session.status())) return session;
  }
  return client.OpenSession({.model = args.model, .session_id = args.session});
}

double TruthOf(const Observations& rows, int row,
               const client::ModelInfo& model, int target) {
  const std::vector<int> inputs = TargetInputs(model);
  return inputs.empty() ? PlotPoint::kNone : rows.row(row)[inputs[target]];
}

// Pushes rows [begin, end) of `rows` as one item whose first step is `step`.
absl::Status PushRows(Feed& feed, const Observations& rows, int begin, int end,
                      uint64_t step, client::Want want, int target,
                      absl::Span<const double> known) {
  for (int row = begin; row < end; ++row) {
    std::optional<int64_t> time;
    if (!rows.times_us.empty()) time = rows.times_us[row];
    feed.log->AddRow(step + row - begin, time,
                     TruthOf(rows, row, feed.model, target));
  }
  const client::Sequence slice = rows.Slice(begin, end);
  return feed.stream
      ->Push({.handle = feed.handle,
              .first_step = step,
              .steps = static_cast<uint32_t>(end - begin),
              .values = slice.values,
              .times_us = slice.times_us,
              .want = want,
              .known = known})
      .status();
}

// Sleeps so that rows leave at the rate asked for.
class Pace {
 public:
  explicit Pace(double rate) : rate_(rate), start_(Clock::now()) {}

  void Wait() {
    if (rate_ <= 0) return;
    const std::chrono::duration<double> due(static_cast<double>(++rows_) /
                                            rate_);
    std::this_thread::sleep_until(
        start_ + std::chrono::duration_cast<Clock::duration>(due));
  }

 private:
  const double rate_;
  const Clock::time_point start_;
  int64_t rows_ = 0;
};

absl::StatusOr<Observations> ReadFile(const Args& args,
                                      const client::ModelInfo& model) {
  const auto table = CsvTable::Read(args.csv);
  if (!table.ok()) return table.status();
  const auto columns = MapColumns(*table, model, args.time_column);
  if (!columns.ok()) return columns.status();
  if (table->rows() == 0) return NoRows(*table);
  return ReadObservations(*table, *columns);
}

// Row i of a file is step i + 1: what the session has seen is passed over.
absl::Status PushFile(Feed& feed, const Observations& rows, int target) {
  const int count = rows.rows();
  const int begin = static_cast<int>(
      std::min<uint64_t>(feed.resume_step - 1, static_cast<uint64_t>(count)));
  const int first_wanted =
      feed.args.last > 0 ? std::max(begin, count - feed.args.last) : begin;
  for (int row = begin; row < first_wanted;) {
    const int end = std::min(first_wanted, row + kHistorySteps);
    absl::Status status =
        PushRows(feed, rows, row, end, row + 1, client::Want::kAck, target, {});
    if (!status.ok()) return status;
    row = end;
  }
  const int horizon =
      static_cast<int>(feed.args.options.horizon > 0 ? feed.args.options.horizon
                                                     : feed.model.horizon);
  Pace pace(feed.args.rate);
  for (int row = first_wanted; row < count; ++row) {
    if (!feed.log->status().ok()) break;
    const auto known = KnownAhead(rows, feed.model, row + 1, horizon);
    absl::Status status =
        PushRows(feed, rows, row, row + 1, row + 1, feed.want, target, known);
    if (!status.ok()) return status;
    pace.Wait();
  }
  return absl::OkStatus();
}

// Every row of a live input is new: it follows the session's last step.
absl::Status PushLive(Feed& feed, int target, std::istream& in) {
  auto live = LiveRows::Create(&in, "standard input", feed.model,
                               feed.args.time_column);
  if (!live.ok()) return live.status();
  Pace pace(feed.args.rate);
  for (uint64_t step = feed.resume_step; feed.log->status().ok(); ++step) {
    const auto row = live->Next();
    if (!row.ok()) return row.status();
    if (!row->has_value()) break;
    absl::Status status =
        PushRows(feed, **row, 0, 1, step, feed.want, target, {});
    if (!status.ok()) return status;
    pace.Wait();
  }
  return absl::OkStatus();
}

void Announce(const client::SessionInfo& session, uint64_t resume_step,
              Environment& environment) {
  if (environment.json) return;
  environment.out << absl::StrFormat(
                         "session %s on %s version %d, %s step %d\n\n",
                         session.session_id, session.model, session.version,
                         resume_step > 1 ? "going on with" : "from",
                         resume_step)
                  << std::flush;
}

// Why there is no answer where nothing went wrong.
void TellNothingNew(const Args& args, uint64_t resume_step, std::ostream& out) {
  if (args.csv == "-") {
    out << "No rows came on standard input.\n";
  } else {
    out << absl::StrFormat(
        "Nothing new: the session has seen %s and row i of a file is step i.\n",
        Counted(resume_step - 1, "step"));
  }
}

// What failed before its first step leaves nothing behind; else the status
// says that the session can be gone on with. Of a server that is gone only a
// durable session will come back.
absl::Status AfterFailure(absl::Status status,
                          const client::SessionInfo& opened,
                          client::Client& client) {
  const auto session = client.GetSession(opened.session_id);
  if (session.ok() && session->applied_step == 0) {
    client.CloseSession(opened.session_id).IgnoreError();
  } else if (session.ok() || (opened.durability != client::Durability::kNone &&
                              !absl::IsNotFound(session.status()))) {
    SetDetail(&status, "kept_session", opened.session_id);
  }
  return status;
}

// Streams all rows and waits for all answers.
absl::Status StreamRows(const Args& args, const client::ModelInfo& model,
                        const client::SessionInfo& session, int target,
                        Environment& environment) {
  const auto want = WantOf(args, model);
  if (!want.ok()) return want.status();
  Observations file;
  if (args.csv != "-") {
    auto rows = ReadFile(args, model);
    if (!rows.ok()) return rows.status();
    file = std::move(*rows);
  }
  const auto& levels = args.options.quantile_levels;
  StreamLog log({.json = environment.json,
                 .session_id = session.session_id,
                 .plot = args.plot,
                 .target = target,
                 .levels = levels.empty() ? model.quantile_levels : levels},
                model, &environment.out);
  client::Stream::Handlers handlers;
  handlers.on_reply = [&log](const client::StreamReply& reply) {
    log.OnReply(reply);
  };
  const auto stream =
      environment.client.OpenStream({.forecast = args.options,
                                     .top_k = args.top_k,
                                     .max_steps_ahead = kStepsAhead},
                                    std::move(handlers));
  if (!stream.ok()) return stream.status();
  const auto attached = (*stream)->Attach(session.session_id);
  if (!attached.ok()) return attached.status();
  Announce(session, attached->resume_step, environment);
  Feed feed{.args = args,
            .model = model,
            .want = *want,
            .handle = attached->handle,
            .resume_step = attached->resume_step,
            .stream = stream->get(),
            .log = &log};
  const Clock::time_point start = Clock::now();
  const absl::Status status = args.csv == "-"
                                  ? PushLive(feed, target, environment.in)
                                  : PushFile(feed, file, target);
  const absl::Status finished = (*stream)->Finish();
  const std::chrono::duration<double> elapsed = Clock::now() - start;
  environment.out << log.Summary(elapsed.count());
  if (!log.status().ok()) return log.status();
  if (!status.ok() || !finished.ok()) return status.ok() ? finished : status;
  if (!environment.json && log.applied_step() == 0) {
    TellNothingNew(args, attached->resume_step, environment.out);
  }
  return absl::OkStatus();
}

absl::Status Run(const Args& args, Environment& environment) {
  if (args.csv == "-" && args.last > 0) {
    return UsageError(
        "--last needs a file: the end of standard input is not "
        "known beforehand");
  }
  const auto latest = environment.client.GetModel(args.model);
  if (!latest.ok()) return latest.status();
  if (auto want = WantOf(args, *latest); !want.ok()) return want.status();
  const auto target = TargetOf(args, *latest);
  if (!target.ok()) return target.status();
  const auto session = FindOrOpen(args, environment.client);
  if (!session.ok()) return session.status();
  // A session stays on the version it began with.
  const auto model =
      environment.client.GetModel(session->model, session->version);
  absl::Status status =
      model.ok() ? StreamRows(args, *model, *session, *target, environment)
                 : model.status();
  if (!status.ok()) {
    return AfterFailure(std::move(status), *session, environment.client);
  }
  if (args.keep) return absl::OkStatus();
  return environment.client.CloseSession(session->session_id).status();
}

}  // namespace

void AddStream(CLI::App& app, Command* command) {
  auto args = std::make_shared<Args>();
  CLI::App* sub = app.add_subcommand(
      "stream",
      "Send rows one by one as a live sensor does; print each answer as it "
      "comes");
  sub->add_option("--model", args->model, "Name of the model")->required();
  sub->add_option("--csv", args->csv,
                  "CSV file with a header, oldest row first, or - for standard "
                  "input, read line by line as it is written. The model's "
                  "inputs are found by name")
      ->required();
  sub->add_option("--time", args->time_column,
                  "Time column (default: the first of time, date, timestamp, "
                  "datetime, if the model looks at times)");
  sub->add_option("--session", args->session,
                  "Id of the session. If it is there, it goes on: row i of a "
                  "file is step i, so rows it has seen are passed over; rows "
                  "of standard input follow its last step");
  sub->add_flag("--keep", args->keep,
                "Leave the session open at the end; it is closed otherwise");
  sub->add_flag("--forecast", args->forecast,
                "Ask for a forecast at every row");
  sub->add_flag("--classify", args->classify,
                "Ask for a classification at every row. What the model does is "
                "the default");
  sub->add_option("--last", args->last,
                  "Answer only the last N rows of a file; those before are "
                  "history")
      ->check(AtLeastOne());
  sub->add_option("--rate", args->rate,
                  "Rows per second; as fast as they come if left out")
      ->check(AboveZero());
  sub->add_flag("--plot", args->plot,
                "Draw each forecast with its interval and what came, and a "
                "chart at the end");
  sub->add_option("--target", args->target,
                  "The target to show; the first if left out");
  sub->add_option("--horizon", args->options.horizon,
                  "Steps to forecast; all the model has if left out")
      ->check(AtLeastOne());
  sub->add_option("--quantiles", args->options.quantile_levels,
                  "Levels between 0 and 1, such as 0.1,0.9; all the model has "
                  "if left out")
      ->delimiter(',');
  sub->add_option("--top-k", args->top_k,
                  "Answer this many labels; all if left out")
      ->check(AtLeastOne());
  sub->callback([args, command] {
    *command = [args](Environment& environment) {
      return Run(*args, environment);
    };
  });
}

}  // namespace recur::cli
