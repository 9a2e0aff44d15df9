#include "tests/sim/server_run.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/sim/server_stream.h"

namespace recur::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr size_t kServeFibers = 2;
constexpr uint32_t kStoreTag = 0xabcd;  // of the store that all share
constexpr Duration kHousekeeping = std::chrono::seconds(1);
constexpr Duration kDrainLook = milliseconds(5);
constexpr Duration kFlushTime = milliseconds(500);
constexpr Duration kGrace = milliseconds(2000);

Lane::Options LaneOptions(const ServerRun::Options& options) {
  Lane::Options lane = options.lane;
  lane.sessions.boot_tag = kStoreTag;
  lane.max_batch_rows = 4;
  lane.spill_after = std::chrono::seconds(1);
  return lane;
}

}  // namespace

SimLanes::SimLanes(EventLoop* loop, Process* process,
                   const Lane::Options& options, Dice dice,
                   std::function<void()> after_turn)
    : loop_(loop),
      process_(process),
      lane_(options),
      dice_(dice),
      after_turn_(std::move(after_turn)) {
  process_->After(kHousekeeping, [this] { Housekeep(); });
}

void SimLanes::Post(int /*lane*/, LaneTask task) {
  if (stopped_) return;
  tasks_.push_back(std::move(task));
  Schedule();
}

void SimLanes::Schedule() {
  if (std::exchange(scheduled_, true)) return;
  process_->After(dice_.Between(microseconds(5), microseconds(150)),
                  [this] { Turn(); });
}

void SimLanes::Turn() {
  scheduled_ = false;
  for (LaneTask& task : std::exchange(tasks_, {})) task(lane_, loop_->now());
  lane_.Tick(loop_->now());
  after_turn_();
  if (!lane_.idle() || !tasks_.empty()) Schedule();
}

void SimLanes::Housekeep() {
  lane_.Housekeep(loop_->now());
  after_turn_();
  process_->After(kHousekeeping, [this] { Housekeep(); });
}

void SimLanes::Stop() {
  stopped_ = true;
  tasks_.clear();
}

ServerRun::ServerRun(const Options& options, SimStore* store,
                     Repository* repository, Dice dice)
    : run_(options.run),
      store_(store),
      loop_(store->loop()),
      judge_(store->judge()),
      dice_(dice),
      process_(loop_),
      link_(store, &process_, options.run) {
  lanes_ = std::make_unique<SimLanes>(loop_, &process_, LaneOptions(options),
                                      dice_.Fork(), [this] {
                                        WakeStore();
                                        WantFlush();
                                      });
  StoreDriver::Options driver;
  driver.wall_time_us = [this](TimePoint at) { return WallUs(at); };
  driver.random = [this] { return dice_.Bits(); };
  driver_ =
      std::make_unique<StoreDriver>(driver, &link_, repository, lanes_.get());
  Service::Options service{.boot_tag = kStoreTag,
                           .names_key = SessionNames::Key{}};
  service_ = std::make_unique<Service>(service, repository, lanes_.get(),
                                       driver_.get());
  commit_.fiber = std::make_unique<Fiber>([this] { CommitLoop(); });
  serving_.resize(kServeFibers);
  for (size_t i = 0; i < kServeFibers; ++i) {
    serving_[i].fiber = std::make_unique<Fiber>([this, i] { ServeLoop(i); });
  }
  WakeStore();
}

ServerRun::~ServerRun() {
  Close();
  lanes_->Stop();
  streams_.clear();
  replies_.clear();
}

// The fibers are led to their ends: every call of the store fails.
bool ServerRun::Close() {
  if (std::exchange(closing_, true)) return false;
  process_.Kill();
  lanes_->Stop();
  const bool torn = link_.Close(end_);
  for (Loop* loop : {&commit_, &serving_[0], &serving_[1]}) {
    if (loop->idle && !loop->fiber->done()) loop->fiber->Resume();
  }
  return torn;
}

int64_t ServerRun::WallUs(TimePoint now) {
  if (clock_fault_.has_value()) {
    judge_->Fired(*clock_fault_);
    clock_fault_.reset();
  }
  const auto ago = loop_->now() - now;
  return store_->WallUs() +
         std::chrono::duration_cast<microseconds>(clock_off_ - ago).count();
}

void ServerRun::JumpClock(Duration by, size_t fault) {
  clock_off_ = by;
  clock_fault_ = fault;
}

// Whatever happened in the server may have given the store's loops something to
// do; that there is nothing costs them a look.
void ServerRun::WakeStore() {
  if (std::exchange(woken_, true)) return;
  process_.After(microseconds(10), [this] {
    woken_ = false;
    if (commit_.idle) commit_.fiber->Resume();
    for (Loop& loop : serving_) {
      if (loop.idle) loop.fiber->Resume();
    }
  });
}

void ServerRun::CommitLoop() {
  commit_.idle = false;
  while (!closing_) {
    const TimePoint next = driver_->CommitPass(loop_->now());
    if (closing_) return;
    const uint64_t pass = ++commit_pass_;
    process_.After(std::max<Duration>(next - loop_->now(), microseconds(100)),
                   [this, pass] {
                     if (commit_.idle && pass == commit_pass_) {
                       commit_.fiber->Resume();
                     }
                   });
    commit_.idle = true;
    Fiber::Wait();
    commit_.idle = false;
  }
}

void ServerRun::ServeLoop(size_t index) {
  serving_[index].idle = false;
  while (!closing_) {
    if (driver_->Serve(loop_->now())) continue;
    serving_[index].idle = true;
    Fiber::Wait();
    serving_[index].idle = false;
  }
}

std::shared_ptr<ServerStream> ServerRun::Accept(int64_t connection) {
  const auto [entry, fresh] = streams_.try_emplace(connection);
  if (fresh) entry->second = std::make_shared<ServerStream>(this);
  return entry->second;
}

std::shared_ptr<ServerStream> ServerRun::StreamOf(int64_t connection) {
  const auto found = streams_.find(connection);
  return found == streams_.end() ? nullptr : found->second;
}

void ServerRun::Drop(int64_t connection) {
  auto& stream = streams_[connection];
  if (stream != nullptr) stream->Cancel();
  stream = nullptr;
}

void ServerRun::Judge(absl::string_view session, const SessionInfo& info) {
  Truth* const truth = judge_->Find(session);
  if (truth != nullptr && draining()) {
    // It may have given up a load and asked again; then what came first goes.
    judge_->SaysSteps(truth, run_, info.applied_step, info.durable_step);
  } else if (truth != nullptr) {
    judge_->SaysNow(truth, run_, info.applied_step, info.durable_step);
  } else {
    judge_->Fail("never a fresh zero state",
                 absl::StrCat("run ", run_, " has session ", session,
                              ", which nobody has opened"));
  }
}

void ServerRun::Judge(const ItemBatch& batch, uint32_t index) {
  const ItemResult& result = batch.results[index];
  Truth* truth = judge_->Find(batch.SessionIdOf(index));
  if (truth == nullptr) return;
  if (!result.status.ok()) {
    return judge_->SaysSteps(truth, run_, 0, result.durable_step);
  }
  judge_->SaysSteps(truth, run_, result.applied_step, result.durable_step);
  if (result.answer != nullptr) {
    judge_->SaysAnswer(*truth, result.step, *result.answer);
    judge_->Keeps(truth, run_, result.step);
  } else if (batch.items[index].want == Want::kForecast) {
    judge_->HasForgotten(*truth, run_, result.step, result.applied_step);
  }
}

void ServerRun::JudgeDurable(absl::string_view session, uint64_t step) {
  if (Truth* truth = judge_->Find(session)) {
    judge_->SaysSteps(truth, run_, 0, step);
  }
}

void ServerRun::Reply(int64_t call, Task deliver) {
  replies_[call] = std::move(deliver);
  WantFlush();
}

void ServerRun::WantFlush() {
  if (std::exchange(flushing_, true)) return;
  process_.After(microseconds(5), [this] { Flush(); });
}

void ServerRun::Flush() {
  flushing_ = false;
  for (auto& [connection, stream] : streams_) {
    if (stream == nullptr) continue;
    stream->Flush();
    if (stream->finished()) stream = nullptr;
  }
  for (auto& [call, deliver] : std::exchange(replies_, {})) {
    loop_->After(dice_.Between(microseconds(50), milliseconds(1)),
                 std::move(deliver));
  }
}

bool ServerRun::HasStreams() const {
  return std::any_of(streams_.begin(), streams_.end(),
                     [](const auto& of) { return of.second != nullptr; });
}

void ServerRun::Drain(std::function<void()> done) {
  service_->BeginDrain();
  drained_ = Drained::kFlushing;
  drain_until_ = loop_->now() + kFlushTime;
  DrainStep(std::move(done));
}

// As server/app: what has happened is committed, the streams are told, and what
// they still do is committed too.
void ServerRun::DrainStep(std::function<void()> done) {
  const bool late = loop_->now() >= drain_until_;
  switch (drained_) {
    case Drained::kNo:
      return;
    case Drained::kFlushing:
      if (!lanes_->clean() && !late) break;
      for (auto& [connection, stream] : streams_) {
        if (stream != nullptr) stream->GoAway();
      }
      WantFlush();
      drained_ = Drained::kLeaving;
      drain_until_ = loop_->now() + kGrace;
      break;
    case Drained::kLeaving:
      if (late) service_->AbandonWaiting();
      if (HasStreams() && !late) break;
      drained_ = Drained::kLast;
      drain_until_ = loop_->now() + kFlushTime;
      break;
    case Drained::kLast:
      if (!lanes_->clean() && !late) break;
      return done();
  }
  driver_->WantAll();
  WakeStore();
  process_.After(kDrainLook, [this, done = std::move(done)]() mutable {
    DrainStep(std::move(done));
  });
}

}  // namespace recur::sim
