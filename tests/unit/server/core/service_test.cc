// Service: sessions, their items, draining and warming.

#include "server/core/service.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <limits>
#include <set>
#include <thread>

#include "model/spec/error_reason.h"
#include "server/session/session_id.h"
#include "tests/unit/server/core/service_fixture.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(ServiceTest, ReturnsTheSameSessionForTheSameRequestId) {
  const auto first = Open({.model = "sum", .request_id = "r1"});
  ASSERT_TRUE(first.ok()) << first.status();
  Observe({.session_id = first->id, .steps = 2}, {1, 2});
  const auto again = Open({.model = "sum", .request_id = "r1"});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->id, first->id);
  EXPECT_EQ(again->applied_step, 2u);
  const auto other = Open({.model = "sum", .request_id = "r2"});
  ASSERT_TRUE(other.ok());
  EXPECT_NE(other->id, first->id);
  EXPECT_EQ(List("", "", 10)->sessions.size(), 2u);
}

TEST_F(ServiceTest, MakesAnotherIdForEveryOpenWithoutRequestId) {
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.insert(Open({.model = "sum"})->id);
  EXPECT_EQ(ids.size(), 20u);
  for (const std::string& id : ids) EXPECT_TRUE(CheckSessionId(id).ok());
}

TEST_F(ServiceTest, DoesNotLetTheRequestIdTellTheSessionIdOfAnotherRun) {
  const std::string here = Open({.model = "sum", .request_id = "r1"})->id;
  Service other(ServiceOptions(), repository_.get(), &lanes_);
  Reply<SessionInfo> reply;
  other.OpenSession({.model = "sum", .request_id = "r1"}, reply.Take());
  ASSERT_TRUE(reply.Get().ok());
  EXPECT_NE(reply.Get()->id, here);
}

TEST_F(ServiceTest, TellsSessionsOfAnEarlierRunFromUnknownOnes) {
  const std::string lost = FormatSessionId(kBootTag + 1, 1, 2);
  EXPECT_EQ(Get(lost).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReasonOf(Get(lost).status()), "session_lost");
  EXPECT_EQ(ReasonOf(Get(FormatSessionId(kBootTag, 1, 2)).status()),
            "session_unknown");
  EXPECT_EQ(ReasonOf(Get("mine").status()), "session_unknown");
  EXPECT_EQ(ReasonOf(Observe({.session_id = lost, .steps = 1}, {1}).status),
            "session_lost");
  EXPECT_EQ(ReasonOf(Close(lost).status()), "session_lost");
}

TEST_F(ServiceTest, RefusesAnOpenIdAndBadIds) {
  ASSERT_TRUE(Open({.model = "sum", .session_id = "a"}).ok());
  const auto taken = Open({.model = "sum", .session_id = "a"});
  EXPECT_EQ(taken.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(taken.status()), "session_exists");
  for (const std::string& id :
       {std::string("with space"), std::string("\xc3\xbc"),
        std::string(129, 'x'), std::string("zero\0", 5)}) {
    EXPECT_EQ(ReasonOf(Open({.model = "sum", .session_id = id}).status()),
              "bad_session_id");
    EXPECT_EQ(ReasonOf(Get(id).status()), "bad_session_id");
    EXPECT_EQ(ReasonOf(Close(id).status()), "bad_session_id");
    EXPECT_EQ(
        ReasonOf(Forecast(SessionForecastCall{.session_id = id}).status()),
        "bad_session_id");
  }
  EXPECT_TRUE(Open({.model = "sum", .session_id = std::string(128, 'x')}).ok());
  EXPECT_EQ(
      ReasonOf(
          Open({.model = "sum", .request_id = std::string(129, 'r')}).status()),
      "bad_request_id");
}

TEST_F(ServiceTest, HoldsNoSessionsOnModelsThatTakeWholeInputs) {
  const auto text = Open({.model = "text"});
  EXPECT_EQ(ReasonOf(text.status()), "no_sessions");
  EXPECT_EQ(text.status().message(),
            "model \"text\" takes whole texts; it cannot hold a session");
  const auto both_ways = Open({.model = "both_ways"});
  EXPECT_EQ(ReasonOf(both_ways.status()), "no_sessions");
  EXPECT_THAT(std::string(both_ways.status().message()),
              HasSubstr("takes whole sequences"));
  EXPECT_EQ(ReasonOf(Open({.model = "nobody"}).status()), "model_unknown");
}

TEST_F(ServiceTest, KeepsTheTimeToLiveWithinItsLimits) {
  EXPECT_EQ(Open({.model = "sum"})->idle_ttl, std::chrono::hours(24));
  EXPECT_EQ(
      Open({.model = "sum", .idle_ttl = std::chrono::seconds(90)})->idle_ttl,
      std::chrono::seconds(90));
  for (const auto ttl : {std::chrono::seconds(-1), std::chrono::seconds::max(),
                         std::chrono::seconds::min()}) {
    EXPECT_EQ(ReasonOf(Open({.model = "sum", .idle_ttl = ttl}).status()),
              "bad_idle_ttl");
  }
}

TEST_F(ServiceTest, ExpiresAndClosesAndSaysWhich) {
  ASSERT_TRUE(Open({.model = "sum",
                    .session_id = "idle",
                    .idle_ttl = std::chrono::seconds(10)})
                  .ok());
  ASSERT_TRUE(Open({.model = "sum", .session_id = "done"}).ok());
  Observe({.session_id = "done", .steps = 3}, {1, 2, 3});
  EXPECT_EQ(*Close("done"), 3u);
  EXPECT_TRUE(Close("done").ok()) << "closing is idempotent";
  lanes_.now += std::chrono::seconds(11);
  lanes_.Housekeep();
  EXPECT_EQ(ReasonOf(Get("idle").status()), "session_expired");
  EXPECT_EQ(ReasonOf(Get("done").status()), "session_closed");
  EXPECT_EQ(ReasonOf(Close("never").status()), "session_unknown");
}

TEST_F(ServiceTest, PagesThroughTheSessionsOfAllLanes) {
  std::set<std::string> ids;
  for (int i = 0; i < 25; ++i) {
    const std::string id = absl::StrCat("s", i);
    ids.insert(id);
    ASSERT_TRUE(
        Open({.model = i % 5 == 0 ? "sensor" : "sum", .session_id = id}).ok());
  }
  for (int lane = 0; lane < kLanes; ++lane) {
    EXPECT_GT(lanes_.stats(lane).sessions_live.value(), 0) << "lane " << lane;
  }
  for (const size_t limit : {1, 4, 5, 24, 25, 26}) {
    std::vector<std::string> listed;
    std::string after;
    do {
      const auto page = List("", after, limit);
      ASSERT_TRUE(page.ok());
      ASSERT_LE(page->sessions.size(), limit);
      for (const auto& info : page->sessions) listed.push_back(info.id);
      after = page->next;
    } while (!after.empty());
    EXPECT_EQ(listed, std::vector<std::string>(ids.begin(), ids.end()))
        << "pages of " << limit;
  }
  EXPECT_EQ(List("sensor", "", 100)->sessions.size(), 5u);
  EXPECT_THAT(List("nobody", "", 100)->sessions, IsEmpty());
}

class ShortListTest : public ServiceTest {
 protected:
  static Lane::Options FewVisits() {
    Lane::Options options = LaneOptions();
    options.sessions.max_list_visits = 2;
    return options;
  }

  ShortListTest() : ServiceTest(FewVisits()) {}
};

TEST_F(ShortListTest, PagesThatAreShortLeaveNothingOut) {
  std::set<std::string> ids;
  for (int i = 0; i < 40; ++i) {
    const std::string id = absl::StrCat("s", i);
    const bool rare = i % 13 == 0;
    if (rare) ids.insert(id);
    ASSERT_TRUE(
        Open({.model = rare ? "sensor" : "sum", .session_id = id}).ok());
  }
  std::vector<std::string> listed;
  std::string after;
  int pages = 0;
  do {
    const auto page = List("sensor", after, 10);
    ASSERT_TRUE(page.ok());
    for (const auto& info : page->sessions) listed.push_back(info.id);
    after = page->next;
    ++pages;
  } while (!after.empty());
  EXPECT_EQ(listed, std::vector<std::string>(ids.begin(), ids.end()));
  EXPECT_GT(pages, 40 / kLanes / 2) << "two sessions of a lane at a time";
}

TEST_F(ServiceTest, BringsPageSizesIntoTheirLimits) {
  ASSERT_TRUE(Open({.model = "sum", .session_id = "a"}).ok());
  ASSERT_TRUE(Open({.model = "sum", .session_id = "b"}).ok());
  EXPECT_EQ(List("", "", 0)->sessions.size(), 1u);
  EXPECT_EQ(List("", "", 0)->next, "a");
  EXPECT_EQ(List("", "", std::numeric_limits<size_t>::max())->sessions.size(),
            2u);
}

TEST_F(ServiceTest, RefusesNewWorkWhileDrainingButStepsOpenSessions) {
  ASSERT_TRUE(Open({.model = "sum", .session_id = "a"}).ok());
  service_->BeginDrain();
  const auto open = Open({.model = "sum"});
  EXPECT_EQ(open.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(open.status()), "draining");
  EXPECT_EQ(ReasonOf(Classify({.model = "text", .texts = {"hot"}}).status()),
            "draining");
  EXPECT_EQ(ReasonOf(Forecast(ForecastCall{.model = "sum",
                                           .context = {.values = {1}}})
                         .status()),
            "draining");
  EXPECT_TRUE(Observe({.session_id = "a", .steps = 2}, {4, 5}).status.ok());
  const auto forecast = Forecast(SessionForecastCall{.session_id = "a"});
  ASSERT_TRUE(forecast.ok()) << forecast.status();
  EXPECT_EQ(forecast->forecast.point, std::vector<double>{9});
  EXPECT_TRUE(Get("a").ok());
  EXPECT_TRUE(Close("a").ok());
}

TEST_F(ServiceTest, SaysThatASessionIsBehindTheStepAskedFor) {
  ASSERT_TRUE(Open({.model = "sum", .session_id = "a"}).ok());
  Observe({.session_id = "a", .steps = 2}, {4, 5});
  EXPECT_TRUE(
      Forecast(SessionForecastCall{.session_id = "a", .min_step = 2}).ok());
  const auto behind =
      Forecast(SessionForecastCall{.session_id = "a", .min_step = 3});
  EXPECT_EQ(behind.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(behind.status()), "session_behind");
  EXPECT_EQ(behind.status().message(),
            "session \"a\" has applied step 2; min_step is 3");
}

TEST_F(ServiceTest, TimesStepsFromTheStartGivenAtOpen) {
  const int64_t start_us = int64_t{1'600'000'000} * 1'000'000;
  const int64_t hour_us = int64_t{3600} * 1'000'000;
  ASSERT_TRUE(
      Open({.model = "hourly", .session_id = "h", .start_us = start_us}).ok());
  ASSERT_TRUE(Observe({.session_id = "h", .steps = 2}, {1, 2}).status.ok());
  const auto forecast = Forecast(SessionForecastCall{.session_id = "h"});
  ASSERT_TRUE(forecast.ok());
  EXPECT_EQ(forecast->forecast.start_us, start_us + 2 * hour_us);

  auto late = Batch({{.session_id = "h", .steps = 1}}, {{3}});
  late->times_us = {start_us + hour_us};
  ASSERT_TRUE(late->Seal().ok());
  service_->Submit(late);
  EXPECT_EQ(ReasonOf(late->results[0].status), "time_late");
  EXPECT_EQ(DetailsOf(late->results[0].status),
            (std::vector<std::pair<std::string, std::string>>{
                {"expected_time", "2020-09-13T14:26:40Z"},
                {"time", "2020-09-13T13:26:40Z"}}));
}

TEST_F(ServiceTest, AnswersEveryItemOfABatchApart) {
  for (const std::string id : {"a", "b", "c"}) {
    ASSERT_TRUE(Open({.model = "sum", .session_id = id}).ok());
  }
  auto batch =
      Batch({{.session_id = "a", .steps = 2, .want = Want::kForecast},
             {.session_id = "bad id", .steps = 1},
             {.session_id = "never", .steps = 1},
             {.session_id = "b", .first_step = 5, .steps = 1},
             {.session_id = "c", .steps = 9},
             {.session_id = "c", .steps = 1, .want = Want::kClass},
             {.session_id = "c", .steps = -3},
             {.session_id = "a", .steps = 1, .want = Want::kForecast}},
            {{1, 2}, {1}, {1}, {1}, std::vector<double>(9, 1.0), {1}, {}, {4}});
  service_->Submit(batch);
  std::vector<std::string> reasons;
  for (const ItemResult& result : batch->results) {
    reasons.push_back(ReasonOf(result.status).value_or("ok"));
  }
  EXPECT_THAT(reasons, ElementsAre("ok", "bad_session_id", "session_unknown",
                                   "step_gap", "item_too_long", "wrong_want",
                                   "item_too_long", "ok"));
  EXPECT_EQ(batch->results[4].status.message(),
            "the item has 9 steps; the limit is 8");
  EXPECT_EQ(std::get<recur::Forecast>(*batch->results[0].answer).point[0], 3);
  EXPECT_EQ(std::get<recur::Forecast>(*batch->results[7].answer).point[0], 7);
  auto told = static_cast<Told&>(*batch->sink).told;
  std::sort(told.begin(), told.end());
  EXPECT_THAT(told, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST_F(ServiceTest, TakesItemsInTheOrderInWhichTheyWereSubmitted) {
  ASSERT_TRUE(Open({.model = "sum", .session_id = "a"}).ok());
  lanes_.held = true;
  std::vector<std::shared_ptr<ItemBatch>> batches;
  for (uint64_t step = 1; step <= 9; ++step) {
    batches.push_back(Batch({{.session_id = "a",
                              .first_step = step,
                              .steps = 1,
                              .want = Want::kForecast}},
                            {{static_cast<double>(step)}}));
    service_->Submit(batches.back());
  }
  lanes_.Run();
  for (uint64_t step = 1; step <= 9; ++step) {
    const ItemResult& result = batches[step - 1]->results[0];
    ASSERT_TRUE(result.status.ok()) << result.status;
    EXPECT_EQ(result.step, step);
    EXPECT_EQ(std::get<recur::Forecast>(*result.answer).point[0],
              step * (step + 1) / 2.0);
  }
}

TEST_F(ServiceTest, LeavesFewItemsToTheLanesThreadSoThatOthersCanJoinThem) {
  for (const std::string id : {"a", "b", "c"}) {
    ASSERT_TRUE(Open({.model = "sum", .session_id = id}).ok());
  }
  const auto submit = [&](const std::vector<std::string>& ids, int each) {
    std::vector<Item> items;
    for (int i = 0; i < each; ++i) {
      for (const auto& id : ids) {
        items.push_back({.session_id = id, .steps = 1});
      }
    }
    const std::vector<std::vector<double>> values(items.size(), {1.0});
    const auto batch = Batch(std::move(items), values);
    service_->Submit(batch);
    for (const ItemResult& result : batch->results) {
      EXPECT_TRUE(result.status.ok()) << result.status;
    }
  };
  submit({"a"}, 31);
  submit({"a", "b", "c"}, 10);
  EXPECT_EQ(lanes_.workable, 0);
  submit({"a"}, 32);
  EXPECT_EQ(lanes_.workable, 1);
  submit({"a", "b", "c"}, 40);
  EXPECT_EQ(lanes_.workable, 2) << "lanes work at the same time";
}

TEST_F(ServiceTest, WarmsEveryLaneAndSaysWhenTheyHaveStopped) {
  const auto model = *repository_->Find("sum", std::nullopt);
  const long before = model->engine.use_count();
  EXPECT_TRUE(service_->Warm(model).ok());
  EXPECT_GE(model->engine.use_count(), before + kLanes)
      << "each lane has a workspace";
  lanes_.stopped = true;
  const absl::Status status = service_->Warm(model);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), "draining");
}

// The service on threads, as it is served: many callers, every sum right.
TEST_F(ServiceTest, KeepsSumsRightWithManyCallersOnThreads) {
  LaneThreads threads(2, LaneOptions(), {});
  Service service(ServiceOptions(), repository_.get(), &threads);
  ASSERT_TRUE(service.Warm(*repository_->Find("sum", std::nullopt)).ok());
  std::vector<Reply<SessionInfo>> opened(4);
  const auto caller = [&](int number) {
    const std::string id = absl::StrCat("s", number);
    service.OpenSession({.model = "sum", .session_id = id},
                        opened[number].Take());
    std::vector<std::shared_ptr<ItemBatch>> batches;
    for (int step = 1; step <= 200; ++step) {
      batches.push_back(
          Batch({{.session_id = id, .steps = 1, .want = Want::kForecast}},
                {{static_cast<double>(number + 1)}}));
      service.Submit(batches.back());
    }
    return batches;
  };
  std::vector<std::vector<std::shared_ptr<ItemBatch>>> sent(4);
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&, i] { sent[i] = caller(i); });
  }
  for (std::thread& thread : callers) thread.join();
  threads.Stop();
  for (int i = 0; i < 4; ++i) {
    for (int step = 1; step <= 200; ++step) {
      const ItemResult& result = sent[i][step - 1]->results[0];
      ASSERT_TRUE(result.status.ok()) << result.status;
      ASSERT_EQ(std::get<recur::Forecast>(*result.answer).point[0],
                (i + 1) * step);
    }
  }
}

}  // namespace
}  // namespace recur
