// Services on one store, each with puppet lanes and a driver of its own, under
// one clock. A service can crash: everything but the store goes.
#ifndef RECUR_TESTS_UNIT_SERVER_CORE_DURABLE_FIXTURE_H_
#define RECUR_TESTS_UNIT_SERVER_CORE_DURABLE_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/spec/error_reason.h"
#include "server/core/store_driver.h"
#include "tests/unit/server/core/faulty_store.h"
#include "tests/unit/server/core/service_fixture.h"

namespace recur {

// A server without threads.
struct TestServer {
  TestServer(const Lane::Options& lane_options,
             const StoreDriver::Options& driver_options, FaultyStore* its_store,
             Repository* repository, TimePoint now)
      : store(its_store),
        lanes(2, lane_options),
        driver(driver_options, its_store, repository, &lanes),
        service({.boot_tag = 0xabcd}, repository, &lanes, &driver) {
    lanes.now = now;
  }

  // Drives the store until nothing changes any more without time passing.
  void Settle() {
    int before = -1;
    for (int i = 0; i < 100 && before != store->calls; ++i) {
      before = store->calls;
      driver.CommitPass(lanes.now);
      while (driver.Serve(lanes.now)) {
      }
    }
  }

  FaultyStore* store;
  PuppetLanes lanes;
  StoreDriver driver;
  Service service;
};

class DurableTest : public ::testing::Test {
 protected:
  DurableTest() {
    EXPECT_TRUE(
        WriteModel(AccumulatorModel(1), root_.path() / "sum" / "1").ok());
    repository_ = MakeRepository();
    driver_options_.wall_time_us = [this](TimePoint now) {
      return WallUs(now);
    };
    driver_options_.random = [this] { return ++random_ * 0x9e3779b97f4a7c15; };
    lane_options_.sessions.boot_tag = 0xabcd;
    lane_options_.max_batch_rows = 4;
    server_ = MakeServer();
  }

  std::unique_ptr<Repository> MakeRepository() {
    auto made = Repository::Create({.root = root_.path(),
                                    .max_batch_rows = 4,
                                    .create_engine = CreateReferenceEngine});
    EXPECT_TRUE(made.ok()) << made.status();
    (*made)->Poll();
    return *std::move(made);
  }

  std::unique_ptr<TestServer> MakeServer() {
    return std::make_unique<TestServer>(lane_options_, driver_options_, &store_,
                                        repository_.get(), now_);
  }

  // Everything that was only in memory is gone.
  void Crash() {
    server_.reset();
    server_ = MakeServer();
  }

  void Advance(std::chrono::milliseconds by) { AdvanceTo(now_ + by); }
  void AdvanceTo(TimePoint to) {
    now_ = to;
    server_->lanes.now = now_;
    if (other_ != nullptr) other_->lanes.now = now_;
  }

  int64_t WallUs(TimePoint now) const {
    return 1'700'000'000'000'000 +
           std::chrono::duration_cast<std::chrono::microseconds>(
               now.time_since_epoch())
               .count();
  }

  static absl::StatusOr<SessionInfo> Open(TestServer* server, OpenCall call) {
    Reply<SessionInfo> reply;
    server->service.OpenSession(std::move(call), reply.Take());
    server->Settle();
    return reply.Get();
  }
  absl::StatusOr<SessionInfo> Open(const std::string& id,
                                   const std::string& request_id = "") {
    return Open(server_.get(),
                {.model = "sum", .session_id = id, .request_id = request_id});
  }

  static absl::StatusOr<SessionInfo> Get(TestServer* server,
                                         const std::string& id) {
    Reply<SessionInfo> reply;
    server->service.AttachSession(id, reply.Take());
    server->Settle();
    return reply.Get();
  }
  absl::StatusOr<SessionInfo> Get(const std::string& id) {
    return Get(server_.get(), id);
  }

  static absl::StatusOr<uint64_t> Close(TestServer* server,
                                        const std::string& id) {
    Reply<uint64_t> reply;
    server->service.CloseSession(id, reply.Take());
    server->Settle();
    return reply.Get();
  }
  absl::StatusOr<uint64_t> Close(const std::string& id) {
    return Close(server_.get(), id);
  }

  // A batch of one item, not submitted.
  static std::shared_ptr<ItemBatch> Batch(Item item,
                                          std::vector<double> values) {
    auto batch = std::make_shared<ItemBatch>();
    batch->sink = std::make_shared<Told>();
    batch->items.push_back(std::move(item));
    batch->values = std::move(values);
    EXPECT_TRUE(batch->Seal().ok());
    return batch;
  }
  static bool Answered(const ItemBatch& batch) {
    return !static_cast<const Told&>(*batch.sink).told.empty();
  }

  // Without the driver: what the lanes answer at once.
  static std::shared_ptr<ItemBatch> Submit(TestServer* server, Item item,
                                           std::vector<double> values,
                                           bool wait_durable = false) {
    auto batch = Batch(std::move(item), std::move(values));
    batch->wait_durable = wait_durable;
    server->service.Submit(batch);
    return batch;
  }
  std::shared_ptr<ItemBatch> Step(const std::string& id, uint64_t step,
                                  double value, bool wait_durable = false) {
    return Submit(server_.get(),
                  {.session_id = id,
                   .first_step = step,
                   .steps = 1,
                   .want = Want::kForecast},
                  {value}, wait_durable);
  }

  static double SumOf(const ItemBatch& batch) {
    const ItemResult& result = batch.results[0];
    EXPECT_TRUE(result.status.ok()) << result.status;
    if (result.answer == nullptr) return -1;
    return std::get<Forecast>(*result.answer).point[0];
  }
  static std::string ReasonOfItem(const ItemBatch& batch) {
    return ReasonOf(batch.results[0].status).value_or("");
  }
  template <typename T>
  static std::string Reason(const absl::StatusOr<T>& result) {
    return ReasonOf(result.status()).value_or("");
  }

  LaneStats const& lane(int index) const { return server_->lanes.stats(index); }
  int64_t Count(Counter LaneStats::*counter) const {
    return (lane(0).*counter).value() + (lane(1).*counter).value();
  }

  TemporaryDirectory root_;
  TimePoint now_ = TimePoint(std::chrono::seconds(5000));
  uint64_t random_ = 0;
  FaultyStore store_{Durability::kShared, [this] { return WallUs(now_); }};
  std::unique_ptr<Repository> repository_;
  StoreDriver::Options driver_options_;
  Lane::Options lane_options_;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<TestServer> other_;  // a second one on the same store
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_CORE_DURABLE_FIXTURE_H_
