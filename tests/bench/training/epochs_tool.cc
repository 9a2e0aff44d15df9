// recur_bench_training: one epoch of training for every line on stdin; answers
// each with its seconds and its last loss. torch_epochs.py does the same with
// PyTorch, on the same file.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/train/learning/initial_weights.h"
#include "model/train/learning/learner.h"
#include "tests/bench/models.h"

namespace recur {
namespace {

constexpr int kInputs = 8;
constexpr int kSteps = 100;
constexpr int kClasses = 4;
constexpr int64_t kSequenceFloats = int64_t{kSteps} * kInputs;

struct ToolOptions {
  std::string data;
  std::string cell = "lstm";
  int hidden = 64;
  int batch = 32;
  int threads = 1;
};

void AddOptions(CLI::App* app, ToolOptions* options) {
  app->add_option("--data", options->data,
                  "float32 [sequences, 100, 8], written by run.py")
      ->required();
  app->add_option("--cell", options->cell, "rnn, lstm, gru or lbr_gru");
  app->add_option("--hidden", options->hidden, "Hidden size");
  app->add_option("--batch", options->batch, "Sequences per update");
  app->add_option("--threads", options->threads, "Threads");
}

std::vector<float> ReadFloats(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<float> values(file ? file.tellg() / sizeof(float) : 0);
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(float)));
  return values;
}

// Sequences [first, first + rows); the label of number i is i % classes.
void Fill(const std::vector<float>& data, int first, int rows,
          SequenceBatch* batch, std::vector<float>* targets) {
  batch->steps = kSteps;
  batch->rows = rows;
  batch->lengths.assign(rows, kSteps);
  batch->inputs.resize(rows * kSequenceFloats);
  batch->points.clear();
  targets->clear();
  for (int row = 0; row < rows; ++row) {
    const float* from = data.data() + (first + row) * kSequenceFloats;
    for (int step = 0; step < kSteps; ++step) {
      std::copy_n(
          from + step * kInputs, kInputs,
          batch->inputs.data() + (int64_t{step} * rows + row) * kInputs);
    }
    batch->points.push_back({kSteps - 1, row});
    targets->push_back(static_cast<float>((first + row) % kClasses));
  }
}

absl::StatusOr<Learner> MakeLearner(const ToolOptions& options) {
  auto cell = BenchCell(options.cell);
  if (!cell.ok()) return cell.status();
  NetworkSpec spec;
  spec.cell = *cell;
  spec.input_size = kInputs;
  spec.hidden_size = options.hidden;
  spec.classes = kClasses;
  LearnerOptions learner;
  learner.loss.classes = kClasses;
  learner.dropout = 0.0f;
  learner.threads = options.threads;
  return Learner::Create(spec, InitialWeights(spec, {}, 1), learner);
}

absl::Status Run(const ToolOptions& options) {
  auto learner = MakeLearner(options);
  if (!learner.ok()) return learner.status();
  const std::vector<float> data = ReadFloats(options.data);
  const int sequences = static_cast<int>(data.size() / kSequenceFloats);
  SequenceBatch batch;
  std::vector<float> targets;
  for (std::string line; std::getline(std::cin, line);) {
    const auto start = std::chrono::steady_clock::now();
    double loss = 0.0;
    for (int first = 0; first < sequences; first += options.batch) {
      const int rows = std::min(options.batch, sequences - first);
      Fill(data, first, rows, &batch, &targets);
      auto step = learner->Step(batch, targets);
      if (!step.ok()) return step.status();
      loss = *step;
    }
    const std::chrono::duration<double> took =
        std::chrono::steady_clock::now() - start;
    std::cout << absl::StrFormat("%.6f %.6f", took.count(), loss) << std::endl;
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace recur

int main(int argc, char** argv) {
  recur::UseOneThreadPerCall();
  CLI::App app("One epoch of training for every line on stdin.");
  recur::ToolOptions options;
  recur::AddOptions(&app, &options);
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = recur::Run(options);
  if (status.ok()) return 0;
  std::cerr << status << "\n";
  return 1;
}
