#include "server/observe/metrics.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_type.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <limits>
#include <map>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/spec/cell.h"

namespace recur {
namespace {

using ::prometheus::ClientMetric;
using ::prometheus::MetricFamily;
using ::prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

// The families of one kind of figure, in the order they are told.
class Families {
 public:
  MetricFamily* Add(MetricType type, std::string name, std::string help) {
    list_.push_back({std::move(name), std::move(help), type, {}});
    return &list_.back();
  }
  void Counter(std::string name, std::string help, double value) {
    Value(Add(MetricType::Counter, std::move(name), std::move(help)), {},
          value);
  }
  void Gauge(std::string name, std::string help, double value) {
    Value(Add(MetricType::Gauge, std::move(name), std::move(help)), {}, value);
  }
  void Histogram(std::string name, std::string help,
                 const HistogramReading& reading) {
    Buckets(Add(MetricType::Histogram, std::move(name), std::move(help)), {},
            reading);
  }

  static void Value(MetricFamily* family, Labels labels, double value) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = value;
    metric.gauge.value = value;
    family->metric.push_back(std::move(metric));
  }
  static void Buckets(MetricFamily* family, Labels labels,
                      const HistogramReading& reading) {
    ClientMetric metric;
    metric.label = std::move(labels);
    uint64_t count = 0;
    for (size_t i = 0; i < reading.counts.size(); ++i) {
      count += reading.counts[i];
      const double bound = i < reading.bounds.size()
                               ? reading.bounds[i]
                               : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({count, bound});
    }
    metric.histogram.sample_count = count;
    metric.histogram.sample_sum = reading.sum;
    family->metric.push_back(std::move(metric));
  }

  std::vector<MetricFamily> Take() {
    return {std::make_move_iterator(list_.begin()),
            std::make_move_iterator(list_.end())};
  }

 private:
  std::deque<MetricFamily> list_;  // adding one leaves the others in place
};

Labels LabelsOf(const RequestKey& key) {
  return {{"method", key.method},
          {"model", key.model},
          {"code", absl::StatusCodeToString(key.code)}};
}

void AddRequests(const std::vector<RequestReading>& requests, Families* out) {
  MetricFamily* total = out->Add(
      MetricType::Counter, "recur_requests_total",
      "Requests answered, by method, model and gRPC status code. Stream counts "
      "its items. Models that the server does not know are \"unknown\".");
  for (const RequestReading& request : requests) {
    uint64_t count = 0;
    for (uint64_t bucket : request.seconds.counts) count += bucket;
    Families::Value(total, LabelsOf(request.key), static_cast<double>(count));
  }
  MetricFamily* seconds = out->Add(
      MetricType::Histogram, "recur_request_duration_seconds",
      "Time from a request (for Stream: an item) being decoded to its answer "
      "being ready to send, by method, model and gRPC status code.");
  for (const RequestReading& request : requests) {
    Families::Buckets(seconds, LabelsOf(request.key), request.seconds);
  }
}

void AddSteps(const LaneTotals& lanes, Families* out) {
  MetricFamily* steps = out->Add(
      MetricType::Counter, "recur_steps_total",
      "Observations sent to sessions: applied; duplicate, already applied and "
      "not applied again; or refused, as the answer's status says why.");
  const auto add = [&](const char* outcome, int64_t count) {
    Families::Value(steps, {{"outcome", outcome}}, static_cast<double>(count));
  };
  add("applied", lanes.steps_applied);
  add("duplicate", lanes.steps_duplicate);
  add("refused", lanes.steps_refused);
  out->Counter("recur_sequence_steps_total",
               "Steps of texts and contexts that came whole in one request.",
               static_cast<double>(lanes.whole_sequence_steps));
  out->Histogram("recur_batch_rows",
                 "Sequences stepped together in one batch of a lane.",
                 lanes.batch_rows);
  out->Histogram("recur_queue_wait_seconds",
                 "Time an item waited in its lane before its first step. It "
                 "grows when the lanes have more work than they can do.",
                 lanes.queue_wait_seconds);
  out->Histogram("recur_step_seconds",
                 "Time one batch of a lane took, answers included.",
                 lanes.step_seconds);
  out->Gauge("recur_queued_items",
             "Items that wait in the lanes or are in progress.",
             static_cast<double>(lanes.queued_items));
  out->Gauge("recur_lanes", "Lanes, that is, threads that step sequences.",
             lanes.lanes);
}

void AddSessions(const LaneTotals& lanes, Families* out) {
  MetricFamily* now = out->Add(MetricType::Gauge, "recur_sessions",
                               "Sessions that the server holds, by state.");
  Families::Value(now, {{"state", "live"}},
                  static_cast<double>(lanes.sessions_live));
  MetricFamily* events = out->Add(MetricType::Counter, "recur_sessions_total",
                                  "Sessions opened; closed by a client; "
                                  "expired, idle for too long; lost to "
                                  "a fault; loaded from the store, spilled to "
                                  "it for memory; moved, taken over by "
                                  "another server or given up for it.");
  const auto add = [&](const char* event, int64_t count) {
    Families::Value(events, {{"event", event}}, static_cast<double>(count));
  };
  add("opened", lanes.sessions_opened);
  add("closed", lanes.sessions_closed);
  add("expired", lanes.sessions_expired);
  add("lost", lanes.sessions_lost);
  add("loaded", lanes.sessions_loaded);
  add("spilled", lanes.sessions_spilled);
  add("moved", lanes.sessions_moved);
  out->Gauge("recur_session_bytes", "Memory that the live sessions take.",
             static_cast<double>(lanes.session_bytes));
}

void AddStoreRows(const StoreReading& store, Families* out) {
  MetricFamily* rows = out->Add(
      MetricType::Counter, "recur_store_rows_total",
      "Sessions committed, by outcome: committed; fenced, another server owns "
      "the session; stale, the store had a later step; unknown, read back "
      "before anything is acknowledged.");
  const auto row = [&](const char* outcome, int64_t count) {
    Families::Value(rows, {{"outcome", outcome}}, static_cast<double>(count));
  };
  row("committed", store.rows_committed);
  row("fenced", store.rows_fenced);
  row("stale", store.rows_stale);
  row("unknown", store.rows_unknown);
  MetricFamily* loads = out->Add(MetricType::Counter, "recur_store_loads_total",
                                 "Sessions asked of the store, by result.");
  const auto load = [&](const char* result, int64_t count) {
    Families::Value(loads, {{"result", result}}, static_cast<double>(count));
  };
  load("found", store.loads_found);
  load("absent", store.loads_absent);
  load("error", store.loads_failed);
}

void AddStore(const StoreReading& store, const LaneTotals& lanes,
              Families* out) {
  out->Counter("recur_store_commits_total",
               "Calls that commit: each for all sessions that were due.",
               static_cast<double>(store.commits));
  AddStoreRows(store, out);
  out->Histogram("recur_store_commit_seconds", "Time of one such call.",
                 store.commit_seconds);
  out->Histogram("recur_store_load_seconds", "Time to load one session.",
                 store.load_seconds);
  out->Histogram("recur_store_durable_lag_seconds",
                 "Time from a session's oldest change that was not stored to "
                 "its being stored.",
                 store.durable_lag_seconds);
  out->Gauge("recur_store_breaker_state",
             "Whether commits are tried: 0 they are; 1 one is, after a pause; "
             "2 they are not, for the store failed.",
             static_cast<double>(store.breaker_state));
  out->Counter("recur_store_breaker_opened_total",
               "Times that the store was left alone after failures.",
               static_cast<double>(store.breaker_opened));
  out->Gauge("recur_store_dirty_sessions",
             "Sessions with something that the store has not.",
             static_cast<double>(lanes.sessions_dirty));
  out->Gauge("recur_store_parked_items",
             "Items and calls that wait for a session to be loaded.",
             static_cast<double>(lanes.items_parked));
  out->Gauge("recur_store_held_items",
             "Items that are applied and wait until they are durable.",
             static_cast<double>(lanes.items_held));
  out->Counter("recur_store_numerics_changed_total",
               "Sessions that went on with other numerics than before.",
               static_cast<double>(lanes.numerics_changed));
}

void AddLoads(const Repository::Stats& stats, Families* out) {
  MetricFamily* loads = out->Add(
      MetricType::Counter, "recur_model_loads_total",
      "Attempts to load a model version. After an error the version before "
      "goes on serving.");
  Families::Value(loads, {{"result", "ok"}},
                  static_cast<double>(stats.loads_ok));
  Families::Value(loads, {{"result", "error"}},
                  static_cast<double>(stats.loads_failed));
  out->Counter("recur_model_load_seconds_total",
               "Time spent in loading models, failed loads included.",
               stats.load_seconds);
  out->Counter("recur_model_scan_errors_total",
               "Times that the model repository could not be listed; the "
               "models then stay as they are.",
               static_cast<double>(stats.scans_failed));
}

Labels InfoLabels(const ModelStatus& status) {
  const Servable& model = *status.servable;
  return {
      {"model", status.name},
      {"version", absl::StrCat(status.version)},
      {"state", std::string(ModelStateName(status.state))},
      {"latest", status.latest ? "true" : "false"},
      {"task", std::string(TaskName(model.spec.task))},
      {"cell", CellName(model.spec.network.cell)},
      {"engine", std::string(model.engine->name())},
      {"numerics", std::string(model.engine->numerics())},
      {"precision", std::string(PrecisionName(model.precision))},
      {"fingerprint", model.fingerprint},
      {"same_bits_in_any_batch",
       model.same_bits_in_any_batch ? "true" : "false"},
  };
}

void AddDifferences(const std::map<Labels, double>& differences,
                    Families* out) {
  MetricFamily* family = out->Add(
      MetricType::Gauge, "recur_model_precision_difference",
      "How far the answers of a model version in another precision were from "
      "f32 at most, on a probe when it was loaded, in scaled units.");
  for (const auto& [labels, value] : differences) {
    Families::Value(family, labels, value);
  }
}

void AddModels(const std::vector<ModelStatus>& models, Families* out) {
  std::map<ModelState, int> states = {{ModelState::kLoading, 0},
                                      {ModelState::kReady, 0},
                                      {ModelState::kRetiring, 0},
                                      {ModelState::kFailed, 0}};
  // A version that was loaded again may be there more than once; a sample may
  // not.
  std::map<Labels, double> infos;
  std::map<Labels, double> bytes;
  std::map<Labels, double> differences;
  for (const ModelStatus& status : models) {
    ++states[status.state];
    if (status.servable == nullptr) continue;
    infos[InfoLabels(status)] = 1;
    const Labels version = {{"model", status.name},
                            {"version", absl::StrCat(status.version)}};
    bytes[version] += static_cast<double>(status.servable->engine->bytes());
    if (const auto difference = status.servable->difference_to_f32) {
      differences[version] = std::max(differences[version], *difference);
    }
  }
  MetricFamily* counts = out->Add(
      MetricType::Gauge, "recur_models",
      "Model versions by state: loading; ready; retiring, replaced but still "
      "held by sessions; failed, its files cannot be served.");
  for (const auto& [state, count] : states) {
    Families::Value(counts, {{"state", std::string(ModelStateName(state))}},
                    count);
  }
  MetricFamily* info =
      out->Add(MetricType::Gauge, "recur_model_info",
               "1 for every loaded model version, with what it is as labels.");
  for (const auto& [labels, value] : infos) {
    Families::Value(info, labels, value);
  }
  MetricFamily* weights =
      out->Add(MetricType::Gauge, "recur_model_weight_bytes",
               "Memory that a loaded model version's packed weights take.");
  for (const auto& [labels, value] : bytes) {
    Families::Value(weights, labels, value);
  }
  AddDifferences(differences, out);
}

void AddServer(const ServerReading& reading, Families* out) {
  out->Gauge("recur_draining",
             "1 while the server refuses new work before it stops, else 0.",
             reading.draining ? 1 : 0);
  Labels labels;
  for (const auto& [name, value] : reading.build_labels) {
    labels.push_back({name, value});
  }
  Families::Value(
      out->Add(MetricType::Gauge, "recur_build_info",
               "1, with what this server was built from as labels."),
      std::move(labels), 1);
}

void AddProcess(const ProcessReading& process, Families* out) {
  out->Counter("process_cpu_seconds_total",
               "Total user and system CPU time spent in seconds.",
               process.cpu_seconds);
  out->Gauge("process_open_fds", "Number of open file descriptors.",
             process.open_fds);
  out->Gauge("process_max_fds", "Maximum number of open file descriptors.",
             process.max_fds);
  out->Gauge("process_resident_memory_bytes", "Resident memory size in bytes.",
             process.resident_memory_bytes);
  out->Gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.",
             process.virtual_memory_bytes);
  out->Gauge("process_start_time_seconds",
             "Start time of the process since unix epoch in seconds.",
             process.start_time_seconds);
  out->Gauge("process_threads", "Number of threads of the process.",
             process.threads);
}

}  // namespace

std::vector<MetricFamily> BuildMetrics(const ServerReading& reading) {
  Families families;
  AddRequests(reading.requests, &families);
  AddSteps(reading.lanes, &families);
  AddSessions(reading.lanes, &families);
  if (reading.store.has_value()) {
    AddStore(*reading.store, reading.lanes, &families);
  }
  AddModels(reading.models, &families);
  AddLoads(reading.repository, &families);
  AddServer(reading, &families);
  if (reading.process.has_value()) AddProcess(*reading.process, &families);
  return families.Take();
}

std::string MetricsText(const std::vector<MetricFamily>& families) {
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return std::move(text).str();
}

}  // namespace recur
