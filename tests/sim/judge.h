// Knows everything that an outsider can know of a run, and says what must not
// be. It looks at the store's rows, at what servers say and at what clients
// get; never into a server.
#ifndef RECUR_TESTS_SIM_JUDGE_H_
#define RECUR_TESTS_SIM_JUDGE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "model/spec/answer.h"
#include "server/store/session_store.h"
#include "tests/sim/lab.h"

namespace recur::sim {

// One session as it should be.
struct Truth {
  std::string id;
  std::string request_id;
  ModelKind model = ModelKind::kSum;
  int64_t version = 1;
  int sequence = 0;
  uint64_t steps = 0;  // that its client will send
  // Once these are safe its client closes the session and opens another one of
  // the same id, to which it sends so many; 0: it does not.
  uint64_t steps_again = 0;

  uint64_t sent = 0;          // by its client, so far
  uint64_t acknowledged = 0;  // as its client knows
  uint64_t stored = 0;        // the most that the store has ever had, and
  uint64_t stored_now = 0;    // since the last session of the id began
  int owner = 0;              // server run that began or claimed it last
  // The store went back: acknowledged steps may be gone, and the client must
  // be told so.
  bool reverted = false;
  bool over = false;  // the client was told
  // The most that the server run `seen_by` has said, since it has the session.
  int seen_by = 0;
  uint64_t seen = 0;
  bool fenced_itself = false;  // by a claim that came late
  // Steps that the server run `kept_by` has answered since it has the session.
  int kept_by = 0;
  std::set<uint64_t> kept;
};

// The product's default, which the servers have.
inline constexpr uint64_t kAnswerWindow = 4;

struct Violation {
  std::string invariant;  // a few words
  std::string what;       // one sentence
};

class Judge {
 public:
  explicit Judge(Lab* lab) : lab_(lab) {}

  Truth* Add(Truth truth);
  Truth* Find(absl::string_view id);

  // The first violation stands.
  void Fail(absl::string_view invariant, std::string what);
  const std::optional<Violation>& violation() const { return violation_; }

  // A fault of the plan, by its place there, has had an effect.
  void Fired(size_t fault) { fired_.insert(fault); }
  const std::set<size_t>& fired() const { return fired_; }

  // In the store: a row was written or claimed by a server run; went back.
  void Committed(absl::string_view id, const StoredSession& row,
                 const StoredSession* before, int run, bool create);
  void Claimed(absl::string_view id, int run, bool late);
  void Reverted(absl::string_view id);

  // A server says so: that a session has applied and stored so much,
  void SaysSteps(Truth* truth, int run, uint64_t applied, uint64_t durable);
  // the same of a session as it stands this moment,
  void SaysNow(Truth* truth, int run, uint64_t applied, uint64_t durable);
  // and an answer after that many steps.
  void SaysAnswer(const Truth& truth, uint64_t steps, const Answer& answer);

  // A server has answered a step, or has no answer to one.
  void Keeps(Truth* truth, int run, uint64_t step);
  void HasForgotten(const Truth& truth, int run, uint64_t step,
                    uint64_t applied);

  // A client is told that all up to a step is safe; begins another session of
  // the id, once the last one is closed.
  void Acknowledged(Truth* truth, uint64_t step);
  void BeginsAgain(Truth* truth);
  // A client is told that its session is over, or an item refused.
  void ToldOver(Truth* truth, const absl::Status& why);
  void ToldRefused(Truth* truth, uint64_t step, const absl::Status& why);
  // An answer that its client needed did not come with the OK.
  void ToldNothing(const Truth& truth, uint64_t step);

  int64_t answers() const { return answers_; }

 private:
  void CheckRow(const Truth& truth, const StoredSession& row);

  Lab* const lab_;
  std::map<std::string, Truth, std::less<>> truths_;
  std::optional<Violation> violation_;
  std::set<size_t> fired_;
  int64_t answers_ = 0;
};

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_JUDGE_H_
