// Lane: results on their way to the sinks that wait for them.

#include <utility>

#include "server/lane/lane.h"
#include "server/lane/run.h"

namespace recur {

Lane::DeliveryId Lane::TakeDelivery(const std::shared_ptr<ItemBatch>& batch,
                                    size_t items) {
  if (free_deliveries_.empty()) {
    free_deliveries_.push_back(static_cast<DeliveryId>(deliveries_.size()));
    deliveries_.push_back(std::make_unique<Delivery>());
  }
  const DeliveryId id = free_deliveries_.back();
  free_deliveries_.pop_back();
  std::unique_ptr<Receiver>& receiver = receivers_[batch->sink.get()];
  if (receiver == nullptr) receiver = TakeReceiver();
  receiver->sink = batch->sink.get();
  ++receiver->deliveries;
  *deliveries_[id] = {batch, receiver.get(), items, items};
  return id;
}

std::unique_ptr<Lane::Receiver> Lane::TakeReceiver() {
  if (free_receivers_.empty()) return std::make_unique<Receiver>();
  std::unique_ptr<Receiver> receiver = std::move(free_receivers_.back());
  free_receivers_.pop_back();
  return receiver;
}

void Lane::ReleaseDelivery(DeliveryId id) {
  Delivery& delivery = *deliveries_[id];
  if (--delivery.receiver->deliveries == 0) {
    const auto receiver = receivers_.find(delivery.receiver->sink);
    free_receivers_.push_back(std::move(receiver->second));
    receivers_.erase(receiver);
  }
  delivery = {};
  free_deliveries_.push_back(id);
}

void Lane::Refuse(DeliveryId delivery, uint32_t index, absl::Status status) {
  ItemBatch& batch = *deliveries_[delivery]->batch;
  const Item& item = batch.items[index];
  stats_.steps_refused.Add(item.steps);
  ItemResult& result = batch.results[index];
  result.status = std::move(status);
  if (item.session) {
    result.applied_step = item.session->session.applied_step;
    result.durable_step = DurableOf(batch, index);
  }
  Done(delivery, index);
}

void Lane::SetItemResult(const Run& run, std::shared_ptr<const Answer> answer,
                         TimePoint now) {
  if (run.record->moved) {
    return Refuse(run.delivery, run.index,
                  SessionMoved(run.record->session.id));
  }
  ItemResult& result = run.batch->results[run.index];
  result.step = run.last_step();
  result.applied_step = run.record->session.applied_step;
  result.duplicate = run.observations == 0 && !run.is_read();
  result.durable_step = DurableOf(*run.batch, run.index);
  result.answer = std::move(answer);
  if (keeping_ != nullptr && Hold(run, now)) return;
  Done(run.delivery, run.index);
}

void Lane::Done(DeliveryId delivery, uint32_t index) {
  Delivery& of = *deliveries_[delivery];
  Receiver& receiver = *of.receiver;
  if (receiver.results.empty()) untold_.push_back(&receiver);
  receiver.results.push_back({delivery, index});
  if (--of.undone == 0) receiver.due = receiver.results.size();
}

void Lane::TellSinks(bool all, TimePoint now) {
  size_t kept = 0;
  for (size_t i = 0; i < untold_.size(); ++i) {
    Receiver* receiver = untold_[i];
    if (!receiver->held_since.has_value()) receiver->held_since = now;
    const bool expired =
        now - *receiver->held_since >= options_.max_result_hold;
    const size_t results = receiver->results.size();
    const size_t tell = all || expired ? results : receiver->due;
    if (tell < results) untold_[kept++] = receiver;
    if (tell > 0) Tell(receiver, tell);
  }
  untold_.resize(kept);
}

void Lane::Tell(Receiver* receiver, size_t results) {
  queued_items_ -= results;
  const auto first = receiver->results.begin();
  const auto end = first + static_cast<ptrdiff_t>(results);
  for (auto from = first; from != end;) {
    const DeliveryId id = from->delivery;
    telling_.clear();
    for (; from != end && from->delivery == id; ++from) {
      telling_.push_back(from->index);
    }
    Delivery& delivery = *deliveries_[id];
    delivery.untold -= telling_.size();
    if (delivery.untold == 0) finished_.push_back(id);
    receiver->sink->ItemsDone(delivery.batch, telling_);
  }
  receiver->results.erase(first, end);
  receiver->due = 0;
  receiver->held_since.reset();
  // Last, for a receiver ends with its last delivery.
  for (const DeliveryId id : finished_) ReleaseDelivery(id);
  finished_.clear();
}

}  // namespace recur
