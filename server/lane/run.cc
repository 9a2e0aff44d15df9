#include "server/lane/run.h"

#include <utility>

namespace recur {

Lane::Run::Run(DeliveryId its_delivery, ItemBatch* its_batch, uint32_t item)
    : record(its_batch->items[item].session.get()),
      batch(its_batch),
      delivery(its_delivery),
      index(item),
      slot(record->engine_slot) {}

Lane::Run::Run(WholeSequence sequence, ModelId engine_slot)
    : whole(std::make_unique<Whole>()), slot(engine_slot) {
  whole->sequence = std::move(sequence);
  whole->state = whole->sequence.state.has_value()
                     ? *std::move(whole->sequence.state)
                     : InitialState(model());
  FillUpKnown(model(), &whole->sequence.known);
  work = &whole->work;
  const ModelSpec& spec = model().spec;
  observations =
      static_cast<int>(spec.takes_text ? whole->sequence.tokens.size()
                                       : whole->sequence.values.size() /
                                             spec.features.columns.size());
  whole->given = observations;
}

void Lane::Run::Start(Work* its_work) {
  work = its_work;
  observations = work->plan.decision.fresh;
}

uint64_t Lane::Run::last_step() const {
  if (is_read()) return record->session.applied_step;
  return work->plan.decision.first_step + item().steps - 1;
}

Observation Lane::Run::Current() const {
  if (whole != nullptr) {
    const WholeSequence& sequence = whole->sequence;
    const size_t columns = model().spec.features.columns.size();
    Observation current{.values = absl::MakeConstSpan(sequence.values)
                                      .subspan(observation * columns, columns)};
    if (!sequence.times_us.empty()) {
      current.time_us = sequence.times_us[observation];
    }
    return current;
  }
  const StepDecision& decision = work->plan.decision;
  return ObservationOf(*record, *batch, index, decision.first_step,
                       decision.duplicates + observation);
}

void Lane::Run::NextObservation() {
  row = 0;
  rows = 1;
  const Servable& of = model();
  if (of.spec.takes_text) return;
  if (whole != nullptr && observation >= whole->given) return FeedBack();
  const Observation current = Current();
  // A whole sequence was checked before, so that it cannot be refused here.
  const Advance advance =
      whole != nullptr
          ? of.features
                .Check(current, whole->state.features.last_time_us, of.name)
                .value_or(Advance{})
          : work->plan.advances[observation];
  rows = advance.intervals;
  work->inputs.resize(static_cast<size_t>(rows) * of.features.input_size());
  of.features.Apply(current, advance, features(), work->inputs.data());
}

void Lane::Run::FeedBack() {
  const Servable& of = model();
  const size_t targets = of.spec.network.targets;
  const size_t known_count = of.features.known_count();
  const size_t step = observation - whole->given;
  absl::Span<const double> known = whole->sequence.known;
  if (!known.empty()) known = known.subspan(step * known_count, known_count);
  work->inputs.resize(of.features.input_size());
  of.features.FeedBack(absl::MakeConstSpan(whole->forecast.point)
                           .subspan(step * targets, targets),
                       known, features(), work->inputs.data());
}

bool Lane::Run::GoOn(const Answer& answer) {
  if (!extrapolates()) return false;
  const NetworkSpec& network = model().spec.network;
  Forecast& forecast = whole->forecast;
  Append(std::get<Forecast>(answer), &forecast);
  const size_t wanted = size_t{1} * whole->sequence.horizon * network.targets;
  if (forecast.point.size() < wanted) {
    observations += network.horizon;
    return true;
  }
  forecast.point.resize(wanted);
  forecast.quantiles.resize(wanted * model().spec.quantiles.size());
  return false;
}

absl::Span<const double> Lane::Run::known() const {
  if (whole == nullptr) return batch->known;
  const absl::Span<const double> known = whole->sequence.known;
  if (known.empty()) return known;
  const NetworkSpec& network = model().spec.network;
  const size_t row = model().features.known_count();
  const size_t forecast = whole->forecast.point.size() / network.targets;
  return known.subspan(forecast * row, network.horizon * row);
}

StepRow Lane::Run::Row() const {
  if (model().spec.takes_text) {
    return {.input = nullptr,
            .token = whole->sequence.tokens[observation],
            .state = hidden()};
  }
  const size_t width = model().features.input_size();
  return {.input = work->inputs.data() + row * width,
          .token = 0,
          .state = hidden()};
}

SequenceRow Lane::Run::WholeRow() {
  const Servable& of = model();
  if (of.spec.takes_text) {
    return {.steps = observations,
            .inputs = nullptr,
            .tokens = whole->sequence.tokens.data(),
            .output = nullptr};
  }
  std::vector<float> all;
  for (observation = 0; observation < observations; ++observation) {
    NextObservation();
    all.insert(all.end(), work->inputs.begin(), work->inputs.end());
  }
  work->inputs = std::move(all);
  const NetworkSpec& network = of.spec.network;
  std::vector<float>& future = whole->future;
  if (network.head == Head::kForecast) {
    future.resize(static_cast<size_t>(network.horizon) * network.future_size);
    of.features.Future(whole->state.features, network.horizon,
                       whole->sequence.known, future.data());
  }
  const auto steps = work->inputs.size() / of.features.input_size();
  return {.steps = static_cast<int>(steps),
          .inputs = work->inputs.data(),
          .tokens = nullptr,
          .output = nullptr,
          .future = future.data()};
}

}  // namespace recur
