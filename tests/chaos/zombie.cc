#include "tests/chaos/zombie.h"

#include <signal.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "client/sdk/client.h"
#include "model/spec/error_reason.h"

namespace recur::chaos {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::milliseconds kGlance{5};
// For a request to be in the socket of a server that does not read it.
constexpr std::chrono::milliseconds kOnItsWay{20};

// How many of the server's commits have been fenced since `before`, once there
// is one.
absl::StatusOr<double> AwaitFenced(const ServerProcess& server, double before) {
  const Clock::time_point end = Clock::now() + kPatience;
  for (;;) {
    const auto fenced = server.StoreRows("fenced");
    if (!fenced.ok()) return fenced.status();
    if (*fenced > before) return *fenced - before;
    if (Clock::now() > end) {
      return absl::DeadlineExceededError("a zombie had no commit fenced");
    }
    std::this_thread::sleep_for(kGlance);
  }
}

// A read that says how far it must be: an answer from further back is wrong.
absl::Status JudgeRead(const absl::StatusOr<client::ForecastResult>& read,
                       uint64_t acknowledged, Tally* tally) {
  const std::string reason = ReasonOf(read.status()).value_or("");
  if (reason == "session_behind" || reason == "session_moved") {
    ++tally->refused_reads;
    return absl::OkStatus();
  }
  if (!read.ok()) return read.status();
  if (read->applied_step < acknowledged) ++tally->wrong_answers;
  return absl::InternalError("a zombie answered a read");
}

// One that does not, and must learn first that the session has gone elsewhere;
// later it may be answered by taking it back.
absl::Status JudgeLook(const absl::StatusOr<client::SessionInfo>& look,
                       uint64_t acknowledged, Tally* tally) {
  const std::string reason = ReasonOf(look.status()).value_or("");
  if (reason == "session_moved" || reason == "store_unavailable") {
    ++tally->refused_reads;
    return absl::OkStatus();
  }
  if (!look.ok()) return look.status();
  if (look->applied_step >= acknowledged) return absl::OkStatus();
  ++tally->wrong_answers;
  return absl::InternalError("a zombie told a state from before it slept");
}

}  // namespace

absl::Status MakeZombie(ServerProcess* server, int successor_port,
                        const PrivateRedis& redis, Load* load, Tally* tally) {
  const auto before = server->StoreRows("fenced");
  if (!before.ok()) return before.status();
  auto reader = ClientOf(server->port());
  if (!reader.ok()) return reader.status();
  // It is connected before the server stops.
  if (auto health = reader->CheckHealth(); !health.ok()) return health;
  server->Signal(SIGSTOP);
  load->GoTo(successor_port);
  if (auto moved = load->AwaitProgress(); !moved.ok()) return moved;
  const SessionRecord known = load->records().front();
  auto read = std::async(std::launch::async, [&] {
    return reader->Forecast(
        {.session_id = known.id, .min_step = known.durable});
  });
  auto look = std::async(std::launch::async,
                         [&] { return reader->GetSession(known.id); });
  std::this_thread::sleep_for(kOnItsWay);
  redis.Signal(SIGSTOP);
  server->Signal(SIGCONT);
  const auto answer = read.get();
  redis.Signal(SIGCONT);
  if (auto judged = JudgeRead(answer, known.durable, tally); !judged.ok()) {
    return judged;
  }
  if (auto judged = JudgeLook(look.get(), known.durable, tally); !judged.ok()) {
    return judged;
  }
  const auto fenced = AwaitFenced(*server, *before);
  if (!fenced.ok()) return fenced.status();
  ++tally->zombie_runs;
  tally->fenced_commits += static_cast<int64_t>(*fenced);
  return absl::OkStatus();
}

}  // namespace recur::chaos
