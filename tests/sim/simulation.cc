#include "tests/sim/simulation.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"
#include "server/session/snapshot.h"
#include "tests/sim/calls.h"

namespace recur::sim {
namespace {

using std::chrono::milliseconds;

// Within which all must be well once nothing goes wrong any more.
constexpr Duration kPatience = std::chrono::seconds(60);
// Of sessions whose id is closed and opened again.
constexpr uint64_t kAgainPercent = 25;
constexpr Duration kLook = milliseconds(50);

}  // namespace

Simulation::Simulation(const Plan& plan, Lab* lab, bool trace)
    : plan_(plan),
      lab_(lab),
      trace_(trace),
      dice_(plan.seed + 0x5eed),
      judge_(lab),
      store_(&loop_, &judge_, plan.local, dice_.Fork()) {
  AddSessions();
  ServerRun::Options server;
  server.lane.sessions.max_sessions = plan.max_sessions;
  cluster_ =
      std::make_unique<Cluster>(&loop_, &store_, lab->repository(),
                                plan.local ? 1 : 2, server, dice_.Fork());
  const bool forgets = std::any_of(
      plan.faults.begin(), plan.faults.end(),
      [](const Fault& of) { return of.kind == FaultKind::kStoreRolledBack; });
  prober_ =
      std::make_unique<Prober>(cluster_.get(), truths_, !forgets, dice_.Fork());
  AddClients();
}

void Simulation::AddSessions() {
  const int first = static_cast<int>(dice_.Below(Lab::kSequences));
  for (int i = 0; i < plan_.sessions(); ++i) {
    Truth truth{.id = absl::StrCat("s", i),
                .request_id = absl::StrCat("request of s", i),
                .model = plan_.model,
                .version = 1 + static_cast<int64_t>(dice_.Below(2)),
                .sequence = (first + i) % Lab::kSequences,
                .steps = plan_.steps_per_session};
    if (dice_.Percent(kAgainPercent)) {
      truth.steps_again = std::exchange(truth.steps, 1 + dice_.Below(12));
    }
    truths_.push_back(judge_.Add(std::move(truth)));
  }
}

void Simulation::AddClients() {
  const auto on_sent = [this](const SentItem& item) { prober_->Sent(item); };
  size_t next = 0;
  const int clients = plan_.stream_clients + plan_.unary_clients;
  for (int i = 0; i < clients; ++i) {
    std::vector<Truth*> truths;
    for (int j = 0; j < plan_.sessions_per_client; ++j) {
      truths.push_back(truths_[next++]);
    }
    if (i < plan_.stream_clients) {
      // A server that starts again has the newest answer alone: where answers
      // wait until they are durable, one step at a time keeps them all.
      StreamClient::Options options{.number = i};
      options.wait_durable = dice_.Percent(30);
      if (options.wait_durable) options.max_steps_ahead = 1;
      if (dice_.Percent(25)) options.max_steps_ahead = 0;
      stream_clients_.push_back(std::make_unique<StreamClient>(
          options, cluster_.get(), truths, on_sent, dice_.Fork()));
    } else {
      unary_clients_.push_back(std::make_unique<UnaryClient>(
          i, cluster_.get(), truths, on_sent, dice_.Fork()));
    }
  }
}

Outcome Simulation::Run() {
  for (auto& client : stream_clients_) client->Start();
  for (auto& client : unary_clients_) client->Start();
  prober_->Start();
  for (size_t i = 0; i < plan_.faults.size(); ++i) {
    loop_.At(began_ + plan_.faults[i].at, [this, i] { Begin(i); });
  }
  Watch();
  while (!over_ && !judge_.violation().has_value() && loop_.RunNext()) {
  }
  Outcome outcome{.violation = judge_.violation(),
                  .fired = std::vector<bool>(plan_.faults.size()),
                  .answers = judge_.answers(),
                  .events = loop_.events(),
                  .digest = loop_.digest(),
                  .time = loop_.now() - began_};
  for (const size_t fault : judge_.fired()) outcome.fired[fault] = true;
  for (const Truth* truth : truths_) {
    outcome.observations += static_cast<int64_t>(truth->sent);
  }
  return outcome;
}

bool Simulation::ClientsDone() const {
  const auto done = [](const auto& client) { return client->done(); };
  return std::all_of(stream_clients_.begin(), stream_clients_.end(), done) &&
         std::all_of(unary_clients_.begin(), unary_clients_.end(), done);
}

std::string Simulation::Waiting() const {
  std::string text;
  for (const auto& client : stream_clients_) text += client->Waiting();
  for (const auto& client : unary_clients_) text += client->Waiting();
  return text;
}

void Simulation::Watch() {
  const Duration trouble =
      plan_.faults.empty() ? Duration(0) : kTrouble + kLongest;
  if (!checking_ && loop_.now() - began_ >= trouble && ClientsDone()) {
    checking_ = true;
    prober_->Stop();
    Check(0);
  }
  if (loop_.now() - began_ > trouble + kPatience) {
    judge_.Fail("all is acknowledged in the end",
                absl::StrFormat(
                    "%d s after the last fault: %s",
                    kPatience / std::chrono::seconds(1),
                    checking_ ? "a session cannot be asked for" : Waiting()));
  }
  loop_.After(kLook, [this] { Watch(); });
}

// In the end every session stands where its client left it, on any server.
void Simulation::Check(size_t index) {
  if (index == truths_.size()) {
    over_ = true;
    return;
  }
  Truth* const truth = truths_[index];
  if (truth->reverted || truth->over) return Check(index + 1);
  const int64_t check = ++checks_;
  const int server =
      static_cast<int>(dice_.Below(static_cast<uint64_t>(cluster_->size())));
  Attach(cluster_.get(), server, truth->id,
         [this, index, truth, check](const absl::StatusOr<SessionInfo>& info) {
           const bool passes = absl::IsUnavailable(info.status()) ||
                               absl::IsResourceExhausted(info.status());
           if (check != checks_ || passes) return;
           if (!info.ok()) return judge_.ToldOver(truth, info.status());
           if (info->applied_step != truth->steps) {
             judge_.Fail(
                 "nothing is lost",
                 absl::StrFormat("session %s ended at step %d of %d", truth->id,
                                 info->applied_step, truth->steps));
           }
           CheckAnswer(index);
         });
  loop_.After(milliseconds(300), [this, index, check] {
    if (check == checks_) Check(index);
  });
}

void Simulation::CheckAnswer(size_t index) {
  Truth* const truth = truths_[index];
  const int64_t check = ++checks_;
  const int server =
      static_cast<int>(dice_.Below(static_cast<uint64_t>(cluster_->size())));
  Read(cluster_.get(), server,
       {.session_id = truth->id, .min_step = truth->steps},
       [this, index, truth, check](const absl::StatusOr<ForecastResult>& read) {
         if (check != checks_ || !read.ok()) return;
         judge_.SaysAnswer(*truth, read->applied_step, read->forecast);
         if (index % 2 == 0) return CheckClosed(index);
         ++checks_;
         Check(index + 1);
       });
  loop_.After(milliseconds(300), [this, index, check] {
    if (check == checks_) Check(index);
  });
}

void Simulation::CheckClosed(size_t index) {
  Truth* const truth = truths_[index];
  const int64_t check = ++checks_;
  const int server =
      static_cast<int>(dice_.Below(static_cast<uint64_t>(cluster_->size())));
  CloseSession(
      cluster_.get(), server, truth->id,
      [this, index, truth, check](const absl::StatusOr<uint64_t>& applied) {
        if (check != checks_ || !applied.ok()) return;
        const StoredSession* row = store_.Find(truth->id);
        const auto snapshot =
            ParseSnapshot(row == nullptr ? "" : row->snapshot);
        if (!snapshot.ok() || snapshot->kind != SnapshotKind::kClosed) {
          judge_.Fail("closed means stored as closed",
                      absl::StrCat("session ", truth->id,
                                   " was closed, and its row does not say so"));
        }
        ++checks_;
        Check(index + 1);
      });
  loop_.After(milliseconds(300), [this, index, check] {
    if (check == checks_) CheckClosed(index);
  });
}

void Simulation::Trace(const std::string& text) const {
  if (!trace_) return;
  std::fprintf(
      stderr, "%9.3f ms  %s\n",
      std::chrono::duration<double, std::milli>(loop_.now() - began_).count(),
      text.c_str());
}

}  // namespace recur::sim
