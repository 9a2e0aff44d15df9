// What a client does so that its sessions outlive its connection: keeps what
// is not acknowledged, attaches again, sends again, gives each answer once.
//
// Pure: no thread, no clock, no socket. The owner brings one connection after
// the other, carries messages both ways, and is told what to do; it works the
// same over gRPC (client/sdk) and in a simulator:
//
//   Replay replay(options, now);
//   replay.Attach(1, "boiler-7", std::nullopt);
//   replay.Push(1, item);                        // may be at once
//   replay.Connected(now);                       // a connection begins
//   while (auto out = replay.Next(now)) ...      // write it; else wait
//   replay.OnAttached(...); replay.OnReply(...); // what was read
//   for (auto& event : replay.TakeEvents()) ...  // after any call with `now`
//   pause = replay.Lost(status, now, chance);    // it ended: Connected again
//                                                // after the pause, or End
//
// After a loss items go out in a window that grows with each answer and begins
// smaller the more connections were lost in vain: a server that comes back is
// not flooded, and what no connection lives long enough for, or a server dies
// of, ends up alone.
//
// A session's items go out once its attach is answered, from the step that the
// server resumes from. An error that passes (full, not ready, moved) pauses
// that session; one that says elsewhere (draining), or a go-away, makes the
// connection `leaving`: nothing more goes out, the owner closes its sending
// half, reads what still comes until the end, and then calls Lost. A session
// that cannot go on fails alone, with the reason, and is never begun anew.
//
// Not thread safe. Events come in the order in which they happened.
#ifndef RECUR_CLIENT_REPLAY_REPLAY_H_
#define RECUR_CLIENT_REPLAY_REPLAY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/replay/item.h"
#include "client/replay/kept_session.h"
#include "client/replay/retry_schedule.h"
#include "client/replay/sent_items.h"

namespace recur::client {

class Replay {
 public:
  using TimePoint = RetrySchedule::TimePoint;
  using Duration = RetrySchedule::Duration;

  struct Options {
    // Items are answered once they are durable: an answer acknowledges.
    bool wait_durable = false;
    RetryOptions retry;
    // Steps of one session that may be under way at once; a single item always
    // may. Up to the server's answer window (4 steps) no answer gets lost:
    // beyond it, a step that is sent again may come back as a mere duplicate.
    // 0: no limit.
    uint64_t max_steps_ahead = 0;
    // A connection on which something is awaited, be it only that what is
    // answered becomes durable, and nothing comes for so long is taken for
    // dead.
    std::chrono::milliseconds silence{20'000};
  };

  // What goes out next. Pointers hold until the next call.
  struct Outgoing {
    enum class Kind { kAttach, kDetach, kItem };
    Kind kind = Kind::kItem;
    uint32_t handle = 0;
    const std::string* session_id = nullptr;    // kAttach
    std::optional<uint64_t> acknowledged_step;  // kAttach
    const Item* item = nullptr;                 // kItem
    Want want = Want::kAck;                     // kItem; instead of the item's
  };

  // The answer to an attach. Without an OK status the rest is empty.
  struct Attached {
    uint32_t handle = 0;
    absl::Status status;
    bool durable = false;  // the session's durability is not none
    uint64_t resume_step = 1;
    uint64_t durable_step = 0;
  };

  // The answer to an item, without what was wanted.
  struct Reply {
    uint64_t item = 0;  // its number on the connection
    absl::Status status;
    std::optional<uint64_t> durable_step;
  };

  struct Event {
    enum class Kind {
      kAttached,     // the session's first attach was answered OK
      kDurable,      // all up to `step` is safe
      kAnswerless,   // item `number`, whose last step is `step`, ends with the
                     // status: that of its session, which is over
      kSessionOver,  // after its kAnswerless events
    };
    Kind kind = Kind::kAttached;
    uint32_t handle = 0;
    uint64_t number = 0;
    uint64_t step = 0;
    absl::Status status;
  };

  Replay(const Options& options, TimePoint now);

  // `handle` must not be in use.
  void Attach(uint32_t handle, const std::string& session_id,
              std::optional<uint64_t> acknowledged_step);
  // Frees the handle once nothing is kept of it; of a session that is over at
  // once.
  void Detach(uint32_t handle);
  // OK if items may be pushed to the handle; else INVALID_ARGUMENT, or the
  // status that its session ended with.
  absl::Status CheckHandle(uint32_t handle) const;
  // Keeps the item and sends it. The handle must have been checked. How much
  // may be kept is the owner's to decide, by totals().
  void Push(uint32_t handle, Item item);

  // A connection begins: nothing was sent on it yet.
  void Connected(TimePoint now);
  std::optional<Outgoing> Next(TimePoint now);
  // What came on the connection. INTERNAL with reason `protocol_broken`: the
  // server answered what it was not asked; the connection must end with it.
  absl::Status OnAttached(const Attached& attached, TimePoint now,
                          double chance);
  // The number of the item that this is the answer to, or nullopt if there is
  // nothing to tell: it is known already, or it will be sent again.
  absl::StatusOr<std::optional<uint64_t>> OnReply(const Reply& reply,
                                                  TimePoint now, double chance);
  void OnDurable(uint32_t handle, uint64_t durable_step, TimePoint now);
  // Nothing more goes out: a go-away came, or the owner is done.
  void Leave(TimePoint now);
  // The owner should close its sending half and read on until the end.
  bool leaving() const { return leaving_; }

  // The connection ended. How long to wait for the next one; nullopt: it is
  // time to give up, see End.
  std::optional<Duration> Lost(const absl::Status& status, TimePoint now,
                               double chance);
  // Nothing will come any more: every session is over with this status.
  void End(const absl::Status& status);

  // When to call Tick at the latest.
  std::optional<TimePoint> NextTick() const;
  // Ends pauses that are over. UNAVAILABLE: the connection is silent, and the
  // owner should cancel it.
  absl::Status Tick(TimePoint now);

  std::vector<Event> TakeEvents();

  const KeptTotals& totals() const { return totals_; }
  // All that was pushed is answered and acknowledged, every attach answered.
  bool idle() const { return totals_.items == 0 && unattached_ == 0; }

 private:
  enum class State { kDetached, kAttaching, kLive, kPaused, kOver };

  struct Session {
    Session(const std::string& id, std::optional<uint64_t> acknowledged_step,
            bool wait_durable, KeptTotals* totals)
        : kept(id, acknowledged_step, wait_durable, totals) {}

    KeptSession kept;
    State state = State::kDetached;
    bool queued = false;    // in ready_
    bool was_live = false;  // an attach was answered OK
    bool detaching = false;
    // Counts how often it was to be sent again on this connection: answers to
    // earlier attempts mean nothing.
    uint32_t attempt = 0;
    uint64_t steps_ahead = 0;  // under way in this attempt
    absl::Status over;
    std::unique_ptr<RetrySchedule> schedule;  // of its pauses
  };

  Session* Find(uint32_t handle);
  bool HasRoom(const Session& session, const Item& item) const;
  void MakeReady(uint32_t handle, Session& session);
  void Heard(TimePoint now) { heard_ = now; }
  // Something is to come: an answer, or that what was answered is safe.
  bool awaiting() const {
    return leaving_ || attaching_ > 0 || !sent_.empty() ||
           totals_.items > totals_.unanswered;
  }
  std::optional<Outgoing> NextOutgoing();
  Outgoing AttachNow(uint32_t handle, Session& session);
  void Succeed(Session& session);
  // Before the session is tried again; nullopt: it is over.
  std::optional<Duration> PauseOf(uint32_t handle, Session& session,
                                  const absl::Status& status, TimePoint now,
                                  double chance);
  // Does what the verdict asks for; false if the error is the answer.
  bool Recover(uint32_t handle, Session& session, const absl::Status& status,
               TimePoint now, double chance);
  void SessionOver(uint32_t handle, Session& session,
                   const absl::Status& status);
  void MaybeFree(uint32_t handle);

  const Options options_;
  KeptTotals totals_;  // before the sessions, which count in it
  absl::flat_hash_map<uint32_t, std::unique_ptr<Session>> sessions_;
  size_t unattached_ = 0;  // sessions whose first attach is not answered

  // Of the connection.
  bool connected_ = false;
  bool leaving_ = false;
  SentItems sent_;
  size_t attaching_ = 0;
  std::deque<uint32_t> to_attach_;
  std::deque<uint32_t> to_detach_;
  std::deque<uint32_t> ready_;  // live with items to send
  TimePoint heard_;             // or began to wait
  size_t window_;               // items that may wait for their answers

  std::multimap<TimePoint, uint32_t> paused_;
  RetrySchedule schedule_;
  std::vector<Event> events_;
};

}  // namespace recur::client

#endif  // RECUR_CLIENT_REPLAY_REPLAY_H_
