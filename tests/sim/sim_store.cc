#include "tests/sim/sim_store.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "server/store/commit_rule.h"
#include "server/store/row_bytes.h"

namespace recur::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr Duration kTimeout = milliseconds(250);  // of a call over the network
constexpr size_t kMaxChanges = 4096;              // that can be gone back

absl::Status NoAnswer() { return absl::UnavailableError("no answer in time"); }

// A record of the disk's log as it is found after the power has failed: rows
// one after the other, cut anywhere. It counts only if all of it is there.
bool IsWhole(const std::vector<WrittenRow>& rows, uint64_t cut) {
  std::string record;
  std::vector<size_t> ends;
  for (const WrittenRow& row : rows) {
    const StoredSession& of = row.stored;
    const RowHeader header = EncodeRowHeader(
        row.id, {of.epoch, of.step, of.keep_until_us, of.snapshot});
    record.append(header.data(), header.size());
    record += of.snapshot;
    ends.push_back(record.size());
  }
  record.resize(cut % record.size());
  size_t begin = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const absl::string_view left = absl::string_view(record).substr(begin);
    if (!DecodeRow(rows[i].id, left.substr(0, ends[i] - begin)).ok()) {
      return false;
    }
    begin = ends[i];
  }
  return true;
}

}  // namespace

int64_t SimStore::WallUs() const {
  return int64_t{1'700'000'000'000'000} +
         std::chrono::duration_cast<microseconds>(
             loop_->now().time_since_epoch())
             .count();
}

const StoredSession* SimStore::Find(const std::string& id) const {
  const auto row = rows_.find(id);
  if (row == rows_.end() || row->second.keep_until_us <= WallUs()) {
    return nullptr;
  }
  return &row->second;
}

// As a RocksDB that has met a full disk: it is opened again when there is room.
bool SimStore::CanWrite() {
  if (!stuck_) return true;
  if (full.At(loop_->now())) return false;
  stuck_ = false;
  doubtful_.clear();
  for (const WrittenRow& row : std::exchange(in_log_, {})) {
    Put(row, in_log_of_);
  }
  return true;
}

void SimStore::MeetFullDisk(const std::vector<WrittenRow>& rows, int run) {
  stuck_ = true;
  for (const WrittenRow& row : rows) doubtful_.insert(row.id);
  if (!dice_.Percent(50)) return;
  in_log_ = rows;
  in_log_of_ = run;
}

absl::StatusOr<std::optional<StoredSession>> SimStore::Load(
    const std::string& id, SessionStore::Access access, int run, bool late) {
  const bool claim = access == SessionStore::Access::kClaim;
  if (!CanWrite() && (claim || doubtful_.contains(id))) {
    judge_->Fired(full.fault);
    return absl::UnavailableError("no space left");
  }
  const StoredSession* row = Find(id);
  if (row == nullptr) return std::nullopt;
  if (!claim) return *row;
  changes_.push_back({loop_->now(), id, *row, /*synced=*/!local_});
  judge_->Claimed(id, run, late);
  ++rows_[id].epoch;
  return rows_[id];
}

std::vector<CommitOutcome> SimStore::Commit(const std::vector<WrittenRow>& rows,
                                            int run) {
  if (!CanWrite()) {
    judge_->Fired(full.fault);
    return std::vector<CommitOutcome>(rows.size(), CommitOutcome::kUnknown);
  }
  std::vector<CommitOutcome> outcomes;
  std::vector<WrittenRow> accepted;
  for (const WrittenRow& row : rows) {
    std::optional<RowVersion> there;
    if (const StoredSession* old = Find(row.id))
      there = {old->epoch, old->step};
    const CommitRow judged{.id = row.id,
                           .epoch = row.stored.epoch,
                           .step = row.stored.step,
                           .keep_until_us = row.stored.keep_until_us,
                           .snapshot = row.stored.snapshot,
                           .create = row.create};
    outcomes.push_back(JudgeCommit(there, judged, WallUs()));
    if (outcomes.back() == CommitOutcome::kCommitted) accepted.push_back(row);
  }
  if (full.At(loop_->now()) && !accepted.empty()) {
    judge_->Fired(full.fault);
    MeetFullDisk(accepted, run);
    for (CommitOutcome& outcome : outcomes) {
      if (outcome == CommitOutcome::kCommitted) {
        outcome = CommitOutcome::kUnknown;
      }
    }
    return outcomes;
  }
  for (const WrittenRow& row : accepted) Put(row, run);
  for (Change& change : changes_) change.synced = true;
  return outcomes;
}

void SimStore::Put(const WrittenRow& row, int run) {
  Change change{.when = loop_->now(), .id = row.id};
  if (const StoredSession* old = Find(row.id)) change.before = *old;
  judge_->Committed(row.id, row.stored,
                    change.before.has_value() ? &*change.before : nullptr, run,
                    row.create);
  rows_[row.id] = row.stored;
  loop_->Fold(row.stored.step * 31 + row.stored.epoch);
  changes_.push_back(std::move(change));
  if (changes_.size() > kMaxChanges) changes_.pop_front();
}

std::vector<std::string> SimStore::Scan(const std::string& after,
                                        size_t limit) const {
  std::vector<std::string> ids;
  for (auto row = rows_.upper_bound(after);
       row != rows_.end() && ids.size() < limit; ++row) {
    ids.push_back(row->first);
  }
  return ids;
}

void SimStore::Undo(const Change& change) {
  if (change.before.has_value()) {
    rows_[change.id] = *change.before;
  } else {
    rows_.erase(change.id);
  }
}

void SimStore::RollBack(TimePoint to, size_t fault) {
  while (!changes_.empty() && changes_.back().when > to) {
    Undo(changes_.back());
    judge_->Reverted(changes_.back().id);
    judge_->Fired(fault);
    changes_.pop_back();
  }
}

void SimStore::LosePower() {
  while (!changes_.empty() && !changes_.back().synced) {
    Undo(changes_.back());
    changes_.pop_back();
  }
}

absl::StatusOr<std::optional<StoredSession>> StoreLink::Load(
    absl::string_view id, Access access) {
  using Row = absl::StatusOr<std::optional<StoredSession>>;
  auto row = std::make_shared<Row>(NoAnswer());
  auto call = std::make_shared<Call>();
  call->act = [store = store_, run = run_, id = std::string(id), access, row,
               of = call.get()] {
    *row = store->Load(id, access, run, /*late=*/of->over);
  };
  return Await(call) ? *row : Row(NoAnswer());
}

std::vector<CommitOutcome> StoreLink::Commit(absl::Span<const CommitRow> rows) {
  using Outcomes = std::vector<CommitOutcome>;
  auto outcomes = std::make_shared<Outcomes>();
  auto call = std::make_shared<Call>();
  for (const CommitRow& row : rows) call->rows.emplace_back(row);
  call->act = [store = store_, run = run_, of = call.get(), outcomes] {
    *outcomes = store->Commit(of->rows, run);
  };
  return Await(call) ? *outcomes
                     : Outcomes(rows.size(), CommitOutcome::kUnknown);
}

absl::StatusOr<std::vector<std::string>> StoreLink::Scan(
    absl::string_view after, size_t limit) {
  auto ids = std::make_shared<std::vector<std::string>>();
  auto call = std::make_shared<Call>();
  call->act = [store = store_, after = std::string(after), limit, ids] {
    *ids = store->Scan(after, limit);
  };
  if (!Await(call)) return NoAnswer();
  return *ids;
}

Duration StoreLink::WayThere(Call* call) {
  const TimePoint now = store_->loop()->now();
  Dice& dice = *store_->dice();
  if (!call->rows.empty() && store_->late.At(now)) {
    call->late_by = store_->late.fault;
    return dice.Between(kTimeout, milliseconds(3000));
  }
  if (store_->slow.At(now)) {
    store_->judge()->Fired(store_->slow.fault);
    return dice.Between(milliseconds(10), milliseconds(300));
  }
  return store_->local() ? dice.Between(microseconds(300), milliseconds(8))
                         : dice.Between(microseconds(50), milliseconds(3));
}

bool StoreLink::Await(const std::shared_ptr<Call>& call) {
  if (closed_) return false;
  call->waiter = Fiber::Current();
  calls_.push_back(call);
  const Duration way = WayThere(call.get());
  const Trouble& down = store_->down;
  const bool refused =
      down.At(store_->loop()->now()) && store_->dice()->Percent(50);
  if (refused) {
    store_->judge()->Fired(down.fault);
    process_->After(microseconds(200),
                    [this, call] { Settle(call, /*answered=*/false); });
  } else {
    // Nobody can call back what is on its way.
    store_->loop()->After(way, [this, call, store = store_] {
      if (call->acted) return;
      if (store->down.At(store->loop()->now())) {
        return store->judge()->Fired(store->down.fault);
      }
      call->acted = true;
      if (call->late_by.has_value()) store->judge()->Fired(*call->late_by);
      call->act();
      if (!call->over) Arrive(call);
    });
    if (!store_->local()) {
      process_->After(kTimeout,
                      [this, call] { Settle(call, /*answered=*/false); });
    }
  }
  Fiber::Wait();
  calls_.erase(std::find(calls_.begin(), calls_.end(), call));
  return call->answered;
}

// The answer to what was done goes back.
void StoreLink::Arrive(const std::shared_ptr<Call>& call) {
  if (store_->mute.At(store_->loop()->now())) {
    return store_->judge()->Fired(store_->mute.fault);
  }
  const Duration way =
      store_->dice()->Between(microseconds(20), milliseconds(1));
  process_->After(way, [this, call] { Settle(call, /*answered=*/true); });
}

void StoreLink::Settle(const std::shared_ptr<Call>& call, bool answered) {
  if (call->over) return;
  call->over = true;
  call->answered = answered;
  call->waiter->Resume();
}

bool StoreLink::Close(End end) {
  closed_ = true;
  bool torn = false;
  const std::vector<std::shared_ptr<Call>> calls = calls_;
  for (const auto& call : calls) {
    if (store_->local() && !call->acted) {
      call->acted = true;  // here and now, or never
      const bool write = !call->rows.empty();
      if (end == End::kPowerLost && write) {
        torn = true;
        if (IsWhole(call->rows, store_->dice()->Bits())) call->act();
      } else if (store_->dice()->Percent(50)) {
        call->act();
      }
    }
    Settle(call, /*answered=*/false);
  }
  if (store_->local() && end == End::kPowerLost) store_->LosePower();
  return torn;
}

}  // namespace recur::sim
