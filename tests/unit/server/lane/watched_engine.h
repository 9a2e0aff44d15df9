// An engine that counts what it is asked to do, and fails when told to.
#ifndef RECUR_TESTS_UNIT_SERVER_LANE_WATCHED_ENGINE_H_
#define RECUR_TESTS_UNIT_SERVER_LANE_WATCHED_ENGINE_H_

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "model/network/engine.h"
#include "model/servable/servable.h"

namespace recur {

struct Watch {
  int steps_until_failure = -1;  // -1: never; then every step fails
  bool fail_heads = false;
  bool fail_sequences = false;
  size_t most_head_rows = 0;        // in one call
  std::vector<int> sequence_steps;  // of all rows of each call
};

class WatchedWorkspace : public Workspace {
 public:
  WatchedWorkspace(std::unique_ptr<Workspace> workspace, Watch* watch)
      : workspace_(std::move(workspace)), watch_(watch) {}

  absl::Status Step(absl::Span<const StepRow> rows) override {
    if (watch_->steps_until_failure == 0) {
      // As a fault half-way leaves it: states are no longer what they were.
      for (const StepRow& row : rows) row.state[0] += 1000;
      return absl::InternalError("the engine broke");
    }
    if (watch_->steps_until_failure > 0) --watch_->steps_until_failure;
    return workspace_->Step(rows);
  }

  absl::Status RunHead(absl::Span<const HeadRow> rows) override {
    watch_->most_head_rows = std::max(watch_->most_head_rows, rows.size());
    if (watch_->fail_heads) return absl::InternalError("the head broke");
    return workspace_->RunHead(rows);
  }

  absl::Status RunSequences(absl::Span<const SequenceRow> rows) override {
    int steps = 0;
    for (const SequenceRow& row : rows) steps += row.steps;
    watch_->sequence_steps.push_back(steps);
    if (watch_->fail_sequences) return absl::InternalError("it broke");
    return workspace_->RunSequences(rows);
  }

 private:
  std::unique_ptr<Workspace> workspace_;
  Watch* watch_;
};

// `watch` must outlive the engine and its workspaces.
class WatchedEngine : public Engine {
 public:
  WatchedEngine(std::shared_ptr<const Engine> engine, Watch* watch)
      : engine_(std::move(engine)), watch_(watch) {}

  const NetworkSpec& spec() const override { return engine_->spec(); }
  absl::string_view name() const override { return "watched"; }
  absl::string_view numerics() const override { return engine_->numerics(); }
  int64_t bytes() const override { return engine_->bytes(); }
  absl::StatusOr<std::unique_ptr<Workspace>> CreateWorkspace(
      int max_batch) const override {
    auto workspace = engine_->CreateWorkspace(max_batch);
    if (!workspace.ok()) return workspace.status();
    return std::make_unique<WatchedWorkspace>(*std::move(workspace), watch_);
  }

 private:
  std::shared_ptr<const Engine> engine_;
  Watch* watch_;
};

inline std::shared_ptr<const Servable> Watched(
    const std::shared_ptr<const Servable>& model, Watch* watch) {
  Servable watched = *model;
  watched.engine = std::make_shared<WatchedEngine>(model->engine, watch);
  return std::make_shared<const Servable>(std::move(watched));
}

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_LANE_WATCHED_ENGINE_H_
