// The driver with real threads: lanes, a committer and loaders at once.

#include "server/core/store_threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/network/reference/reference_engine.h"
#include "server/core/service.h"
#include "tests/unit/server/core/service_fixture.h"
#include "tests/unit/server/store/memory_store.h"

namespace recur {
namespace {

constexpr int kSessions = 40;
constexpr int kSteps = 50;

// Waits until a number of things have happened.
class Countdown {
 public:
  explicit Countdown(int count) : left_(count) {}
  void Done() {
    const std::lock_guard lock(mutex_);
    if (--left_ == 0) zero_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    zero_.wait(lock, [&] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable zero_;
  int left_;
};

class CountingSink : public ItemSink {
 public:
  explicit CountingSink(Countdown* countdown) : countdown_(countdown) {}
  void ItemsDone(const std::shared_ptr<ItemBatch>&,
                 absl::Span<const uint32_t> indices) override {
    for (size_t i = 0; i < indices.size(); ++i) countdown_->Done();
  }

 private:
  Countdown* countdown_;
};

class StoreThreadsTest : public ::testing::Test {
 protected:
  struct Server {
    Server(MemoryStore* store, Repository* repository)
        : lanes(2, {}, {}),
          driver({.commit_interval = std::chrono::milliseconds(2)}, store,
                 repository, &lanes),
          threads(&driver, &lanes),
          service({}, repository, &lanes, &driver) {}
    ~Server() {
      threads.Stop();
      lanes.Stop();
    }
    LaneThreads lanes;
    StoreDriver driver;
    StoreThreads threads;
    Service service;
  };

  StoreThreadsTest() {
    EXPECT_TRUE(
        WriteModel(AccumulatorModel(1), root_.path() / "sum" / "1").ok());
    auto made = Repository::Create({.root = root_.path(),
                                    .max_batch_rows = 4,
                                    .create_engine = CreateReferenceEngine});
    repository_ = *std::move(made);
    repository_->Poll();
  }

  void OpenAll(Server* server) {
    Countdown opened(kSessions);
    for (int i = 0; i < kSessions; ++i) {
      server->service.OpenSession(
          {.model = "sum", .session_id = absl::StrCat("s", i)},
          [&](absl::StatusOr<SessionInfo> info) {
            EXPECT_TRUE(info.ok()) << info.status();
            opened.Done();
          });
    }
    opened.Wait();
  }

  // Steps every session from `first` on; every third item waits.
  void StepAll(Server* server, uint64_t first) {
    Countdown answered(kSessions * kSteps);
    auto sink = std::make_shared<CountingSink>(&answered);
    std::vector<std::shared_ptr<ItemBatch>> batches;
    for (int step = 0; step < kSteps; ++step) {
      auto batch = std::make_shared<ItemBatch>();
      for (int i = 0; i < kSessions; ++i) {
        batch->items.push_back({.session_id = absl::StrCat("s", i),
                                .first_step = first + step,
                                .steps = 1,
                                .want = Want::kForecast});
        batch->values.push_back(1);
        batch->value_counts.push_back(1);
      }
      batch->wait_durable = step % 3 == 0;
      batch->sink = sink;
      ASSERT_TRUE(batch->Seal().ok());
      batches.push_back(batch);
      server->service.Submit(batch);
    }
    answered.Wait();
    for (int step = 0; step < kSteps; ++step) {
      for (const ItemResult& result : batches[step]->results) {
        ASSERT_TRUE(result.status.ok()) << result.status;
        EXPECT_EQ(std::get<Forecast>(*result.answer).point[0],
                  static_cast<double>(first + step));
      }
    }
  }

  TemporaryDirectory root_;
  MemoryStore store_{Durability::kLocal};
  std::unique_ptr<Repository> repository_;
};

// Steps a session on and on: the next step when one is answered.
class Stepper : public ItemSink, public std::enable_shared_from_this<Stepper> {
 public:
  Stepper(Service* service, std::string id)
      : service_(service), id_(std::move(id)) {}

  void Step() {
    auto batch = std::make_shared<ItemBatch>();
    batch->items.push_back(
        {.session_id = id_, .first_step = ++step_, .steps = 1});
    batch->values = {1};
    batch->value_counts = {1};
    batch->sink = shared_from_this();
    EXPECT_TRUE(batch->Seal().ok());
    service_->Submit(batch);
  }
  void ItemsDone(const std::shared_ptr<ItemBatch>&,
                 absl::Span<const uint32_t>) override {
    applied = step_;
    if (stopping) return stopped.Done();
    Step();
  }

  std::atomic<uint64_t> applied{0};
  std::atomic<bool> stopping{false};
  Countdown stopped{1};

 private:
  Service* const service_;
  const std::string id_;
  uint64_t step_ = 0;
};

TEST_F(StoreThreadsTest, FlushWhatHasHappenedWhileMoreHappens) {
  Server server(&store_, repository_.get());
  OpenAll(&server);
  std::vector<std::shared_ptr<Stepper>> steppers;
  for (int i = 0; i < kSessions; ++i) {
    steppers.push_back(
        std::make_shared<Stepper>(&server.service, absl::StrCat("s", i)));
    steppers.back()->Step();
  }
  for (int i = 0; i < 20; ++i) {
    std::vector<uint64_t> applied;
    for (const auto& of : steppers) applied.push_back(of->applied);
    ASSERT_TRUE(server.threads.Flush(std::chrono::steady_clock::now() +
                                     std::chrono::seconds(20)));
    for (int k = 0; k < kSessions; ++k) {
      const auto row =
          store_.Load(absl::StrCat("s", k), SessionStore::Access::kRead);
      EXPECT_GE((*row)->step, applied[k]);
    }
  }
  for (const auto& of : steppers) of->stopping = true;
  for (const auto& of : steppers) of->stopped.Wait();
}

TEST_F(StoreThreadsTest, CommitWhatTheLanesStepAndLoadItAgain) {
  const TimePoint late =
      std::chrono::steady_clock::now() + std::chrono::seconds(60);
  {
    Server server(&store_, repository_.get());
    OpenAll(&server);
    StepAll(&server, 1);
    EXPECT_TRUE(server.threads.Flush(late));
  }
  {
    Server server(&store_, repository_.get());
    StepAll(&server, kSteps + 1);
    EXPECT_TRUE(server.threads.Flush(late));
  }
  for (int i = 0; i < kSessions; ++i) {
    const auto row =
        store_.Load(absl::StrCat("s", i), SessionStore::Access::kRead);
    EXPECT_EQ((*row)->step, 2u * kSteps);
  }
}

}  // namespace
}  // namespace recur
