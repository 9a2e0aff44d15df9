// Replay against a made-up server under random faults, judged by an
// uninterrupted run: every answer must be the sum that it would be there.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/replay/replay.h"
#include "model/spec/error_reason.h"
#include "tests/unit/client/replay/model_server.h"

namespace recur::client {
namespace {

using std::chrono::milliseconds;
using TimePoint = Replay::TimePoint;

struct Told {  // what the caller is told of an item
  absl::Status status;
  std::optional<double> sum;
};

// A client with its sessions, one connection, and what is left of old ones.
class Run {
 public:
  struct Faults {
    bool durable = true;
    bool crashes = true;
    bool refuses = true;
    uint64_t max_steps_ahead = 0;
  };
  static constexpr int kSessions = 3;
  static constexpr uint64_t kSteps = 40;
  static constexpr size_t kMaxKept = 12;

  Run(uint32_t seed, const Faults& faults)
      : faults_(faults),
        random_(seed),
        server_(faults.durable, &random_),
        replay_({.retry = {.initial = milliseconds(1),
                           .max = milliseconds(8),
                           .budget = milliseconds(100'000),
                           .burst = 1'000},
                 .max_steps_ahead = faults.max_steps_ahead,
                 .silence = milliseconds(50)},
                now_) {
    server_.refuses = faults.refuses;
    for (uint32_t handle = 1; handle <= kSessions; ++handle) {
      replay_.Attach(handle, Id(handle), std::nullopt);
      next_step_[handle] = 1;
    }
    reconnect_ = now_;
  }

  // Until everything is answered and acknowledged, or too long.
  void ToTheEnd() {
    for (int i = 0; i < 60'000; ++i) {
      if (i == 20'000) faults_.crashes = server_.refuses = false;
      if (AllPushed() && replay_.idle()) return;
      Step(i < 20'000);
    }
    ADD_FAILURE() << "it does not end";
  }

  void Check() {
    for (uint32_t handle = 1; handle <= kSessions; ++handle) {
      const Remote& remote = server_.sessions[Id(handle)];
      if (over_.count(handle) > 0) {
        EXPECT_EQ(ReasonOf(over_[handle]), "session_lost");
        EXPECT_TRUE(remote.lost);
        continue;
      }
      // One that had all its answers need not learn that it is lost.
      if (remote.lost) continue;
      EXPECT_EQ(remote.values, sent_[handle]);
      if (faults_.durable) {
        EXPECT_EQ(remote.durable, sent_[handle].size());
      }
    }
    EXPECT_EQ(told_.size(), pushed_.size());
    for (const auto& [number, told] : told_) CheckTold(number, told);
  }

  int connections = 0;
  int resent = 0;
  int without_answer = 0;
  int acks = 0;  // of those: none was wanted

 private:
  struct Pushed {
    uint32_t handle;
    uint64_t last_step;
    double sum;  // of the uninterrupted run
    Want want;
  };

  static std::string Id(uint32_t handle) { return absl::StrCat("s", handle); }

  void CheckTold(uint64_t number, const Told& told) {
    const Pushed& pushed = pushed_[number];
    if (!told.status.ok()) {
      EXPECT_EQ(told.status, over_[pushed.handle]);
    } else if (told.sum.has_value()) {
      EXPECT_EQ(*told.sum, pushed.sum);
    } else {
      ++without_answer;
      acks += pushed.want == Want::kAck;
    }
  }

  bool AllPushed() {
    for (const auto& [handle, step] : next_step_) {
      if (step <= kSteps && over_.count(handle) == 0) return false;
    }
    return true;
  }

  void Step(bool faults) {
    now_ += std::chrono::microseconds(100);
    if (OneIn(random_, 2)) Push();
    if (wire_.has_value()) {
      Write();
      if (!wire_->up.empty() && OneIn(random_, 2)) server_.Serve(*wire_);
      if (!wire_->down.empty() && OneIn(random_, 2)) Read();
    } else if (now_ >= reconnect_) {
      Connect();
    }
    // What an old connection still carries arrives late, but arrives.
    if (!old_.empty() && OneIn(random_, 4)) {
      if (old_.front().up.empty()) {
        old_.pop_front();
      } else {
        server_.Serve(old_.front());
      }
    }
    if (wire_.has_value() && OneIn(random_, 20)) server_.Commit(*wire_);
    if (wire_.has_value() && !replay_.Tick(now_).ok()) Lose();
    if (faults) Break();
    TakeEvents();
  }

  void Push() {
    const uint32_t handle = 1 + random_() % kSessions;
    if (next_step_[handle] > kSteps || !replay_.CheckHandle(handle).ok())
      return;
    if (replay_.totals().items >= kMaxKept) return;
    const uint32_t steps = 1 + random_() % 3;
    Item item{.number = pushed_.size(),
              .first_step = next_step_[handle],
              .steps = steps,
              .want = OneIn(random_, 4) ? Want::kAck : Want::kForecast};
    for (uint32_t i = 0; i < steps; ++i) {
      item.values.push_back(static_cast<double>(1 + random_() % 1'000'000));
      sent_[handle].push_back(item.values.back());
    }
    double sum = 0;
    for (double value : sent_[handle]) sum += value;
    pushed_.push_back({handle, item.last_step(), sum, item.want});
    next_step_[handle] += steps;
    replay_.Push(handle, std::move(item));
  }

  void Connect() {
    wire_.emplace();
    ++connections;
    replay_.Connected(now_);
  }

  void Write() {
    if (wire_->leaving || OneIn(random_, 3)) return;
    const auto out = replay_.Next(now_);
    if (!out.has_value()) return;
    using Kind = Replay::Outgoing::Kind;
    if (out->kind == Kind::kAttach) {
      wire_->up.push_back(
          AttachMessage{out->handle, *out->session_id, out->acknowledged_step});
    } else if (out->kind == Kind::kDetach) {
      wire_->up.push_back(DetachMessage{out->handle});
    } else {
      Item item = *out->item;
      item.want = out->want;
      resent += sent_once_.insert(item.number).second ? 0 : 1;
      wire_->up.push_back(ItemMessage{out->handle, wire_->items++, item});
    }
  }

  void Read() {
    Response response = std::move(wire_->down.front());
    wire_->down.pop_front();
    if (auto* attached = std::get_if<Replay::Attached>(&response)) {
      EXPECT_TRUE(replay_.OnAttached(*attached, now_, Chance()).ok());
    } else if (auto* message = std::get_if<ReplyMessage>(&response)) {
      const auto number = replay_.OnReply(message->reply, now_, Chance());
      ASSERT_TRUE(number.ok()) << number.status();
      if (number->has_value()) {
        Tell(**number, {message->reply.status, message->sum});
      }
    } else if (auto* durable = std::get_if<DurableMessage>(&response)) {
      replay_.OnDurable(durable->handle, durable->step, now_);
    } else {
      replay_.Leave(now_);
    }
    if (replay_.leaving() && wire_->up.empty() && wire_->down.empty()) Lose();
  }

  void Tell(uint64_t number, Told told) {
    EXPECT_TRUE(told_.emplace(number, std::move(told)).second)
        << "item " << number << " is answered twice";
    uint64_t& last = last_told_[pushed_[number].handle];
    EXPECT_LT(last, pushed_[number].last_step);
    last = pushed_[number].last_step;
  }

  void TakeEvents() {
    for (const Replay::Event& event : replay_.TakeEvents()) {
      if (event.kind == Replay::Event::Kind::kAnswerless) {
        Tell(event.number, {event.status, std::nullopt});
      } else if (event.kind == Replay::Event::Kind::kSessionOver) {
        over_[event.handle] = event.status;
      }
    }
  }

  // Whatever was on its way back is gone; on its way there it may arrive.
  void Lose() {
    if (!wire_.has_value()) return;
    const size_t arrive = random_() % (wire_->up.size() + 1);
    wire_->up.resize(arrive);
    old_.push_back(std::move(*wire_));
    wire_.reset();
    const absl::Status how[] = {
        absl::OkStatus(), absl::InternalError("rst"),
        absl::CancelledError("proxy"), absl::UnavailableError("reset"),
        Refusal(absl::StatusCode::kUnavailable, "draining")};
    const auto pause = replay_.Lost(how[random_() % 5], now_, Chance());
    ASSERT_TRUE(pause.has_value());
    reconnect_ = now_ + *pause;
  }

  void Break() {
    if (OneIn(random_, 150)) Lose();
    if (wire_.has_value() && !wire_->leaving && OneIn(random_, 300)) {
      wire_->down.push_back(GoAwayMessage());
    }
    const int crash = faults_.durable ? 200 : 2'000;
    if (faults_.crashes && OneIn(random_, crash)) {
      old_.clear();
      if (wire_.has_value()) wire_->up.clear();
      server_.Crash();
      Lose();
      old_.clear();
    }
  }

  double Chance() { return random_() / 4294967296.0; }

  Faults faults_;
  Random random_;
  TimePoint now_;
  ModelServer server_;
  Replay replay_;
  std::optional<Wire> wire_;
  std::deque<Wire> old_;
  TimePoint reconnect_;
  std::map<uint32_t, uint64_t> next_step_;
  std::map<uint32_t, std::vector<double>> sent_;
  std::vector<Pushed> pushed_;
  std::set<uint64_t> sent_once_;
  std::map<uint64_t, Told> told_;
  std::map<uint32_t, uint64_t> last_told_;
  std::map<uint32_t, absl::Status> over_;
};

struct Sums {
  int connections = 0;
  int resent = 0;
  int without_answer = 0;
  int acks = 0;  // of those: none was wanted
};

Sums RunSeeds(uint32_t count, const Run::Faults& faults) {
  Sums sums;
  for (uint32_t seed = 1; seed <= count; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Run run(seed, faults);
    run.ToTheEnd();
    run.Check();
    sums.connections += run.connections;
    sums.resent += run.resent;
    sums.without_answer += run.without_answer;
    sums.acks += run.acks;
    if (::testing::Test::HasFailure()) break;
  }
  return sums;
}

TEST(ReplayModelTest, DurableSessionsSurviveCrashesAndLostConnections) {
  const Sums sums = RunSeeds(4'000, {.durable = true});
  EXPECT_GT(sums.connections, 20'000);
  EXPECT_GT(sums.resent, 20'000);
}

// As many as the server keeps the answers of.
TEST(ReplayModelTest, WithFewStepsAheadNoAnswerGetsLost) {
  const Sums sums = RunSeeds(2'000, {.max_steps_ahead = kWindow});
  EXPECT_GT(sums.resent, 5'000);
  EXPECT_EQ(sums.without_answer, sums.acks);
}

TEST(ReplayModelTest, SessionsInMemorySurviveLostConnections) {
  RunSeeds(2'000, {.durable = false, .crashes = false});
}

TEST(ReplayModelTest, SessionsInMemoryFailWithTheirServerAndSayWhy) {
  RunSeeds(2'000, {.durable = false, .crashes = true});
}

TEST(ReplayModelTest, WithoutRefusalsEveryItemIsAnswered) {
  RunSeeds(2'000, {.durable = true, .crashes = true, .refuses = false});
}

}  // namespace
}  // namespace recur::client
