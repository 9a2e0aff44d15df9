#include "tests/bench/engine_load.h"

#include <algorithm>
#include <iostream>
#include <random>
#include <utility>

#include "model/network/random_weights.h"

namespace recur {

absl::StatusOr<std::unique_ptr<EngineLoad>> EngineLoad::Create(
    std::shared_ptr<const Engine> engine, const Options& options) {
  auto workspace = engine->CreateWorkspace(options.batch);
  if (!workspace.ok()) return workspace.status();
  return std::unique_ptr<EngineLoad>(
      new EngineLoad(std::move(engine), *std::move(workspace), options));
}

EngineLoad::EngineLoad(std::shared_ptr<const Engine> engine,
                       std::unique_ptr<Workspace> workspace,
                       const Options& options)
    : engine_(std::move(engine)),
      workspace_(std::move(workspace)),
      batch_(options.batch) {
  const NetworkSpec& spec = engine_->spec();
  const int64_t width = HiddenStateSize(spec);
  const int64_t count = options.sequences;
  inputs_ = RandomValues(count * spec.input_size, /*seed=*/1, /*range=*/1.0f);
  states_ = AllocateZeros(count * width);
  for (int64_t i = 0; i < count; ++i) {
    rows_.push_back({.input = inputs_.data() + i * spec.input_size,
                     .token = 0,
                     .state = states_.get() + i * width});
  }
  if (options.sequences > options.batch) {
    std::mt19937 random(1);
    std::shuffle(rows_.begin(), rows_.end(), random);
  }
}

EngineLoad::Block EngineLoad::AllocateZeros(size_t count) {
  constexpr size_t kAlignment = 64;
  const size_t bytes =
      (count * sizeof(float) + kAlignment - 1) / kAlignment * kAlignment;
  Block block(static_cast<float*>(std::aligned_alloc(kAlignment, bytes)));
  std::fill_n(block.get(), count, 0.0f);
  return block;
}

int EngineLoad::StepBatch() {
  const auto rows = absl::MakeConstSpan(rows_).subspan(next_, batch_);
  const absl::Status status = workspace_->Step(rows);
  if (!status.ok()) {
    std::cerr << "the engine failed: " << status << "\n";
    std::exit(1);
  }
  next_ += batch_;
  if (next_ >= rows_.size()) next_ = 0;
  return static_cast<int>(rows.size());
}

}  // namespace recur
