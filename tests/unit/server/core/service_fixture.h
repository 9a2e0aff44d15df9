// A service on lanes that tasks run on inline, with a clock that the test
// moves, over a repository of small models.
#ifndef RECUR_TESTS_UNIT_SERVER_CORE_SERVICE_FIXTURE_H_
#define RECUR_TESTS_UNIT_SERVER_CORE_SERVICE_FIXTURE_H_

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/format/model_directory.h"
#include "model/network/reference/reference_engine.h"
#include "server/core/service.h"
#include "tests/unit/server/accumulator_model.h"
#include "tests/unit/server/repository/small_model.h"

namespace recur {

// Runs tasks on the caller's thread and ticks until every lane is idle; while
// held, keeps them; once stopped, drops them.
class PuppetLanes : public LaneHost {
 public:
  PuppetLanes(int lanes, const Lane::Options& options) {
    for (int i = 0; i < lanes; ++i) {
      lanes_.push_back(std::make_unique<Lane>(options));
    }
  }

  int lane_count() const override { return static_cast<int>(lanes_.size()); }
  const LaneStats& stats(int lane) const override {
    return lanes_[lane]->stats();
  }
  void Post(int lane, LaneTask task) override {
    if (stopped) return;
    tasks_.emplace_back(lane, std::move(task));
    if (!held && !running_) Run();
  }
  void PostOrWork(int lane, LaneTask task) override {
    ++workable;
    Post(lane, std::move(task));
  }

  void Run() {
    running_ = true;
    while (!tasks_.empty()) {
      while (!tasks_.empty()) {
        auto [lane, task] = std::move(tasks_.front());
        tasks_.pop_front();
        task(*lanes_[lane], now);
      }
      for (auto& lane : lanes_) {
        while (lane->Tick(now)) {
        }
      }
    }
    running_ = false;
  }

  void Housekeep() {
    for (auto& lane : lanes_) lane->Housekeep(now);
  }

  bool held = false;
  bool stopped = false;
  int workable = 0;  // tasks that whoever posted them may have worked himself
  TimePoint now = TimePoint(std::chrono::seconds(5000));

 private:
  bool running_ = false;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::deque<std::pair<int, LaneTask>> tasks_;
};

// The accumulator with a step an hour, of which up to three may be missed.
inline Model HourlyModel() {
  Model model = AccumulatorModel(1);
  model.spec.features.interval = std::chrono::hours(1);
  model.spec.features.max_gap_intervals = 4;
  return model;
}

inline Model BothWaysModel() {
  Model model = SmallModel(5);
  model.spec.network.bidirectional = true;
  model.weights = RandomWeights(model.spec.network, 5, 0.5f);
  return model;
}

inline Model TextModel() {
  Model model;
  model.vocabulary = {"pump", "hot", "cold", "leaks"};
  NetworkSpec& network = model.spec.network;
  network.cell.kind = CellKind::kGru;
  network.vocabulary_size = 5;
  network.embedding_size = 3;
  network.hidden_size = 4;
  network.head = Head::kSoftmax;
  network.classes = 3;
  model.spec.takes_text = true;
  model.spec.labels = {"fine", "watch", "stop"};
  model.weights = RandomWeights(network, 3, 0.7f);
  return model;
}

// What a call completed with; an error says that it did not.
template <typename T>
class Reply {
 public:
  Done<T> Take() {
    return [this](absl::StatusOr<T> result) {
      ++calls_;
      result_ = std::move(result);
    };
  }
  const absl::StatusOr<T>& Get() const {
    EXPECT_EQ(calls_, 1) << "a completion runs once";
    return result_;
  }
  int calls() const { return calls_; }

 private:
  int calls_ = 0;
  absl::StatusOr<T> result_ = absl::UnknownError("not completed");
};

// Keeps which items were told, in order.
class Told : public ItemSink {
 public:
  void ItemsDone(const std::shared_ptr<ItemBatch>&,
                 absl::Span<const uint32_t> indices) override {
    told.insert(told.end(), indices.begin(), indices.end());
  }
  std::vector<uint32_t> told;
};

class ServiceTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kBootTag = 0xabcd;
  static constexpr int kLanes = 3;

  static Service::Options ServiceOptions() {
    Service::Options options;
    options.max_sequence_steps = 50;
    options.max_sequences_per_call = 20;
    options.max_steps_per_item = 8;
    options.boot_tag = kBootTag;
    return options;
  }

  static Lane::Options LaneOptions() {
    Lane::Options options;
    options.sessions.boot_tag = kBootTag;
    options.max_batch_rows = 4;
    return options;
  }

  explicit ServiceTest(const Lane::Options& lane = LaneOptions())
      : lanes_(kLanes, lane) {
    Write("sum", AccumulatorModel(1));
    Write("hourly", HourlyModel());
    Write("sensor", SmallModel(7));
    Write("both_ways", BothWaysModel());
    Write("text", TextModel());
    auto made = Repository::Create({.root = root_.path(),
                                    .max_batch_rows = 4,
                                    .create_engine = CreateReferenceEngine});
    EXPECT_TRUE(made.ok()) << made.status();
    repository_ = *std::move(made);
    EXPECT_EQ(repository_->Poll(), 5);
    service_ =
        std::make_unique<Service>(ServiceOptions(), repository_.get(), &lanes_);
  }

  void Write(const std::string& name, const Model& model) {
    const auto status = WriteModel(model, root_.path() / name / "1");
    ASSERT_TRUE(status.ok()) << status;
  }

  absl::StatusOr<SessionInfo> Open(OpenCall call) {
    Reply<SessionInfo> reply;
    service_->OpenSession(std::move(call), reply.Take());
    return reply.Get();
  }

  absl::StatusOr<SessionInfo> Get(const std::string& id) {
    Reply<SessionInfo> reply;
    service_->GetSession(id, reply.Take());
    return reply.Get();
  }

  absl::StatusOr<uint64_t> Close(const std::string& id) {
    Reply<uint64_t> reply;
    service_->CloseSession(id, reply.Take());
    return reply.Get();
  }

  absl::StatusOr<SessionPage> List(const std::string& model,
                                   const std::string& after, size_t limit) {
    Reply<SessionPage> reply;
    service_->ListSessions(model, after, limit, reply.Take());
    return reply.Get();
  }

  absl::StatusOr<ClassifyResult> Classify(ClassifyCall call) {
    Reply<ClassifyResult> reply;
    service_->Classify(std::move(call), reply.Take());
    return reply.Get();
  }

  absl::StatusOr<ForecastResult> Forecast(ForecastCall call) {
    Reply<ForecastResult> reply;
    service_->ForecastContext(std::move(call), reply.Take());
    return reply.Get();
  }

  absl::StatusOr<ForecastResult> Forecast(SessionForecastCall call) {
    Reply<ForecastResult> reply;
    service_->ForecastSession(std::move(call), reply.Take());
    return reply.Get();
  }

  // A sealed batch of items with these observations each, a column wide.
  static std::shared_ptr<ItemBatch> Batch(
      std::vector<Item> items, std::vector<std::vector<double>> values) {
    auto batch = std::make_shared<ItemBatch>();
    batch->sink = std::make_shared<Told>();
    batch->items = std::move(items);
    for (const auto& of_item : values) {
      batch->value_counts.push_back(static_cast<uint32_t>(of_item.size()));
      batch->values.insert(batch->values.end(), of_item.begin(), of_item.end());
    }
    EXPECT_TRUE(batch->Seal().ok());
    return batch;
  }

  ItemResult Observe(Item item, std::vector<double> values) {
    auto batch = Batch({std::move(item)}, {std::move(values)});
    service_->Submit(batch);
    return batch->results[0];
  }

  TemporaryDirectory root_;
  PuppetLanes lanes_;
  std::unique_ptr<Repository> repository_;
  std::unique_ptr<Service> service_;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_CORE_SERVICE_FIXTURE_H_
