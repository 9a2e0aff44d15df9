#include "client/load/reply_intake.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/sdk/status_conversion.h"

namespace recur::load {
namespace {

bool Fits(int column, int items) { return column == 0 || column == items; }

}  // namespace

ReplyIntake::ReplyIntake(const Options& options, StreamSessions* sessions,
                         LoadStats* stats)
    : options_(options), sessions_(sessions), stats_(stats) {}

void ReplyIntake::Take(const v1::ItemReplies& replies, TimePoint now) {
  if (!CheckColumns(replies)) return;
  const int count = replies.item_size();
  items_.assign(options_.checked == nullptr ? 0 : count, {});
  for (int i = 0; i < count; ++i) TakeItem(replies, i, now);
  EndRun(now);
  CheckAnswers(replies);
}

void ReplyIntake::Take(const v1::Watermarks& marks, TimePoint now) {
  const int count = std::min(marks.handle_size(), marks.durable_step_size());
  for (int i = 0; i < count; ++i) {
    sessions_->durable.Durable(marks.handle(i), marks.durable_step(i), now,
                               stats_);
  }
}

// Also spreads the errors by index.
bool ReplyIntake::CheckColumns(const v1::ItemReplies& replies) {
  const int count = replies.item_size();
  bool fits = Fits(replies.handle_size(), count) &&
              Fits(replies.step_size(), count) &&
              Fits(replies.applied_step_size(), count) &&
              Fits(replies.durable_step_size(), count);
  errors_.assign(replies.errors().empty() ? 0 : count, nullptr);
  for (const v1::ItemError& error : replies.errors()) {
    fits = fits && error.index() < static_cast<uint32_t>(count);
    if (fits) errors_[error.index()] = &error;
  }
  if (!fits) {
    stats_->OnWrong(
        absl::StrCat("the columns of ", count, " replies are uneven"));
  }
  return fits;
}

void ReplyIntake::TakeItem(const v1::ItemReplies& replies, int index,
                           TimePoint now) {
  const auto answered = sessions_->sent.Answer(replies.item(index));
  if (answered.message == nullptr) {
    stats_->OnWrong(absl::StrFormat(
        "item %d is answered, which waits for no answer", replies.item(index)));
    return;
  }
  if (run_.intended != answered.message->intended) {
    EndRun(now);
    run_.intended = answered.message->intended;
  }
  if (!errors_.empty() && errors_[index] != nullptr) {
    TakeError(replies, index, answered);
  } else {
    sessions_->steps.Applied(answered.item.session);
    CheckItem(replies, index, answered.item);
    if (!items_.empty()) items_[index] = answered.item;
    if (!replies.durable_step().empty()) {
      sessions_->durable.Durable(answered.item.session,
                                 replies.durable_step(index), now, stats_);
    }
    ++run_.applied;
  }
  if (answered.message->unanswered == 0) stats_->OnMessageDone(now);
}

void ReplyIntake::TakeError(const v1::ItemReplies& replies, int index,
                            const SentMessages::Answered& answered) {
  stats_->OnError(answered.message->intended,
                  client::ToAbslStatus(errors_[index]->status()));
  const uint64_t next =
      replies.applied_step().empty()
          ? answered.item.last_step - options_.steps_per_item + 1
          : replies.applied_step(index) + 1;
  sessions_->steps.Refused(answered.item.session, static_cast<uint32_t>(next));
  sessions_->durable.Refused(answered.item.session, next);
}

void ReplyIntake::CheckItem(const v1::ItemReplies& replies, int index,
                            const SentMessages::Item& item) {
  const bool same =
      (replies.handle().empty() || replies.handle(index) == item.session) &&
      (replies.step().empty() || replies.step(index) == item.last_step) &&
      (replies.applied_step().empty() ||
       replies.applied_step(index) >= item.last_step);
  if (same) return;
  const auto told = [index](const auto& column) {
    return column.empty() ? 0 : column[index];
  };
  stats_->OnWrong(absl::StrFormat(
      "item %d was step %d of handle %d; the reply is for step %d of handle "
      "%d, with step %d applied",
      replies.item(index), item.last_step, item.session, told(replies.step()),
      told(replies.handle()), told(replies.applied_step())));
}

void ReplyIntake::CheckAnswers(const v1::ItemReplies& replies) {
  for (uint32_t index : replies.duplicate()) {
    stats_->OnWrong(absl::StrCat("reply ", index, " of a message with ",
                                 replies.item_size(),
                                 " is called a duplicate; each step was sent "
                                 "once"));
  }
  if (!options_.answers_wanted) return;
  const int missing =
      replies.item_size() - replies.errors_size() - replies.answers_size();
  for (int i = 0; i < missing; ++i) {
    stats_->OnWrong(absl::StrFormat(
        "a message has %d answers and %d errors for %d items",
        replies.answers_size(), replies.errors_size(), replies.item_size()));
  }
  if (options_.checked == nullptr) return;
  for (const v1::ItemAnswer& answer : replies.answers()) CheckSums(answer);
}

void ReplyIntake::CheckSums(const v1::ItemAnswer& answer) {
  // What is of no item that was applied has been told.
  if (answer.index() >= items_.size()) return;
  const SentMessages::Item& item = items_[answer.index()];
  if (item.last_step == 0) return;
  const uint64_t session = uint64_t{sessions_->first} + item.session;
  const auto& sums = answer.forecast().point();
  const int features = options_.checked->features();
  if (sums.size() != features) {
    stats_->OnWrong(absl::StrFormat(
        "session %d has %d sums at step %d; the model has %d inputs", session,
        sums.size(), item.last_step, features));
    return;
  }
  const double expected = options_.checked->Sum(session, item.last_step);
  for (int c = 0; c < features; ++c) {
    if (sums[c] == expected * (c + 1)) continue;
    stats_->OnWrong(absl::StrFormat(
        "session %d has the sum %.9g of input %d at step %d; it is %.9g",
        session, sums[c], c, item.last_step, expected * (c + 1)));
    return;
  }
}

void ReplyIntake::EndRun(TimePoint now) {
  if (run_.applied > 0) {
    stats_->OnApplied(run_.intended, now, run_.applied,
                      run_.applied * options_.steps_per_item);
  }
  run_.applied = 0;
}

}  // namespace recur::load
