// A lane with an accumulator model and a sink that remembers.
#ifndef RECUR_TESTS_UNIT_SERVER_LANE_LANE_FIXTURE_H_
#define RECUR_TESTS_UNIT_SERVER_LANE_LANE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/network/reference/reference_engine.h"
#include "server/lane/lane.h"
#include "tests/unit/server/accumulator_model.h"

namespace recur {

inline std::shared_ptr<const Servable> ServableOf(const Model& model,
                                                  std::string name) {
  auto engine = CreateReferenceEngine(model.spec.network, model.weights);
  EXPECT_TRUE(engine.ok()) << engine.status();
  auto servable = MakeServable(model.spec, model.vocabulary, *engine);
  EXPECT_TRUE(servable.ok()) << servable.status();
  servable->name = std::move(name);
  servable->version = 1;
  return std::make_shared<const Servable>(*std::move(servable));
}

// Keeps the results in the order in which they came.
class Remembering : public ItemSink {
 public:
  void ItemsDone(const std::shared_ptr<ItemBatch>& batch,
                 absl::Span<const uint32_t> indices) override {
    for (const uint32_t index : indices) {
      results.push_back(batch->results[index]);
      order.emplace_back(batch->SessionIdOf(index));
    }
  }

  std::vector<ItemResult> results;
  std::vector<std::string> order;
};

class LaneTest : public ::testing::Test {
 protected:
  explicit LaneTest(const Lane::Options& options = {}) : lane_(options) {}

  void Open(const std::string& id) {
    const auto info = lane_.Open(
        {.id = id, .model = model_, .idle_ttl = std::chrono::hours(1)}, now_);
    ASSERT_TRUE(info.ok()) << info.status();
  }

  std::shared_ptr<ItemBatch> Batch(Item item, std::vector<double> values) {
    auto batch = std::make_shared<ItemBatch>();
    batch->items.push_back(std::move(item));
    batch->values = std::move(values);
    batch->arrived = now_;
    batch->sink = sink_;
    return batch;
  }

  void Submit(const std::shared_ptr<ItemBatch>& batch) {
    ASSERT_TRUE(batch->Seal().ok());
    std::vector<uint32_t> all(batch->items.size());
    for (uint32_t i = 0; i < all.size(); ++i) all[i] = i;
    lane_.Submit(batch, all, now_);
  }

  // Submits one item, runs the lane dry and returns the item's result.
  ItemResult Observe(Item item, std::vector<double> values) {
    const size_t before = sink_->results.size();
    Submit(Batch(std::move(item), std::move(values)));
    RunDry();
    EXPECT_EQ(sink_->results.size(), before + 1);
    return sink_->results.back();
  }

  void RunDry() {
    while (lane_.Tick(now_)) {
    }
  }

  static double SumOf(const ItemResult& result) {
    return std::get<Forecast>(*result.answer).point[0];
  }

  std::shared_ptr<const Servable> model_ =
      ServableOf(AccumulatorModel(1), "sum");
  std::shared_ptr<Remembering> sink_ = std::make_shared<Remembering>();
  TimePoint now_ = TimePoint(std::chrono::seconds(1000));
  Lane lane_;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_LANE_LANE_FIXTURE_H_
