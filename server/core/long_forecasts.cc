// Service: forecasts from a session that reach beyond its model's horizon.

#include <utility>

#include "absl/functional/any_invocable.h"
#include "server/core/service.h"
#include "server/lane/item_plan.h"
#include "server/lane/whole_sequence.h"

namespace recur {
namespace {

// Tells of the only item of its batch.
class ReadSink : public ItemSink {
 public:
  using Told = absl::AnyInvocable<void(const ItemBatch&)>;

  explicit ReadSink(Told told) : told_(std::move(told)) {}

  void ItemsDone(const std::shared_ptr<ItemBatch>& batch,
                 absl::Span<const uint32_t> /*indices*/) override {
    told_(*batch);
  }

 private:
  Told told_;
};

}  // namespace

// The session is read as every forecast reads it, and is done with it then: the
// rest is a whole sequence like others, on any lane.
void Service::ExtrapolateSession(SessionForecastCall call,
                                 Done<ForecastResult> done) {
  auto batch = std::make_shared<ItemBatch>();
  batch->items.push_back({.session_id = call.session_id,
                          .want = Want::kState,
                          .min_step = call.min_step});
  batch->deadline = call.deadline;
  batch->sink = std::make_shared<ReadSink>(
      [this, call = std::move(call),
       done = std::move(done)](const ItemBatch& read) mutable {
        Extrapolate(read, std::move(call), std::move(done));
      });
  if (auto status = batch->Seal(); !status.ok()) {
    return RefuseAll(batch, status);
  }
  Submit(batch);
}

void Service::Extrapolate(const ItemBatch& read, SessionForecastCall call,
                          Done<ForecastResult> done) {
  const ItemResult& result = read.results[0];
  if (!result.status.ok()) return done(result.status);
  const std::shared_ptr<const Servable> model = read.ModelOf(0);
  if (auto s = CheckWant(*model, Want::kForecast); !s.ok()) return done(s);
  WholeSequence whole{.model = model,
                      .state = std::get<SequenceState>(*result.answer),
                      .known = std::move(call.known),
                      .horizon = call.horizon,
                      .deadline = call.deadline};
  if (auto s = CheckWholeSequence(whole, options_.max_sequence_steps);
      !s.ok()) {
    return done(s);
  }
  whole.done = [forecast = ForecastResult{.model = model,
                                          .applied_step = result.applied_step,
                                          .durable_step = result.durable_step},
                done = std::move(done)](absl::StatusOr<Answer> answer) mutable {
    if (!answer.ok()) return done(answer.status());
    forecast.forecast = std::get<Forecast>(*std::move(answer));
    done(std::move(forecast));
  };
  SubmitWhole(std::move(whole));
}

}  // namespace recur
