#include "server/observe/observer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "absl/strings/str_cat.h"
#include "model/network/onednn/onednn_engine.h"
#include "server/observe/server_reading.h"
#include "tests/unit/server/observe/loopback_client.h"
#include "tests/unit/server/repository/small_model.h"

namespace recur {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ObserverTest : public ::testing::Test {
 protected:
  ObserverTest() {
    EXPECT_TRUE(WriteModel(SmallModel(1), root_.path() / "m" / "1").ok());
    repository_ =
        *Repository::Create({.root = root_.path(), .max_batch_rows = 2});
    lanes_ = std::make_unique<LaneThreads>(
        2, Lane::Options(),
        LaneThreads::Hooks{.before_turn = UseOneThreadPerCall});
    service_ = std::make_unique<Service>(Service::Options(), repository_.get(),
                                         lanes_.get());
    auto server = StartObserver(service_.get(),
                                {
                                    .port = 0,
                                    .build_labels = {{"version", "9.9.9"}},
                                    .ready = [this] { return more_; },
                                });
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::string Page(const std::string& path) const {
    return Get(server_->port(), path);
  }

  TemporaryDirectory root_;
  absl::Status more_;
  std::unique_ptr<Repository> repository_;
  std::unique_ptr<LaneThreads> lanes_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(ObserverTest, IsHealthyFromTheStart) {
  EXPECT_THAT(Page("/healthz"),
              AllOf(StartsWith("HTTP/1.1 200 OK"), EndsWith("\r\n\r\nok\n")));
}

TEST_F(ObserverTest, IsReadyOnceAModelIs) {
  EXPECT_THAT(Page("/readyz"),
              AllOf(StartsWith("HTTP/1.1 503 Service Unavailable"),
                    EndsWith("no model is ready; 0 loading, 0 failed\n")));
  repository_->Poll();
  EXPECT_THAT(Page("/readyz"),
              AllOf(StartsWith("HTTP/1.1 200"), EndsWith("\r\n\r\nready\n")));
}

TEST_F(ObserverTest, SaysHowManyModelsFailed) {
  std::filesystem::remove(root_.path() / "m" / "1" / "model.json");
  repository_->Poll();
  EXPECT_THAT(Page("/readyz"),
              EndsWith("no model is ready; 0 loading, 1 failed\n"));
}

TEST_F(ObserverTest, IsHealthyButNotReadyWhileDraining) {
  repository_->Poll();
  service_->BeginDrain();
  EXPECT_THAT(Page("/readyz"), AllOf(StartsWith("HTTP/1.1 503"),
                                     EndsWith("\r\n\r\ndraining\n")));
  EXPECT_THAT(Page("/healthz"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Page("/metrics"), HasSubstr("\nrecur_draining 1\n"));
}

TEST_F(ObserverTest, TheAppMayHoldReadinessBack) {
  repository_->Poll();
  more_ = absl::UnavailableError("the gRPC port is not open");
  EXPECT_THAT(Page("/readyz"), AllOf(StartsWith("HTTP/1.1 503"),
                                     EndsWith("the gRPC port is not open\n")));
}

TEST_F(ObserverTest, TheIndexNamesEveryPage) {
  for (const auto& [path, page] : ObserverPages(service_.get(), {})) {
    EXPECT_THAT(Page("/"), HasSubstr(path));
  }
}

TEST_F(ObserverTest, MetricsTellWhatTheServiceDid) {
  repository_->Poll();
  std::promise<absl::Status> opened;
  service_->OpenSession({.model = "m", .session_id = "s"},
                        [&](absl::StatusOr<SessionInfo> info) {
                          opened.set_value(info.status());
                        });
  ASSERT_TRUE(opened.get_future().get().ok());
  service_->request_stats()
      .Series({"OpenSession", "m", absl::StatusCode::kOk})
      ->Observe(0.001);
  lanes_->Stop();  // so that every counter has been written

  const std::string text = Page("/metrics");
  EXPECT_THAT(
      text,
      HasSubstr("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8"));
  for (const char* line : {"recur_requests_total{method=\"OpenSession\",model="
                           "\"m\",code=\"OK\"} 1",
                           "recur_sessions{state=\"live\"} 1",
                           "recur_sessions_total{event=\"opened\"} 1",
                           "recur_lanes 2", "recur_models{state=\"ready\"} 1",
                           "recur_model_loads_total{result=\"ok\"} 1",
                           "recur_build_info{version=\"9.9.9\"} 1"}) {
    EXPECT_THAT(text, HasSubstr(absl::StrCat("\n", line, "\n")));
  }
  EXPECT_THAT(text, HasSubstr("\nprocess_cpu_seconds_total "));
}

TEST(SnapshotTest, AddsUpTheLanes) {
  LaneStats first;
  LaneStats second;
  first.steps_applied.Add(3);
  second.steps_applied.Add(4);
  first.batch_rows.Observe(1);
  second.batch_rows.Observe(1);
  second.batch_rows.Observe(1000);
  LaneTotals totals;
  AddLane(first, &totals);
  AddLane(second, &totals);
  EXPECT_EQ(totals.lanes, 2);
  EXPECT_EQ(totals.steps_applied, 7);
  EXPECT_EQ(totals.batch_rows.counts.front(), 2u);
  EXPECT_EQ(totals.batch_rows.counts.back(), 1u);
  EXPECT_EQ(totals.batch_rows.sum, 1002);
}

}  // namespace
}  // namespace recur
