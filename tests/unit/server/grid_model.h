// A forecaster with every feature that a forecast fed back moves, and what it
// forecasts beyond its horizon as a plain loop.
#ifndef RECUR_TESTS_UNIT_SERVER_GRID_MODEL_H_
#define RECUR_TESTS_UNIT_SERVER_GRID_MODEL_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "model/network/random_weights.h"
#include "model/servable/servable.h"

namespace recur {

inline constexpr int kGridHorizon = 3;
inline constexpr int64_t kHourUs = 3600'000'000;

// Forecasts "load" and "price" three hours ahead from themselves, the time of
// day, what they were two and five hours before, and "holiday", known ahead.
inline ModelSpec GridSpec() {
  ModelSpec spec;
  spec.task = Task::kForecast;
  spec.quantiles = {0.1, 0.4, 0.9};  // the median lies between two
  FeatureSpec& features = spec.features;
  features.columns = {{.name = "load", .mean = 100, .scale = 10},
                      {.name = "holiday",
                       .mean = 0.25,
                       .scale = 0.5,
                       .may_be_missing = true,
                       .known_ahead = true},
                      {.name = "price", .mean = 5, .scale = 2}};
  features.targets = {2, 0};
  features.output_scale = {2, 10};
  features.interval = std::chrono::hours(1);
  features.max_gap_intervals = 3;
  features.calendar = {.day_harmonics = 2};
  features.changes = true;
  features.seasons = {2, 5};
  features.anchor = Anchor::kLast;
  spec.network.cell.kind = CellKind::kLstm;
  spec.network.hidden_size = 6;
  spec.network.layers = 2;
  spec.network.head = Head::kForecast;
  spec.network.horizon = kGridHorizon;
  spec.network.targets = 2;
  spec.network.levels = 3;
  spec.network.decoder_size = 5;
  spec.network.input_size = InputWidth(features);
  spec.network.future_size = FutureWidth(features);
  return spec;
}

inline Model RandomModel(const ModelSpec& spec) {
  Model model{.spec = spec};
  model.weights = RandomWeights(spec.network, 11, 0.5f);
  return model;
}

// Observations of the grid, an hour apart.
struct Observed {
  std::vector<double> values;
  std::vector<int64_t> times_us;
};

inline Observed Hours(int count) {
  Observed observed;
  for (int i = 0; i < count; ++i) {
    observed.values.insert(
        observed.values.end(),
        {100.0 + 7 * (i % 5), i % 4 == 0 ? 1.0 : 0.0, 5.0 - 0.5 * (i % 3)});
    observed.times_us.push_back(1'700'000'000'000'000 + i * kHourUs);
  }
  return observed;
}

inline std::vector<double> Holidays(int steps) {
  std::vector<double> known;
  for (int i = 0; i < steps; ++i) known.push_back(i % 3 == 1 ? 1.0 : 0.0);
  return known;
}

// A sequence by hand: features and network, one observation after the other,
// through what any client of a model has.
class Oracle {
 public:
  explicit Oracle(const Servable& model)
      : model_(model),
        workspace_(*model.engine->CreateWorkspace(1)),
        state_(InitialState(model)) {}

  void Observe(const std::vector<double>& values,
               std::optional<int64_t> time_us) {
    const Observation observation{.values = values, .time_us = time_us};
    const auto advance = model_.features.Check(
        observation, state_.features.last_time_us, model_.name);
    ASSERT_TRUE(advance.ok()) << advance.status();
    const size_t width = model_.features.input_size();
    std::vector<float> inputs(advance->intervals * width);
    model_.features.Apply(observation, *advance, &state_.features,
                          inputs.data());
    for (int i = 0; i < advance->intervals; ++i) {
      const StepRow row{.input = inputs.data() + i * width,
                        .token = 0,
                        .state = state_.hidden.data()};
      ASSERT_TRUE(workspace_->Step({&row, 1}).ok());
    }
  }

  Forecast Ahead(const std::vector<double>& known) {
    const NetworkSpec& network = model_.spec.network;
    std::vector<float> future(network.horizon * network.future_size);
    std::vector<float> output(OutputSize(network));
    model_.features.Future(state_.features, network.horizon, known,
                           future.data());
    const HeadRow row{.state = state_.hidden.data(),
                      .future = future.data(),
                      .output = output.data()};
    EXPECT_TRUE(workspace_->RunHead({&row, 1}).ok());
    return model_.features.ToForecast(model_.spec, state_.features, output);
  }

 private:
  const Servable& model_;
  std::unique_ptr<Workspace> workspace_;
  SequenceState state_;
};

// The grid's forecast of `steps` after these hours, as the plain loop that it
// is. `holiday` says what is known of a step ahead, counted from 0.
inline Forecast GridByHand(const Servable& model, const Observed& observed,
                           int steps, bool sends_known,
                           const std::function<double(int)>& holiday) {
  Oracle oracle(model);
  const size_t hours = observed.times_us.size();
  for (size_t i = 0; i < hours; ++i) {
    const double* row = &observed.values[3 * i];
    oracle.Observe({row[0], row[1], row[2]}, observed.times_us[i]);
  }
  int64_t time_us = observed.times_us.back();
  Forecast whole;
  for (int first = 0; first < steps; first += kGridHorizon) {
    std::vector<double> known;
    for (int k = first; sends_known && k < first + kGridHorizon; ++k) {
      known.push_back(holiday(k));
    }
    const Forecast part = oracle.Ahead(known);
    if (first == 0) whole = {{}, {}, part.warming_up, part.start_us};
    for (int k = 0; k < kGridHorizon; ++k) {
      if (first + k < steps) {
        for (int t = 0; t < 2; ++t) {
          whole.point.push_back(part.point[2 * k + t]);
          for (int q = 0; q < 3; ++q) {
            whole.quantiles.push_back(part.quantiles[(2 * k + t) * 3 + q]);
          }
        }
      }
      // The targets are price and load, in this order.
      oracle.Observe(
          {part.point[2 * k + 1], holiday(first + k), part.point[2 * k]},
          time_us += kHourUs);
    }
  }
  return whole;
}

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_GRID_MODEL_H_
