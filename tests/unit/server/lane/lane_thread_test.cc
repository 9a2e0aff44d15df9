#include "server/lane/lane_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "model/spec/error_reason.h"
#include "tests/unit/server/lane/lane_fixture.h"

namespace recur {
namespace {

// The last answer of each session and how many items were told. Each session
// stays on one lane, and each lane has a sink of its own.
class LastSums : public ItemSink {
 public:
  void ItemsDone(const std::shared_ptr<ItemBatch>& batch,
                 absl::Span<const uint32_t> indices) override {
    for (const uint32_t index : indices) {
      ++told;
      const ItemResult& result = batch->results[index];
      if (!result.status.ok()) {
        ++refused;
      } else if (result.answer != nullptr) {
        sums[batch->items[index].session_id] =
            std::get<Forecast>(*result.answer).point[0];
      }
    }
  }

  int told = 0;
  int refused = 0;
  std::map<std::string, double> sums;
};

class LaneThreadsTest : public ::testing::Test {
 protected:
  LaneTask OpenTask(const std::string& id) {
    return [this, id](Lane& lane, TimePoint now) {
      const OpenRequest request{
          .id = id, .model = model_, .idle_ttl = std::chrono::hours(1)};
      EXPECT_TRUE(lane.Open(request, now).ok());
    };
  }

  LaneTask StepTask(const std::string& id, double value,
                    const std::shared_ptr<ItemSink>& sink) {
    auto batch = std::make_shared<ItemBatch>();
    batch->items.push_back(
        {.session_id = id, .steps = 1, .want = Want::kForecast});
    batch->values = {value};
    batch->sink = sink;
    EXPECT_TRUE(batch->Seal().ok());
    return [batch](Lane& lane, TimePoint now) { lane.Submit(batch, {0}, now); };
  }

  std::shared_ptr<const Servable> model_ =
      ServableOf(AccumulatorModel(1), "sum");
};

TEST_F(LaneThreadsTest, StepsEverySessionRightUnderManyPosters) {
  constexpr int kLanes = 2;
  constexpr int kPosters = 4;
  constexpr int kSteps = 300;
  std::vector<std::shared_ptr<LastSums>> sinks;
  for (int i = 0; i < kLanes; ++i)
    sinks.push_back(std::make_shared<LastSums>());
  std::atomic<bool> reading{true};
  {
    LaneThreads lanes(kLanes, {}, {});
    // Counters may be read at any time.
    std::thread reader([&] {
      int64_t last = 0;
      while (reading.load()) {
        int64_t applied = 0;
        for (int i = 0; i < kLanes; ++i) {
          applied += lanes.stats(i).steps_applied.value();
          lanes.stats(i).batch_rows.Read();
        }
        EXPECT_GE(applied, last);
        last = applied;
      }
    });
    std::vector<std::thread> posters;
    for (int poster = 0; poster < kPosters; ++poster) {
      posters.emplace_back([&, poster] {
        const std::string id = "s" + std::to_string(poster);
        const int lane = poster % kLanes;
        lanes.Post(lane, OpenTask(id));
        for (int step = 0; step < kSteps; ++step) {
          LaneTask task = StepTask(id, poster + 1, sinks[lane]);
          if (step % 4 == 0) {
            lanes.Post(lane, std::move(task));
          } else {
            lanes.PostOrWork(lane, std::move(task));
          }
        }
      });
    }
    for (std::thread& poster : posters) poster.join();
    lanes.Stop();
    reading = false;
    reader.join();
    EXPECT_EQ(lanes.stats(0).steps_applied.value() +
                  lanes.stats(1).steps_applied.value(),
              kPosters * kSteps);
    EXPECT_EQ(lanes.stats(0).sessions_live.value(), kPosters / kLanes);
    EXPECT_EQ(lanes.stats(0).queued_items.value(), 0);
  }
  for (int poster = 0; poster < kPosters; ++poster) {
    LastSums& sink = *sinks[poster % kLanes];
    EXPECT_EQ(sink.refused, 0);
    EXPECT_EQ(sink.told, kPosters / kLanes * kSteps);
    EXPECT_EQ(sink.sums["s" + std::to_string(poster)], (poster + 1.0) * kSteps);
  }
}

TEST_F(LaneThreadsTest, FinishesWhatIsQueuedBeforeItStops) {
  const auto sink = std::make_shared<LastSums>();
  bool whole_done = false;
  {
    LaneThreads lanes(1, {}, {});
    // Nothing runs before all of it is queued.
    std::promise<void> queued;
    lanes.Post(0, [&](Lane&, TimePoint) { queued.get_future().wait(); });
    lanes.Post(0, OpenTask("a"));
    for (int i = 0; i < 20; ++i) lanes.Post(0, StepTask("a", 1, sink));
    lanes.Post(0, [&](Lane& lane, TimePoint now) {
      lane.Submit(WholeSequence{.model = model_,
                                .values = std::vector<double>(500, 1.0),
                                .done =
                                    [&](absl::StatusOr<Answer> answer) {
                                      whole_done = answer.ok();
                                    }},
                  now);
    });
    queued.set_value();
    lanes.Stop();
    EXPECT_EQ(sink->told, 20);
    EXPECT_TRUE(whole_done);
    lanes.Stop();  // once more does nothing
  }
  EXPECT_EQ(sink->sums["a"], 20);
}

TEST_F(LaneThreadsTest, DestroysTasksThatComeAfterTheStopUnrun) {
  LaneThreads lanes(1, {}, {});
  lanes.Stop();
  bool ran = false;
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = held;
  lanes.Post(0,
             [&ran, held = std::move(held)](Lane&, TimePoint) { ran = true; });
  EXPECT_TRUE(watched.expired()) << "who waits on it must learn of it";
  EXPECT_FALSE(ran);
}

TEST_F(LaneThreadsTest, RunsPostedTasksInOrderOnOneThread) {
  std::vector<int> order;
  std::set<std::thread::id> threads;
  LaneThreads lanes(1, {}, {});
  for (int i = 0; i < 100; ++i) {
    lanes.Post(0, [&, i](Lane&, TimePoint) {
      order.push_back(i);
      threads.insert(std::this_thread::get_id());
    });
  }
  lanes.Stop();
  ASSERT_EQ(order.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[i], i);
  EXPECT_EQ(threads.size(), 1u);
  EXPECT_EQ(threads.count(std::this_thread::get_id()), 0u);
}

TEST_F(LaneThreadsTest, HasTasksWithinATurnOfWhoeverRunsThem) {
  std::atomic<int> ran{0};
  std::atomic<int> outside{0};
  static thread_local bool in_turn = false;
  LaneThreads lanes(1, {},
                    {.before_turn = [] { in_turn = true; },
                     .after_turn = [] { in_turn = false; }});
  const auto task = [&](Lane&, TimePoint) {
    ++ran;
    if (!in_turn) ++outside;
  };
  lanes.PostOrWork(0, task);
  EXPECT_FALSE(in_turn) << "what this thread does next is not the lane's";
  lanes.Post(0, task);
  lanes.Stop();
  EXPECT_EQ(ran.load(), 2);
  EXPECT_EQ(outside.load(), 0);
}

TEST_F(LaneThreadsTest, WorksAnIdleLaneWhereTheTaskComesFrom) {
  LaneThreads lanes(1, {}, {});
  bool opened = false;
  std::thread::id opener;
  lanes.PostOrWork(0, [&](Lane& lane, TimePoint now) {
    OpenTask("a")(lane, now);
    opener = std::this_thread::get_id();
    opened = true;
  });
  ASSERT_TRUE(opened) << "before the call returns";
  EXPECT_EQ(opener, std::this_thread::get_id());
}

TEST_F(LaneThreadsTest, LeavesBulkToTheLanesOwnThread) {
  LaneThreads lanes(1, {}, {});
  std::promise<std::thread::id> done;
  lanes.PostOrWork(0, [&](Lane& lane, TimePoint now) {
    const auto finish = [&](absl::StatusOr<Answer> answer) {
      EXPECT_TRUE(answer.ok());
      done.set_value(std::this_thread::get_id());
    };
    lane.Submit(WholeSequence{.model = model_,
                              .values = std::vector<double>(500, 1.0),
                              .done = finish},
                now);
  });
  EXPECT_NE(done.get_future().get(), std::this_thread::get_id());
}

TEST_F(LaneThreadsTest, LeavesWhatOthersPostMeanwhileToTheLanesOwnThread) {
  LaneThreads lanes(1, {}, {});
  std::promise<std::thread::id> other;
  lanes.PostOrWork(0, [&](Lane&, TimePoint) {
    std::thread poster([&] {
      lanes.Post(0, [&](Lane&, TimePoint) {
        other.set_value(std::this_thread::get_id());
      });
    });
    poster.join();
  });
  EXPECT_NE(other.get_future().get(), std::this_thread::get_id());
}

TEST_F(LaneThreadsTest, WorksTheItemsThatOthersHandInMeanwhile) {
  LaneThreads lanes(1, {}, {});
  std::thread::id second;
  lanes.PostOrWork(0, [&](Lane&, TimePoint) {
    std::thread poster([&] {
      lanes.PostOrWork(
          0, [&](Lane&, TimePoint) { second = std::this_thread::get_id(); });
    });
    poster.join();
  });
  lanes.Stop();
  EXPECT_NE(second, std::thread::id());
}

TEST_F(LaneThreadsTest, QueuesWhatATaskPostsInsteadOfRunningItWithin) {
  LaneThreads lanes(2, {}, {});
  std::vector<int> order;
  std::promise<std::thread::id> elsewhere;
  lanes.PostOrWork(0, [&](Lane&, TimePoint) {
    lanes.PostOrWork(0, [&](Lane&, TimePoint) { order.push_back(2); });
    lanes.PostOrWork(1, [&](Lane&, TimePoint) {
      elsewhere.set_value(std::this_thread::get_id());
    });
    order.push_back(1);
  });
  EXPECT_NE(elsewhere.get_future().get(), std::this_thread::get_id());
  lanes.Stop();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST_F(LaneThreadsTest, QueuesForALaneThatIsWorked) {
  LaneThreads lanes(1, {}, {});
  std::promise<void> begun;
  std::promise<void> queued;
  std::thread::id worker;
  std::thread::id second;
  lanes.Post(0, [&](Lane&, TimePoint) {
    worker = std::this_thread::get_id();
    begun.set_value();
    queued.get_future().wait();
  });
  begun.get_future().wait();
  lanes.PostOrWork(
      0, [&](Lane&, TimePoint) { second = std::this_thread::get_id(); });
  queued.set_value();
  lanes.Stop();
  EXPECT_EQ(second, worker);
}

TEST_F(LaneThreadsTest, TakesTasksThatItsOwnTasksPost) {
  LaneThreads lanes(2, {}, {});
  std::promise<void> there;
  lanes.Post(0, [&](Lane&, TimePoint) {
    lanes.Post(1, [&](Lane&, TimePoint) {
      lanes.Post(0, [&](Lane&, TimePoint) { there.set_value(); });
    });
  });
  there.get_future().wait();
  lanes.Stop();
}

TEST_F(LaneThreadsTest, StopsWhileThreadsStillPost) {
  for (int round = 0; round < 20; ++round) {
    LaneThreads lanes(2, {}, {});
    std::atomic<int> ran{0};
    std::atomic<int> destroyed{0};
    std::vector<std::thread> posters;
    for (int poster = 0; poster < 3; ++poster) {
      posters.emplace_back([&, poster] {
        for (int i = 0; i < 50; ++i) {
          std::shared_ptr<void> token(nullptr, [&](void*) { ++destroyed; });
          const int lane = (poster + i) % 2;
          LaneTask task = [&ran, token](Lane&, TimePoint) { ++ran; };
          if (i % 2 == 0) {
            lanes.Post(lane, std::move(task));
          } else {
            lanes.PostOrWork(lane, std::move(task));
          }
        }
      });
    }
    lanes.Stop();
    for (std::thread& poster : posters) poster.join();
    EXPECT_EQ(destroyed.load(), 150) << "each task is run or dropped";
    EXPECT_LE(ran.load(), 150);
  }
}

}  // namespace
}  // namespace recur
