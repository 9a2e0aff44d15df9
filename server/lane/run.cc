#include "server/lane/run.h"

#include <utility>

namespace recur {

void Lane::Run::BeginItem(DeliveryId its_delivery, ItemBatch* its_batch,
                          uint32_t item) {
  delivery = its_delivery;
  batch = its_batch;
  index = item;
  record = batch->items[index].session.get();
  model = record->model.get();
  next = SessionRecord::kNoRun;
  observation = 0;
  observations = 0;
  row = 0;
  rows = 0;
}

void Lane::Run::Start(ModelId engine_slot) {
  slot = engine_slot;
  hidden = record->session.hidden.data();
  observations = plan.decision.fresh;
}

void Lane::Run::BeginWhole(WholeSequence sequence, ModelId engine_slot) {
  whole = std::move(sequence);
  record = nullptr;
  model = whole->model.get();
  slot = engine_slot;
  temporary = InitialState(*model);
  hidden = temporary.hidden.data();
  const ModelSpec& spec = model->spec;
  observations = static_cast<int>(
      spec.takes_text ? whole->tokens.size()
                      : whole->values.size() / spec.features.columns.size());
  observation = 0;
  row = 0;
  rows = 0;
}

void Lane::Run::End() {
  record = nullptr;
  batch = nullptr;
  model = nullptr;
  if (!whole.has_value()) return;
  whole.reset();
  temporary = {};
  inputs = {};
  future = {};
}

uint64_t Lane::Run::last_step() const {
  if (is_read()) return record->session.applied_step;
  return plan.decision.first_step + item().steps - 1;
}

Observation Lane::Run::Current() const {
  if (whole.has_value()) {
    const size_t columns = model->spec.features.columns.size();
    Observation current{.values = absl::MakeConstSpan(whole->values)
                                      .subspan(observation * columns, columns)};
    if (!whole->times_us.empty()) {
      current.time_us = whole->times_us[observation];
    }
    return current;
  }
  return ObservationOf(*record, *batch, index, plan.decision.first_step,
                       plan.decision.duplicates + observation);
}

void Lane::Run::NextObservation() {
  row = 0;
  rows = 1;
  if (model->spec.takes_text) return;
  const Observation current = Current();
  const Features& features = model->features;
  // A whole sequence was checked before, so that it cannot be refused here.
  const Advance advance =
      whole.has_value()
          ? features
                .Check(current, temporary.features.last_time_us, model->name)
                .value_or(Advance{})
          : plan.advances[observation];
  rows = advance.intervals;
  inputs.resize(static_cast<size_t>(rows) * features.input_size());
  features.Apply(current, advance, this->features(), inputs.data());
}

StepRow Lane::Run::Row() const {
  if (model->spec.takes_text) {
    return {
        .input = nullptr, .token = whole->tokens[observation], .state = hidden};
  }
  const size_t width = model->features.input_size();
  return {.input = inputs.data() + row * width, .token = 0, .state = hidden};
}

SequenceRow Lane::Run::WholeRow() {
  if (model->spec.takes_text) {
    return {.steps = observations,
            .inputs = nullptr,
            .tokens = whole->tokens.data(),
            .output = nullptr};
  }
  std::vector<float> all;
  for (observation = 0; observation < observations; ++observation) {
    NextObservation();
    all.insert(all.end(), inputs.begin(), inputs.end());
  }
  inputs = std::move(all);
  const NetworkSpec& network = model->spec.network;
  if (network.head == Head::kForecast) {
    future.resize(static_cast<size_t>(network.horizon) * network.future_size);
    model->features.Future(temporary.features, network.horizon, whole->known,
                           future.data());
  }
  const auto steps = inputs.size() / model->features.input_size();
  return {.steps = static_cast<int>(steps),
          .inputs = inputs.data(),
          .tokens = nullptr,
          .output = nullptr,
          .future = future.data()};
}

}  // namespace recur
