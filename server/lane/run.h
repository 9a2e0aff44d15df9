// One sequence with steps to take on a lane: an item of a session, or a whole
// sequence. A lane uses its runs again and again, so that an item allocates
// nothing once the largest has been seen. Internal to server/lane.
#ifndef RECUR_SERVER_LANE_RUN_H_
#define RECUR_SERVER_LANE_RUN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/servable/servable.h"
#include "server/lane/item_batch.h"
#include "server/lane/item_plan.h"
#include "server/lane/lane.h"
#include "server/lane/session_record.h"
#include "server/lane/whole_sequence.h"

namespace recur {

// Keeps the engine, which the workspace needs, but not the model: that is free
// to go when no session and no run holds it, on any lane.
struct Lane::EngineSlot {
  std::weak_ptr<const Servable> model;
  std::shared_ptr<const Engine> engine;
  std::unique_ptr<Workspace> workspace;
};

// A batch of which this lane has items, and those of them whose results are
// there but not told yet.
struct Lane::Delivery {
  std::shared_ptr<ItemBatch> batch;
  size_t left = 0;  // items that are not told yet
  std::vector<uint32_t> done;
};

struct Lane::Run {
  // Becomes an item's, whose session is known; the delivery keeps the batch,
  // and that the session. Its plan is to be made before anything else.
  void BeginItem(DeliveryId its_delivery, ItemBatch* its_batch, uint32_t item);
  // The plan is made.
  void Start(ModelId engine_slot);

  // Becomes a whole sequence's, ready to step.
  void BeginWhole(WholeSequence sequence, ModelId engine_slot);

  // Gives back what it holds, but for memory that the next one can use.
  void End();

  // Makes the next observation's network inputs and moves the feature state.
  void NextObservation();

  // The row to step next. NextObservation must have been called.
  StepRow Row() const;

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
  const std::optional<TimePoint>& deadline() const {
    return whole.has_value() ? whole->deadline : batch->deadline;
  }
  FeatureSlot features() {
    return record != nullptr ? record->session.features()
                             : FeatureSlot(&temporary.features);
  }
  AnswerRequest ToAnswer() {
    return {.features = features(), .hidden = hidden, .known = known()};
  }
  // Of an item: the number of its last step, or of the session's for a read.
  uint64_t last_step() const;

  // An item of a session, or
  SessionRecord* record = nullptr;
  DeliveryId delivery = 0;
  ItemBatch* batch = nullptr;
  uint32_t index = 0;
  RunId next = SessionRecord::kNoRun;  // of the same session
  ItemPlan plan;
  // a whole sequence and the state of its temporary session.
  std::optional<WholeSequence> whole;
  SequenceState temporary;

  const Servable* model = nullptr;
  ModelId slot = 0;
  float* hidden = nullptr;
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
