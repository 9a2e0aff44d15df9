#include "server/lane/lane.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/lane/run.h"

namespace recur {
namespace {

absl::Status QueueFull(size_t queued) {
  return ErrorWithReason(
      absl::StatusCode::kResourceExhausted, "queue_full",
      absl::StrFormat("%d items wait on this lane, which is its limit",
                      queued));
}

}  // namespace

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
  if (auto status = Prepare(request.model); !status.ok()) return status;
  const size_t before = table_.size();
  auto entry = table_.Open(request, now);
  if (!entry.ok()) return entry.status();
  if (table_.size() > before) stats_.sessions_opened.Add();
  UpdateGauges();
  return InfoOf(**entry, now);
}

absl::StatusOr<SessionInfo> Lane::Get(absl::string_view id,
                                      TimePoint now) const {
  auto entry = table_.Find(id);
  if (!entry.ok()) return entry.status();
  return InfoOf(**entry, now);
}

absl::StatusOr<uint64_t> Lane::Close(absl::string_view id) {
  auto entry = table_.Close(id);
  if (!entry.ok()) return entry.status();
  if (*entry == nullptr) return 0;
  stats_.sessions_closed.Add();
  RefuseWaiting(entry->get(), table_.Find(id).status());
  TellSinks();
  UpdateGauges();
  return (*entry)->session.applied_step;
}

std::vector<SessionInfo> Lane::List(absl::string_view after,
                                    absl::string_view model, size_t limit,
                                    TimePoint now) const {
  std::vector<SessionInfo> infos;
  for (const auto& entry : table_.List(after, model, limit)) {
    infos.push_back(InfoOf(*entry, now));
  }
  return infos;
}

void Lane::Submit(const std::shared_ptr<ItemBatch>& batch,
                  absl::Span<const uint32_t> indices, TimePoint now) {
  for (uint32_t index : indices) {
    ++queued_items_;
    if (queued_items_ > options_.max_queued_items) {
      Refuse(nullptr, batch, index, QueueFull(options_.max_queued_items));
      continue;
    }
    auto entry = table_.Find(batch->items[index].session_id);
    if (!entry.ok()) {
      Refuse(nullptr, batch, index, entry.status());
    } else if ((*entry)->running) {
      (*entry)->waiting.emplace_back(batch, index);
    } else {
      StartItem(*entry, batch, index, now);
    }
  }
  TellSinks();
  UpdateGauges();
}

void Lane::Submit(WholeSequence sequence, TimePoint now) {
  const bool full = queued_items_ >= options_.max_queued_items;
  auto slot = full ? QueueFull(queued_items_) : SlotOf(sequence.model);
  if (!slot.ok()) {
    sequence.done(slot.status());
    return;
  }
  sequence.arrived = now;
  auto run = std::make_unique<Run>(std::move(sequence), *slot);
  ++queued_items_;
  const bool bidirectional = run->model->spec.network.bidirectional;
  const RunId id = AddRun(std::move(run));
  if (bidirectional) {
    bidirectional_.push_back(id);
  } else {
    batcher_.Add(id, *slot, /*bulk=*/true);
  }
  UpdateGauges();
}

RunId Lane::AddRun(std::unique_ptr<Run> run) {
  if (free_runs_.empty()) {
    runs_.push_back(std::move(run));
    return static_cast<RunId>(runs_.size() - 1);
  }
  const RunId id = free_runs_.back();
  free_runs_.pop_back();
  runs_[id] = std::move(run);
  return id;
}

void Lane::StartItem(const std::shared_ptr<TableEntry>& entry,
                     std::shared_ptr<ItemBatch> batch, uint32_t index,
                     TimePoint now) {
  ItemPlan plan;
  if (auto status = PlanItem(*entry, *batch, index, &plan); !status.ok()) {
    return Refuse(entry.get(), batch, index, status);
  }
  auto slot = SlotOf(entry->model);
  if (!slot.ok()) return Refuse(entry.get(), batch, index, slot.status());
  entry->session.last_used = now;
  stats_.steps_duplicate.Add(plan.decision.duplicates);
  auto run = std::make_unique<Run>(entry, std::move(batch), index,
                                   std::move(plan), *slot);
  if (run->observations > 0) {
    entry->running = true;
    batcher_.Add(AddRun(std::move(run)), *slot, /*bulk=*/false);
  } else {
    AnswerAgain(std::move(run));
  }
}

void Lane::AnswerAgain(std::unique_ptr<Run> run) {
  const Session& session = run->entry->session;
  const uint64_t step = run->last_step();
  std::shared_ptr<const Answer> kept;
  if (run->wants_answer() && !run->is_read()) {
    kept = session.window.AnswerAfter(step);
  }
  if (run->wants_answer() && kept == nullptr && step == session.applied_step) {
    run->entry->running = true;
    ready_.push_back(AddRun(std::move(run)));
    return;
  }
  SetItemResult(*run, std::move(kept));
}

void Lane::StartWaiting(const std::shared_ptr<TableEntry>& entry,
                        TimePoint now) {
  while (!entry->running && !entry->waiting.empty()) {
    auto [batch, index] = std::move(entry->waiting.front());
    entry->waiting.pop_front();
    StartItem(entry, std::move(batch), index, now);
  }
}

void Lane::RefuseWaiting(TableEntry* entry, const absl::Status& status) {
  while (!entry->waiting.empty()) {
    const auto [batch, index] = std::move(entry->waiting.front());
    entry->waiting.pop_front();
    Refuse(nullptr, batch, index, status);
  }
}

void Lane::Refuse(const TableEntry* entry,
                  const std::shared_ptr<ItemBatch>& batch, uint32_t index,
                  absl::Status status) {
  stats_.steps_refused.Add(batch->items[index].steps);
  ItemResult& result = batch->results[index];
  result.status = std::move(status);
  if (entry != nullptr) {
    result.model = entry->model;
    result.applied_step = entry->session.applied_step;
  }
  told_.emplace_back(batch, index);
}

void Lane::SetItemResult(const Run& run, std::shared_ptr<const Answer> answer) {
  ItemResult& result = run.batch->results[run.index];
  result = {.model = run.entry->model,
            .step = run.last_step(),
            .applied_step = run.entry->session.applied_step,
            .duplicate = run.observations == 0 && !run.is_read(),
            .answer = std::move(answer)};
  told_.emplace_back(run.batch, run.index);
}

void Lane::TellSinks() {
  std::vector<uint32_t> indices;
  for (size_t i = 0; i < told_.size();) {
    const std::shared_ptr<ItemBatch> batch = told_[i].first;
    indices.clear();
    for (; i < told_.size() && told_[i].first == batch; ++i) {
      indices.push_back(told_[i].second);
    }
    queued_items_ -= indices.size();
    batch->sink->ItemsDone(batch, indices);
  }
  told_.clear();
}

bool Lane::idle() const {
  return batcher_.waiting() == 0 && ready_.empty() && bidirectional_.empty();
}

void Lane::Housekeep(TimePoint now) {
  stats_.sessions_expired.Add(table_.Expire(now));
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
}

}  // namespace recur
