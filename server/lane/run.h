// One sequence with steps to take on a lane: an item of a session, or a whole
// sequence. Thousands of runs may wait, so a run is small; what it needs to
// take its steps it gets when its turn has come. Internal to server/lane.
#ifndef RECUR_SERVER_LANE_RUN_H_
#define RECUR_SERVER_LANE_RUN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/servable/servable.h"
#include "server/lane/extrapolation.h"
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

// A batch of which this lane has items.
struct Lane::Delivery {
  std::shared_ptr<ItemBatch> batch;
  Receiver* receiver = nullptr;
  size_t undone = 0;  // items without a result
  size_t untold = 0;  // items whose sink has not been told
};

// A sink and what it has not been told, in the order in which it came: which is
// that of a session's items, whatever messages they came in.
struct Lane::Receiver {
  struct Result {
    DeliveryId delivery;
    uint32_t index;
  };

  ItemSink* sink = nullptr;
  size_t deliveries = 0;  // of its batches
  std::vector<Result> results;
  size_t due = 0;  // of these, up to the last of a batch that is complete
  std::optional<TimePoint> held_since;  // the oldest, once a Tick has seen it
};

// What a run steps with. A lane uses few of them again and again, so that an
// item allocates nothing once the largest has been seen.
struct Lane::Work {
  ItemPlan plan;  // of an item
  // Network inputs of the observation in progress: more than one row where
  // intervals were missed.
  std::vector<float> inputs;
};

// What a whole sequence has beside.
struct Lane::Whole {
  WholeSequence sequence;
  SequenceState state;  // of its temporary session
  Work work;
  size_t bytes = 0;  // as it came
  int given = 0;     // observations that came with it; what follows is fed back
  Forecast forecast;          // of an extrapolated one: what there is so far
  std::vector<float> future;  // of a bidirectional forecast
};

struct Lane::Run {
  // An item's, whose session is known. The delivery keeps the batch, and that
  // the session.
  Run(DeliveryId its_delivery, ItemBatch* its_batch, uint32_t item);
  // A whole sequence's.
  Run(WholeSequence sequence, ModelId engine_slot);
  Run() = default;

  // An item's turn has come, with its plan made.
  void Start(Work* its_work);
  bool started() const { return work != nullptr; }

  // Makes the next observation's network inputs and moves the feature state.
  void NextObservation();

  // Takes the answer after its last step. True if it has further steps to take
  // then: what it has forecast so far, up to the horizon wanted.
  bool GoOn(const Answer& answer);

  // The row to step next. NextObservation must have been called.
  StepRow Row() const;

  // The whole of a bidirectional sequence, with its features computed; the
  // output is the caller's to set.
  SequenceRow WholeRow();

  const Item& item() const { return batch->items[index]; }
  const Servable& model() const {
    return *(whole != nullptr ? whole->sequence.model : record->model);
  }
  bool is_read() const { return item().steps == 0; }
  // Whether the model is to answer.
  bool wants_answer() const {
    return whole != nullptr ||
           (item().want != Want::kAck && item().want != Want::kState);
  }
  bool extrapolates() const {
    return whole != nullptr &&
           whole->sequence.horizon > model().spec.network.horizon;
  }
  // Of the horizon that is to be forecast next.
  absl::Span<const double> known() const;
  TimePoint arrived() const {
    return whole != nullptr ? whole->sequence.arrived : batch->arrived;
  }
  const std::optional<TimePoint>& deadline() const {
    return whole != nullptr ? whole->sequence.deadline : batch->deadline;
  }
  FeatureSlot features() const {
    return whole != nullptr ? FeatureSlot(&whole->state.features)
                            : record->session.features();
  }
  float* hidden() const {
    return whole != nullptr ? whole->state.hidden.data()
                            : record->session.hidden.data();
  }
  AnswerRequest ToAnswer() const {
    return {.features = features(), .hidden = hidden(), .known = known()};
  }
  // Of an item: the number of its last step, or of the session's for a read.
  uint64_t last_step() const;

  // An item of a session, or
  SessionRecord* record = nullptr;
  ItemBatch* batch = nullptr;
  DeliveryId delivery = 0;
  uint32_t index = 0;
  RunId next = SessionRecord::kNoRun;  // of the same session
  // a whole sequence.
  std::unique_ptr<Whole> whole;

  ModelId slot = 0;
  Work* work = nullptr;
  int observation = 0;   // next one
  int observations = 0;  // to apply
  int row = 0;           // next one of the observation in progress
  int rows = 0;

 private:
  Observation Current() const;
  void FeedBack();
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_RUN_H_
