// What goes into the calls of the C++ client and what comes back: plain
// values, no generated code. The words are those of proto/recur/v1.
#ifndef RECUR_CLIENT_SDK_TYPES_H_
#define RECUR_CLIENT_SDK_TYPES_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/replay/item.h"

namespace recur::client {

using Seconds = std::chrono::duration<double>;

// Observations in order, raw values in the order of the model's inputs.
struct Sequence {
  std::vector<double> values;  // [steps, features]; NaN: missing
  // Microseconds since the epoch: one per step, or start_us alone for steps
  // one interval apart, or neither.
  std::vector<int64_t> times_us;
  std::optional<int64_t> start_us;
};

struct Label {
  std::string label;
  float probability = 0.0f;

  friend bool operator==(const Label&, const Label&) = default;
};

struct Classification {
  std::vector<Label> labels;  // most probable first

  friend bool operator==(const Classification&,
                         const Classification&) = default;
};

enum class PointKind { kUnspecified, kMedian, kMean };

// What a forecast should contain. Empty: all that the model has.
struct ForecastOptions {
  // More steps than the model has: Client::Forecast alone, and extrapolated.
  uint32_t horizon = 0;
  std::vector<double> quantile_levels;
  std::vector<double> known;  // [horizon, known inputs], raw
};

// Targets, levels and horizon are those of the model or of the call.
struct Forecast {
  std::vector<double> point;      // [horizon, targets]
  std::vector<double> quantiles;  // [horizon, targets, levels]
  PointKind point_kind = PointKind::kUnspecified;
  bool warming_up = false;  // lags are not filled yet
  // It reaches beyond the trained horizon: the quantiles after that are around
  // the points before, taken for observations, and too narrow.
  bool extrapolated = false;
  // Time of the first forecast step; 0 if the model knows no times.
  int64_t start_us = 0;

  friend bool operator==(const Forecast&, const Forecast&) = default;
};

// Either texts or sequences, whichever the model takes.
struct ClassifyCall {
  std::string model;
  std::optional<int64_t> version;  // the latest
  std::vector<std::string> texts;
  std::vector<Sequence> sequences;
  uint32_t top_k = 0;  // 0: all labels
};

struct ClassifyResult {
  std::string model;
  int64_t version = 0;
  std::vector<Classification> answers;  // in the call's order
};

// From a context and a model, or from a session as it stands.
struct ForecastCall {
  std::string model;
  std::optional<int64_t> version;
  Sequence context;
  std::string session_id;  // if set: instead of model and context
  uint64_t min_step = 0;   // with a session: refuse if it is behind
  ForecastOptions options;
};

struct ForecastResult {
  std::string model;
  int64_t version = 0;
  Forecast forecast;
  std::vector<std::string> targets;
  std::vector<double> quantile_levels;
  uint32_t horizon = 0;
  uint64_t applied_step = 0;  // with a session
  uint64_t durable_step = 0;
};

struct OpenCall {
  std::string model;
  std::optional<int64_t> version;
  std::string session_id;  // empty: the server makes one
  // Empty: the client makes one, so that a retry never opens two sessions.
  std::string request_id;
  std::chrono::seconds idle_ttl{0};  // 0: the server's default
  // Time of step 1, if observations carry no times of their own.
  std::optional<int64_t> start_us;
};

enum class Durability { kUnspecified, kNone, kLocal, kShared };

struct SessionInfo {
  std::string session_id;
  std::string model;
  int64_t version = 0;
  uint64_t applied_step = 0;  // the next observation is applied_step + 1
  uint64_t durable_step = 0;
  Durability durability = Durability::kUnspecified;
  Seconds idle_ttl{0};
  Seconds expires_in{0};
  uint64_t state_bytes = 0;
  bool warming_up = false;
  std::string numerics_changed_from;
};

// One or more steps of one session.
struct ObserveCall {
  std::string session_id;
  uint64_t first_step = 1;  // of the first observation; counted from 1
  Sequence observations;
  Want want = Want::kAck;
  uint32_t top_k = 0;
  ForecastOptions forecast;
  bool wait_durable = false;
};

struct ObserveResult {
  uint64_t step = 0;  // of the last observation of the call
  uint64_t applied_step = 0;
  uint64_t durable_step = 0;
  bool duplicate = false;  // all of it had been applied before
  std::optional<Classification> classification;
  std::optional<Forecast> forecast;
  std::string model;
  int64_t version = 0;
};

enum class ModelState { kUnspecified, kLoading, kReady, kRetiring, kFailed };

struct ModelInput {
  std::string name;
  bool may_be_missing = false;
  bool known_ahead = false;
  bool target = false;
  // What the values 0, 1, 2, ... stand for; empty: the input is a number.
  std::vector<std::string> categories;
};

struct ModelInfo {
  std::string name;
  int64_t version = 0;
  bool latest = false;
  ModelState state = ModelState::kUnspecified;
  std::string error;  // if kFailed
  std::string description;

  std::string task;  // "classify" or "forecast"
  std::string cell;
  uint32_t hidden_size = 0;
  uint32_t layers = 0;
  bool bidirectional = false;
  bool takes_text = false;
  std::vector<ModelInput> inputs;  // an observation's values, in order
  std::vector<std::string> labels;
  uint32_t horizon = 0;
  std::vector<double> quantile_levels;
  PointKind point_kind = PointKind::kUnspecified;
  std::chrono::microseconds interval{0};  // 0: times are not looked at
  bool needs_time = false;

  uint64_t state_bytes = 0;  // of one session
  uint64_t weight_bytes = 0;
  uint64_t parameters = 0;
  std::string fingerprint;
  std::string engine;
  std::string numerics;
  bool same_bits_in_any_batch = false;
  std::string precision;  // "f32" or "bf16"
  // How far answers were from f32 at most on a probe, in scaled units.
  std::optional<double> difference_to_f32;
  std::string precision_note;  // why it is not the precision asked for
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_TYPES_H_
