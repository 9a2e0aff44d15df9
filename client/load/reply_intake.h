// Takes in a stream's replies: finds the items that they answer, counts them,
// and looks for what must not be: an item answered twice, or by another handle
// or step; a duplicate, since every step is sent once; an answer missing; a
// wrong sum. What went wrong is told to the stats in words.
//
// Of a server it needs the columns `item`, and `errors` and `answers` where
// there are some; handle, step and applied_step are checked if they are
// there. Items whose steps are said to be durable are counted as such. One
// thread at a time; nothing is allocated where nothing is wrong.
#ifndef RECUR_CLIENT_LOAD_REPLY_INTAKE_H_
#define RECUR_CLIENT_LOAD_REPLY_INTAKE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "client/load/checked_values.h"
#include "client/load/load_clock.h"
#include "client/load/load_stats.h"
#include "client/load/stream_sessions.h"
#include "recur/v1/recur.pb.h"

namespace recur::load {

class ReplyIntake {
 public:
  struct Options {
    uint32_t steps_per_item = 1;
    bool answers_wanted = false;
    const CheckedValues* checked = nullptr;  // sums are not looked at
  };

  // All must outlive the intake.
  ReplyIntake(const Options& options, StreamSessions* sessions,
              LoadStats* stats);

  void Take(const v1::ItemReplies& replies, TimePoint now);
  void Take(const v1::Watermarks& marks, TimePoint now);

 private:
  // Items of one message, one after the other in the replies.
  struct Run {
    TimePoint intended;
    uint64_t applied = 0;
  };

  bool CheckColumns(const v1::ItemReplies& replies);
  void TakeItem(const v1::ItemReplies& replies, int index, TimePoint now);
  void TakeError(const v1::ItemReplies& replies, int index,
                 const SentMessages::Answered& answered);
  void CheckItem(const v1::ItemReplies& replies, int index,
                 const SentMessages::Item& item);
  void CheckAnswers(const v1::ItemReplies& replies);
  void CheckSums(const v1::ItemAnswer& answer);
  void EndRun(TimePoint now);

  const Options options_;
  StreamSessions* const sessions_;
  LoadStats* const stats_;
  Run run_;
  std::vector<const v1::ItemError*> errors_;  // by index; empty if none
  std::vector<SentMessages::Item> items_;     // by index
};

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_REPLY_INTAKE_H_
