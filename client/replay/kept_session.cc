#include "client/replay/kept_session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/spec/error_reason.h"

namespace recur::client {

KeptSession::KeptSession(std::string session_id,
                         std::optional<uint64_t> acknowledged_step,
                         bool wait_durable, KeptTotals* totals)
    : session_id_(std::move(session_id)),
      wait_durable_(wait_durable),
      totals_(totals),
      acknowledged_(acknowledged_step) {}

KeptSession::~KeptSession() { TakeUnanswered(); }

void KeptSession::Add(Item item) {
  ++totals_->items;
  ++totals_->unanswered;
  totals_->bytes += item.bytes();
  entries_.push_back({.item = std::move(item)});
}

absl::Status KeptSession::Resume(bool durable, uint64_t resume_step,
                                 uint64_t durable_step) {
  const uint64_t safe = acknowledged_.value_or(0);
  if (resume_step <= safe) {
    absl::Status status = ErrorWithReason(
        absl::StatusCode::kFailedPrecondition, "session_behind",
        absl::StrCat("session \"", session_id_, "\" goes on from step ",
                     resume_step, "; step ", safe, " was acknowledged"));
    SetDetail(&status, "applied_step",
              absl::StrCat(std::max<uint64_t>(resume_step, 1) - 1));
    return status;
  }
  durable_ = durable;
  resume_step_ = resume_step;
  cursor_ = first_;
  if (durable_) Acknowledge(durable_step);
  return absl::OkStatus();
}

const Item* KeptSession::Peek() {
  for (; cursor_ < first_ + entries_.size(); ++cursor_) {
    const Entry& entry = At(cursor_);
    const bool has_it = entry.item.last_step() < resume_step_;
    if (!entry.refused && !(entry.answered && has_it)) return &entry.item;
  }
  return nullptr;
}

std::optional<KeptSession::Outgoing> KeptSession::Next() {
  if (Peek() == nullptr) return std::nullopt;
  const Entry& entry = At(cursor_);
  return Outgoing{.place = cursor_++,
                  .item = &entry.item,
                  .want = entry.answered ? Want::kAck : entry.item.want};
}

std::optional<uint64_t> KeptSession::Answer(uint64_t place) {
  if (!Keeps(place) || At(place).answered) return std::nullopt;
  Entry& entry = At(place);
  entry.answered = true;
  --totals_->unanswered;
  const uint64_t number = entry.item.number;
  if (!durable_ || wait_durable_) {
    acknowledged_ = std::max(acknowledged_.value_or(0), entry.item.last_step());
  }
  Settle();
  return number;
}

std::optional<uint64_t> KeptSession::Refuse(uint64_t place) {
  if (!Keeps(place) || At(place).answered) return std::nullopt;
  Entry& entry = At(place);
  entry.answered = true;
  entry.refused = true;
  --totals_->unanswered;
  const uint64_t number = entry.item.number;
  Release(entry);
  Settle();
  return number;
}

bool KeptSession::Acknowledge(uint64_t durable_step) {
  if (!durable_ || durable_step <= acknowledged_.value_or(0)) return false;
  acknowledged_ = durable_step;
  Settle();
  return true;
}

std::vector<KeptSession::Unanswered> KeptSession::TakeUnanswered() {
  std::vector<Unanswered> unanswered;
  for (const Entry& entry : entries_) {
    totals_->bytes -= entry.item.bytes();
    if (entry.answered) continue;
    unanswered.push_back({entry.item.number, entry.item.last_step()});
  }
  totals_->items -= entries_.size();
  totals_->unanswered -= unanswered.size();
  first_ += entries_.size();
  cursor_ = first_;
  entries_.clear();
  return unanswered;
}

bool KeptSession::Keeps(uint64_t place) const {
  return place >= first_ && place < first_ + entries_.size();
}

bool KeptSession::IsSafe(const Entry& entry) const {
  return entry.refused || (entry.answered &&
                           entry.item.last_step() <= acknowledged_.value_or(0));
}

// What an item that only waits for those before it takes is not worth keeping.
void KeptSession::Release(Entry& entry) {
  totals_->bytes -= entry.item.bytes();
  entry.item.values = {};
  entry.item.times_us = {};
  entry.item.known = {};
  totals_->bytes += entry.item.bytes();
}

void KeptSession::Settle() {
  while (!entries_.empty() && IsSafe(entries_.front())) {
    totals_->bytes -= entries_.front().item.bytes();
    --totals_->items;
    entries_.pop_front();
    ++first_;
  }
  cursor_ = std::max(cursor_, first_);
}

}  // namespace recur::client
