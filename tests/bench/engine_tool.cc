// recur_bench_engine: the engine alone and on two cores, as JSON on stdout.
#include <CLI/CLI.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "model/network/native/native_engine.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/network/serving/serving_engine.h"
#include "tests/bench/engine_pairs.h"
#include "tests/bench/fma_peak.h"
#include "tests/bench/models.h"

namespace recur {
namespace {

struct ToolOptions {
  std::string measure;
  std::string cell = "lstm";
  std::string precision = "f32";
  std::string engine = "serving";
  int hidden = 128;
  int window_ms = 150;
  PairOptions pairs;
};

void AddOptions(CLI::App* app, ToolOptions* options) {
  app->add_option("measure", options->measure,
                  "alone: one batch while the other cores do the same; "
                  "two-lanes: two cores over one")
      ->required()
      ->check(CLI::IsMember({"alone", "two-lanes"}));
  app->add_option("--cell", options->cell, "rnn, lstm, gru or lbr_gru")
      ->capture_default_str();
  app->add_option("--hidden", options->hidden, "Hidden size")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app->add_option("--batch", options->pairs.batch, "Rows of a batch")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app->add_option("--precision", options->precision, "f32 or bf16")
      ->capture_default_str();
  app->add_option("--engine", options->engine,
                  "native, onednn, or serving: what a server would choose")
      ->check(CLI::IsMember({"serving", "native", "onednn"}))
      ->capture_default_str();
  app->add_option("--cpus", options->pairs.cpus, "Cores, such as 0,1")
      ->delimiter(',')
      ->capture_default_str();
  app->add_option("--repetitions", options->pairs.repetitions,
                  "Pairs of measurements")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app->add_option("--window-ms", options->window_ms,
                  "Length of each measurement")
      ->check(CLI::Range(1, 60'000))
      ->capture_default_str();
}

absl::StatusOr<std::shared_ptr<const Engine>> MakeEngine(
    const ToolOptions& options) {
  const auto cell = BenchCell(options.cell);
  if (!cell.ok()) return cell.status();
  const auto precision = ParsePrecision(options.precision);
  if (!precision.ok()) return precision.status();
  const Model model = BenchForecaster(*cell, options.hidden);
  const NetworkSpec& network = model.spec.network;
  if (options.engine == "native") {
    return CreateNativeEngine(network, model.weights);
  }
  return options.engine == "onednn"
             ? CreateOnednnEngine(network, model.weights, *precision)
             : CreateServingEngine(network, model.weights, *precision);
}

absl::StatusOr<nlohmann::json> Measure(const ToolOptions& options) {
  const auto engine = MakeEngine(options);
  if (!engine.ok()) return engine.status();
  nlohmann::json json = {{"cell", options.cell},
                         {"hidden", options.hidden},
                         {"batch", options.pairs.batch},
                         {"engine", std::string((*engine)->name())},
                         {"numerics", std::string((*engine)->numerics())},
                         {"fma_instructions", std::string(FmaInstructions())}};
  if (options.measure == "alone") {
    const auto alone = MeasureEngineAlone(*engine, options.pairs);
    if (!alone.ok()) return alone.status();
    json["steps_per_second"] = alone->steps_per_second;
    json["fma_gflops"] = alone->fma_gflops;
    json["share_of_fma_peak"] = alone->share_of_fma_peak;
    return json;
  }
  const auto lanes = MeasureTwoLanes(*engine, options.pairs);
  if (!lanes.ok()) return lanes.status();
  json["engine_two_over_one"] = lanes->engine_two_over_one;
  json["fma_two_over_one"] = lanes->fma_two_over_one;
  json["efficiency"] = lanes->efficiency;
  return json;
}

int Run(int argc, char** argv) {
  ToolOptions options;
  CLI::App app("Measures the engine without a server, as ratios to the machine",
               "recur_bench_engine");
  AddOptions(&app, &options);
  CLI11_PARSE(app, argc, argv);
  options.pairs.window = std::chrono::milliseconds(options.window_ms);
  const auto json = Measure(options);
  if (!json.ok()) {
    std::cerr << "recur_bench_engine: " << json.status() << "\n";
    return 1;
  }
  std::cout << json->dump(2) << "\n";
  return 0;
}

}  // namespace
}  // namespace recur

int main(int argc, char** argv) { return recur::Run(argc, argv); }
