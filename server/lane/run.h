// One sequence with steps to take on a lane: an item of a session, or a whole
// sequence. Internal to server/lane.
#ifndef RECUR_SERVER_LANE_RUN_H_
#define RECUR_SERVER_LANE_RUN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "model/servable/servable.h"
#include "server/lane/item_batch.h"
#include "server/lane/item_plan.h"
#include "server/lane/lane.h"
#include "server/lane/session_table.h"
#include "server/lane/whole_sequence.h"

namespace recur {

// Keeps the engine, which the workspace needs, but not the model: that is free
// to go when no session and no run holds it, on any lane.
struct Lane::EngineSlot {
  std::weak_ptr<const Servable> model;
  std::shared_ptr<const Engine> engine;
  std::unique_ptr<Workspace> workspace;
};

struct Lane::Run {
  Run(std::shared_ptr<TableEntry> table_entry,
      std::shared_ptr<ItemBatch> item_batch, uint32_t item, ItemPlan item_plan,
      ModelId engine_slot);
  Run(WholeSequence sequence, ModelId engine_slot);

  // Makes the next observation's network inputs and moves the feature state.
  void NextObservation();

  // The row to step next. NextObservation must have been called.
  StepRow Row();

  // The whole of a bidirectional sequence, with its features computed; the
  // output is the caller's to set.
  SequenceRow WholeRow();

  const Item& item() const { return batch->items[index]; }
  bool is_read() const { return item().steps == 0; }
  bool wants_answer() const {
    return whole.has_value() || item().want != Want::kAck;
  }
  absl::Span<const double> known() const {
    return whole.has_value() ? whole->known : batch->known;
  }
  TimePoint arrived() const {
    return whole.has_value() ? whole->arrived : batch->arrived;
  }
  std::optional<TimePoint> deadline() const {
    return whole.has_value() ? whole->deadline : batch->deadline;
  }
  // Of an item: the number of its last step, or of the session's for a read.
  uint64_t last_step() const;

  // An item of a session, or
  std::shared_ptr<TableEntry> entry;
  std::shared_ptr<ItemBatch> batch;
  uint32_t index = 0;
  ItemPlan plan;
  // a whole sequence and the state of its temporary session.
  std::optional<WholeSequence> whole;
  SequenceState temporary;

  std::shared_ptr<const Servable> model;
  ModelId slot;
  SequenceState* state;
  int observation = 0;   // next one
  int observations = 0;  // to apply
  // Network inputs of the observation in progress: more than one row where
  // intervals were missed.
  std::vector<float> inputs;
  int row = 0;
  int rows = 0;
  std::vector<float> future;  // of a bidirectional forecast

 private:
  Observation Current() const;
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_RUN_H_
