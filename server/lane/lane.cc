#include "server/lane/lane.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/lane/keeping.h"
#include "server/lane/run.h"

namespace recur {
namespace {

// How far ahead of its turn a session's record is fetched.
constexpr size_t kPrefetchItems = 8;

SequenceState CopyOf(const Session& session) {
  SequenceState copy;
  copy.hidden.assign(session.hidden.begin(), session.hidden.end());
  static_cast<FeatureClock&>(copy.features) = session.clock;
  copy.features.values.assign(session.feature_values.begin(),
                              session.feature_values.end());
  return copy;
}

}  // namespace

absl::Status QueueFull(size_t queued) {
  return ErrorWithReason(
      absl::StatusCode::kResourceExhausted, "queue_full",
      absl::StrFormat("%d items wait on this lane, which is its limit",
                      queued));
}

Lane::Lane(const Options& options)
    : options_(options),
      table_(options.sessions),
      batcher_(options.max_batch_rows) {}

Lane::~Lane() = default;

absl::StatusOr<ModelId> Lane::SlotOf(
    const std::shared_ptr<const Servable>& model) {
  const auto found = slot_of_.find(model.get());
  if (found != slot_of_.end()) {
    if (!slots_[found->second]->model.expired()) return found->second;
    // Another model has come to live at the address of one that is gone.
    slots_[found->second].reset();
    slot_of_.erase(found);
  }
  auto workspace = model->engine->CreateWorkspace(options_.max_batch_rows);
  if (!workspace.ok()) return workspace.status();
  size_t id = 0;
  while (id < slots_.size() && slots_[id] != nullptr) ++id;
  if (id == slots_.size()) slots_.emplace_back();
  slots_[id] = std::make_unique<EngineSlot>(
      EngineSlot{model, model->engine, *std::move(workspace)});
  slot_of_[model.get()] = static_cast<ModelId>(id);
  return static_cast<ModelId>(id);
}

absl::Status Lane::Prepare(const std::shared_ptr<const Servable>& model) {
  return SlotOf(model).status();
}

absl::StatusOr<SessionInfo> Lane::Open(const OpenRequest& request,
                                       TimePoint now) {
  auto slot = SlotOf(request.model);
  if (!slot.ok()) return slot.status();
  const size_t before = table_.size();
  auto entry = table_.Open(request, now);
  if (!entry.ok()) return entry.status();
  if (table_.size() > before) {
    (*entry)->engine_slot = *slot;
    stats_.sessions_opened.Add();
    if (!request.numerics_changed_from.empty()) stats_.numerics_changed.Add();
  }
  UpdateGauges();
  SessionInfo info = InfoOf(*entry, now);
  info.numerics_changed_from = request.numerics_changed_from;
  return info;
}

absl::StatusOr<SessionInfo> Lane::Get(absl::string_view id,
                                      TimePoint now) const {
  auto entry = table_.Find(id);
  if (!entry.ok()) return entry.status();
  return InfoOf(*entry, now);
}

absl::StatusOr<uint64_t> Lane::Close(absl::string_view id) {
  auto entry = table_.Close(id);
  if (!entry.ok()) return entry.status();
  if (!*entry) return 0;
  stats_.sessions_closed.Add();
  RefuseWaiting(entry->get(), table_.Find(id).status());
  TellSinks(/*all=*/true, TimePoint());
  UpdateGauges();
  return (*entry)->session.applied_step;
}

SessionList Lane::List(absl::string_view after, absl::string_view model,
                       size_t limit, TimePoint now) const {
  SessionTable::Page page = table_.List(after, model, limit);
  SessionList list{.next = std::move(page.next)};
  for (const auto& entry : page.sessions) {
    list.sessions.push_back(InfoOf(entry, now));
  }
  return list;
}

void Lane::Submit(const std::shared_ptr<ItemBatch>& batch,
                  absl::Span<const uint32_t> indices, TimePoint now) {
  if (indices.empty()) return;
  const DeliveryId delivery = TakeDelivery(batch, indices.size());
  for (size_t i = 0; i < indices.size(); ++i) {
    if (i + kPrefetchItems < indices.size()) {
      const Item& ahead = batch->items[indices[i + kPrefetchItems]];
      if (ahead.session) SessionRecord::Prefetch(ahead.session.get());
    }
    SubmitItem(delivery, indices[i]);
  }
  TellSinks(idle(), now);
  UpdateGauges();
}

void Lane::SubmitItem(DeliveryId delivery, uint32_t index) {
  ++queued_items_;
  if (queued_items_ > options_.max_queued_items) {
    return Refuse(delivery, index, QueueFull(options_.max_queued_items));
  }
  Enqueue(delivery, index);
}

void Lane::Enqueue(DeliveryId delivery, uint32_t index) {
  ItemBatch* batch = deliveries_[delivery]->batch.get();
  if (auto status = FindSession(batch, index); !status.ok()) {
    if (keeping_ != nullptr && !batch->items[index].session) {
      return ParkItem(batch->SessionIdOf(index), {delivery, index});
    }
    return Refuse(delivery, index, std::move(status));
  }
  SessionRecord* record = batch->items[index].session.get();
  const RunId id = AddRun(Run(delivery, batch, index));
  if (record->running()) {
    runs_[record->last_run].next = id;
    record->last_run = id;
    return;
  }
  record->first_run = record->last_run = id;
  QueueFirst(record);
}

absl::Status Lane::FindSession(ItemBatch* batch, uint32_t index) const {
  SessionPtr& session = batch->items[index].session;
  if (session && !session->ended) return absl::OkStatus();
  if (session && session->moved) return SessionMoved(session->session.id);
  // Once it has ended, a new session may have its id.
  auto found = table_.Find(batch->SessionIdOf(index));
  if (!found.ok()) return found.status();
  session = *std::move(found);
  return absl::OkStatus();
}

absl::Status Lane::CheckQueue(size_t bytes) const {
  if (queued_items_ >= options_.max_queued_items) {
    return QueueFull(queued_items_);
  }
  if (queued_bytes_ == 0 ||
      queued_bytes_ + bytes <= options_.max_queued_bytes) {
    return absl::OkStatus();
  }
  return ErrorWithReason(
      absl::StatusCode::kResourceExhausted, "queue_full",
      absl::StrFormat("whole sequences of %d bytes wait on this lane; %d more "
                      "exceed the limit of %d",
                      queued_bytes_, bytes, options_.max_queued_bytes));
}

void Lane::Submit(WholeSequence sequence, TimePoint now) {
  const size_t bytes = sequence.bytes();
  const absl::Status room = CheckQueue(bytes);
  auto slot = room.ok() ? SlotOf(sequence.model) : room;
  if (!slot.ok()) {
    sequence.done(slot.status());
    return;
  }
  sequence.arrived = now;
  ++queued_items_;
  queued_bytes_ += bytes;
  const bool bidirectional = sequence.model->spec.network.bidirectional;
  const RunId id = AddRun(Run(std::move(sequence), *slot));
  runs_[id].whole->bytes = bytes;
  if (bidirectional) {
    bidirectional_.push_back(id);
  } else if (runs_[id].observations == 0) {
    ready_.push_back(id);
  } else {
    batcher_.Add(id, *slot, /*bulk=*/true);
  }
  UpdateGauges();
}

RunId Lane::AddRun(Run run) {
  if (free_runs_.empty()) {
    runs_.push_back(std::move(run));
    return static_cast<RunId>(runs_.size() - 1);
  }
  const RunId id = free_runs_.back();
  free_runs_.pop_back();
  runs_[id] = std::move(run);
  return id;
}

void Lane::ReleaseRun(RunId id) {
  Run& run = runs_[id];
  if (run.whole == nullptr && run.started()) free_works_.push_back(run.work);
  run = Run();
  free_runs_.push_back(id);
}

Lane::Work* Lane::TakeWork() {
  if (free_works_.empty()) {
    works_.push_back(std::make_unique<Work>());
    return works_.back().get();
  }
  Work* work = free_works_.back();
  free_works_.pop_back();
  return work;
}

// False if it has its result already and takes no step.
bool Lane::Start(RunId id, TimePoint now) {
  Run& run = runs_[id];
  if (run.started()) return true;
  SessionRecord& record = *run.record;
  if (record.ended) return RefuseEnded(id);
  Work* work = TakeWork();
  if (keeping_ != nullptr && keeping_->shared) {
    // Another server may have taken it over: the commit will tell.
    MarkDirty(run.item().session, now);
  }
  if (auto status = PlanItem(record, *run.batch, run.index, &work->plan,
                             /*durable=*/keeping_ != nullptr);
      !status.ok()) {
    free_works_.push_back(work);
    Refuse(run.delivery, run.index, std::move(status));
  } else {
    run.Start(work);
    record.session.last_used = now;
    if (work->plan.decision.duplicates > 0) {
      stats_.steps_duplicate.Add(work->plan.decision.duplicates);
    }
    if (run.observations > 0) return true;
    if (keeping_ != nullptr && record.StoredUseLags()) {
      MarkDirty(run.item().session, now);
    }
    if (AnswerAgain(id, now)) return false;
  }
  PopFirst(&record);
  QueueFirst(&record);
  return false;
}

// Its turn came only after the session had ended, or gone elsewhere. False, as
// Start.
bool Lane::RefuseEnded(RunId id) {
  const Run& run = runs_[id];
  SessionRecord* record = run.record;
  const absl::string_view session = record->session.id;
  Refuse(run.delivery, run.index,
         record->moved ? SessionMoved(session) : table_.NotFound(session));
  PopFirst(record);
  QueueFirst(record);
  return false;
}

// Whether the answer is still to come.
bool Lane::AnswerAgain(RunId id, TimePoint now) {
  const Run& run = runs_[id];
  const Session& session = run.record->session;
  const uint64_t step = run.last_step();
  std::shared_ptr<const Answer> kept;
  if (run.wants_answer() && !run.is_read()) {
    kept = session.window.AnswerAfter(step);
  }
  if (run.wants_answer() && kept == nullptr && step == session.applied_step) {
    ready_.push_back(id);
    return true;
  }
  if (run.item().want == Want::kState) {
    kept = std::make_shared<const Answer>(CopyOf(session));
  }
  SetItemResult(run, std::move(kept), now);
  return false;
}

void Lane::QueueFirst(SessionRecord* record) {
  if (!record->running()) return;
  const Run& run = runs_[record->first_run];
  batcher_.Add(record->first_run, run.slot, /*bulk=*/false);
}

void Lane::PopFirst(SessionRecord* record) {
  const RunId id = record->first_run;
  record->first_run = runs_[id].next;
  if (!record->running()) record->last_run = SessionRecord::kNoRun;
  ReleaseRun(id);
}

void Lane::RefuseWaiting(SessionRecord* record, const absl::Status& status) {
  if (!record->running()) return;
  Run& first = runs_[record->first_run];
  while (first.next != SessionRecord::kNoRun) {
    const RunId id = first.next;
    first.next = runs_[id].next;
    Refuse(runs_[id].delivery, runs_[id].index, status);
    ReleaseRun(id);
  }
  record->last_run = record->first_run;
}

bool Lane::idle() const {
  return batcher_.waiting() == 0 && ready_.empty() && bidirectional_.empty();
}

void Lane::Housekeep(TimePoint now) {
  if (keeping_ != nullptr) {
    HousekeepKept(now);
  } else {
    stats_.sessions_expired.Add(table_.Expire(now));
  }
  for (auto slot = slot_of_.begin(); slot != slot_of_.end();) {
    const auto at = slot++;
    if (!slots_[at->second]->model.expired()) continue;
    slots_[at->second].reset();
    slot_of_.erase(at);
  }
  UpdateGauges();
}

void Lane::UpdateGauges() {
  stats_.sessions_live.Set(static_cast<int64_t>(table_.size()));
  stats_.session_bytes.Set(static_cast<int64_t>(table_.bytes()));
  stats_.queued_items.Set(static_cast<int64_t>(queued_items_));
  if (keeping_ != nullptr) keeping_->UpdateGauges(&stats_);
}

}  // namespace recur
