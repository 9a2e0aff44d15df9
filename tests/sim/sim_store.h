// The store of a simulation: rows under the rule of the real ones
// (server/store/commit_rule.h), and a way there that takes time and goes wrong.
//
// A SimStore is what all see: a server over a network, or a disk. A StoreLink
// is one server run's way to it; its calls block the fiber that makes them.
#ifndef RECUR_TESTS_SIM_SIM_STORE_H_
#define RECUR_TESTS_SIM_SIM_STORE_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/store/session_store.h"
#include "tests/sim/dice.h"
#include "tests/sim/event_loop.h"
#include "tests/sim/fiber.h"
#include "tests/sim/judge.h"

namespace recur::sim {

// Time in which something is the matter, by a fault of the plan.
struct Trouble {
  TimePoint until;
  size_t fault = 0;

  bool At(TimePoint now) const { return now < until; }
};

// A row that is on its way.
struct WrittenRow {
  explicit WrittenRow(const CommitRow& row)
      : id(row.id),
        stored{row.epoch, row.step, row.keep_until_us,
               std::string(row.snapshot)},
        create(row.create) {}

  std::string id;
  StoredSession stored;
  bool create = false;
};

class SimStore {
 public:
  SimStore(EventLoop* loop, Judge* judge, bool local, Dice dice)
      : loop_(loop), judge_(judge), local_(local), dice_(dice) {}

  // What arrives takes effect at once. `run` is the server run it comes from;
  // late: that does not wait for it any more.
  absl::StatusOr<std::optional<StoredSession>> Load(const std::string& id,
                                                    SessionStore::Access access,
                                                    int run, bool late);
  std::vector<CommitOutcome> Commit(const std::vector<WrittenRow>& rows,
                                    int run);
  std::vector<std::string> Scan(const std::string& after, size_t limit) const;

  // Forgets what came in after that moment.
  void RollBack(TimePoint to, size_t fault);
  // The power fails: claims were not synced.
  void LosePower();
  const StoredSession* Find(const std::string& id) const;

  int64_t WallUs() const;
  bool local() const { return local_; }
  EventLoop* loop() { return loop_; }
  Judge* judge() { return judge_; }
  Dice* dice() { return &dice_; }

  Trouble down;
  Trouble slow;
  Trouble late;  // for commits
  Trouble mute;  // acts and does not answer
  Trouble full;  // the disk

 private:
  struct Change {
    TimePoint when;
    std::string id;
    std::optional<StoredSession> before;
    bool synced = true;
  };

  bool CanWrite();
  void MeetFullDisk(const std::vector<WrittenRow>& rows, int run);
  void Put(const WrittenRow& row, int run);
  void Undo(const Change& change);

  EventLoop* const loop_;
  Judge* const judge_;
  const bool local_;
  Dice dice_;
  std::map<std::string, StoredSession, std::less<>> rows_;
  std::deque<Change> changes_;
  // Of a disk that was found full, until it is opened again.
  bool stuck_ = false;
  std::set<std::string> doubtful_;
  std::vector<WrittenRow> in_log_;  // seen once it is
  int in_log_of_ = 0;
};

class StoreLink : public SessionStore {
 public:
  // How a process goes: a network keeps what is on its way, and a disk may have
  // written it or not, or torn it.
  enum class End { kKilled, kPowerLost };

  StoreLink(SimStore* store, Process* process, int run)
      : store_(store), process_(process), run_(run) {}

  Durability durability() const override {
    return store_->local() ? Durability::kLocal : Durability::kShared;
  }
  absl::StatusOr<std::optional<StoredSession>> Load(absl::string_view id,
                                                    Access access) override;
  std::vector<CommitOutcome> Commit(absl::Span<const CommitRow> rows) override;
  absl::StatusOr<std::vector<std::string>> Scan(absl::string_view after,
                                                size_t limit) override;

  // Whoever waits is told that there is no answer, and so is who calls from now
  // on. Returns whether a write was torn.
  bool Close(End end);

  // Whether a commit is on its way.
  bool writing() const {
    return std::any_of(calls_.begin(), calls_.end(), [](const auto& call) {
      return !call->rows.empty() && !call->acted;
    });
  }

 private:
  struct Call {
    Fiber* waiter = nullptr;
    std::function<void()> act;
    std::vector<WrittenRow> rows;   // of a commit
    std::optional<size_t> late_by;  // the fault that holds it up
    bool acted = false;
    bool over = false;
    bool answered = false;
  };

  // Has it done at the store; whether the answer came.
  bool Await(const std::shared_ptr<Call>& call);
  Duration WayThere(Call* call);
  void Arrive(const std::shared_ptr<Call>& call);
  void Settle(const std::shared_ptr<Call>& call, bool answered);

  SimStore* const store_;
  Process* const process_;
  const int run_;
  bool closed_ = false;
  std::vector<std::shared_ptr<Call>> calls_;
};

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_SIM_STORE_H_
