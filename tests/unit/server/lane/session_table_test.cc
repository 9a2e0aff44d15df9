#include "server/lane/session_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "model/spec/error_reason.h"
#include "server/session/session_id.h"
#include "tests/unit/server/lane/lane_fixture.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SessionTableTest : public ::testing::Test {
 protected:
  OpenRequest Request(const std::string& id,
                      std::chrono::seconds ttl = std::chrono::hours(1)) const {
    return {.id = id, .model = model_, .idle_ttl = ttl};
  }

  static std::vector<std::string> Ids(const SessionTable::Page& page) {
    std::vector<std::string> ids;
    for (const auto& record : page.sessions) {
      ids.emplace_back(record->session.id);
    }
    return ids;
  }

  std::shared_ptr<const Servable> model_ =
      ServableOf(AccumulatorModel(1), "sum");
  std::shared_ptr<const Servable> other_ =
      ServableOf(AccumulatorModel(2), "pair");
  TimePoint now_ = TimePoint(std::chrono::hours(100));
};

TEST_F(SessionTableTest, ListsById) {
  SessionTable table({});
  for (const std::string id : {"c", "a", "e", "b", "d"}) {
    OpenRequest request = Request(id);
    if (id == "b" || id == "e") request.model = other_;
    ASSERT_TRUE(table.Open(request, now_).ok());
  }
  EXPECT_THAT(Ids(table.List("", "", 3)), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Ids(table.List("c", "", 3)), ElementsAre("d", "e"));
  EXPECT_THAT(Ids(table.List("", "pair", 9)), ElementsAre("b", "e"));
  EXPECT_THAT(Ids(table.List("e", "", 9)), IsEmpty());
  EXPECT_THAT(Ids(table.List("", "", 0)), IsEmpty());
}

TEST_F(SessionTableTest, LooksAtSoManySessionsForAPageAndSaysWhereItEnds) {
  SessionTable table({.max_list_visits = 3});
  for (const std::string id : {"a", "b", "c", "d", "e"}) {
    OpenRequest request = Request(id);
    if (id == "e") request.model = other_;
    ASSERT_TRUE(table.Open(request, now_).ok());
  }
  const SessionTable::Page none = table.List("", "pair", 9);
  EXPECT_THAT(Ids(none), IsEmpty());
  EXPECT_EQ(none.next, "c");
  const SessionTable::Page rest = table.List(none.next, "pair", 9);
  EXPECT_THAT(Ids(rest), ElementsAre("e"));
  EXPECT_EQ(rest.next, "");
  EXPECT_EQ(table.List("", "", 2).next, "b");
  EXPECT_EQ(table.List("b", "", 3).next, "");
}

TEST_F(SessionTableTest, ListsThoseThatAreOpenWhateverCameBefore) {
  SessionTable table({});
  std::set<std::string> open;
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    const std::string id = "s" + std::to_string(random() % 50);
    if (open.insert(id).second) {
      ASSERT_TRUE(table.Open(Request(id), now_).ok());
    } else if (random() % 2) {
      open.erase(id);
      ASSERT_TRUE(table.Close(id).ok());
    } else {
      open.erase(id);
      table.Lose(id);
    }
    const std::string after = "s" + std::to_string(random() % 50);
    std::vector<std::string> expected(open.upper_bound(after), open.end());
    if (expected.size() > 7) expected.resize(7);
    ASSERT_EQ(Ids(table.List(after, "", 7)), expected) << "round " << round;
  }
  table.Expire(now_ + std::chrono::hours(2));
  EXPECT_THAT(Ids(table.List("", "", 100)), IsEmpty());
}

TEST_F(SessionTableTest, RefusesASessionThatItsMemoryCannotHold) {
  SessionTable probe({});
  ASSERT_TRUE(probe.Open(Request("a"), now_).ok());
  const size_t one = probe.bytes();
  SessionTable table({.max_bytes = 2 * one});
  ASSERT_TRUE(table.Open(Request("a"), now_).ok());
  ASSERT_TRUE(table.Open(Request("b"), now_).ok());
  const auto third = table.Open(Request("c"), now_);
  EXPECT_EQ(third.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(third.status()), "session_memory_full");
  EXPECT_TRUE(table.Find("a").ok()) << "none is evicted";
  ASSERT_TRUE(table.Close("a").ok());
  EXPECT_TRUE(table.Open(Request("c"), now_).ok());
}

TEST_F(SessionTableTest, RemembersHowSessionsEndedUntilTheyAreOpenedAgain) {
  SessionTable table({.remembered_ended = 2, .boot_tag = 7});
  for (const std::string id : {"a", "b", "c"}) {
    ASSERT_TRUE(table.Open(Request(id), now_).ok());
  }
  ASSERT_TRUE(table.Close("a").ok());
  table.Lose("b");
  EXPECT_EQ(ReasonOf(table.Find("a").status()), "session_closed");
  EXPECT_EQ(ReasonOf(table.Find("b").status()), "session_lost");
  EXPECT_EQ(ReasonOf(table.Close("b").status()), "session_lost");
  EXPECT_FALSE(*table.Close("a"));
  ASSERT_TRUE(table.Open(Request("b"), now_).ok());
  EXPECT_TRUE(table.Find("b").ok());
  ASSERT_TRUE(table.Close("b").ok());
  ASSERT_TRUE(table.Close("c").ok());
  EXPECT_EQ(ReasonOf(table.Find("a").status()), "session_unknown")
      << "only the newest two are remembered";
  EXPECT_EQ(ReasonOf(table.Find(FormatSessionId(8, 0, 0)).status()),
            "session_lost");
}

TEST_F(SessionTableTest, DoesNotBringBackAnEndedSessionForALateRetry) {
  SessionTable table({});
  OpenRequest request = Request("a");
  request.request_id = "r1";
  ASSERT_TRUE(table.Open(request, now_).ok());
  ASSERT_TRUE(table.Open(request, now_).ok());
  ASSERT_TRUE(table.Close("a").ok());
  EXPECT_EQ(ReasonOf(table.Open(request, now_).status()), "session_closed");
  EXPECT_EQ(table.size(), 0u);
  request.request_id = "r2";
  ASSERT_TRUE(table.Open(request, now_).ok()) << "this is another open";
  table.Expire(now_ + std::chrono::hours(2));
  EXPECT_EQ(ReasonOf(table.Open(request, now_).status()), "session_expired");
  EXPECT_TRUE(table.Open(Request("a"), now_).ok());
}

TEST_F(SessionTableTest, CountsASessionThatWasOpenedTwiceOnceWhenItExpires) {
  SessionTable table({});
  ASSERT_TRUE(table.Open(Request("a"), now_).ok());
  ASSERT_TRUE(table.Close("a").ok());
  ASSERT_TRUE(table.Open(Request("a"), now_).ok());
  EXPECT_EQ(table.Expire(now_ + std::chrono::minutes(59)), 0);
  EXPECT_EQ(table.Expire(now_ + std::chrono::minutes(61)), 1);
  EXPECT_EQ(table.size(), 0u);
}

TEST_F(SessionTableTest, DoesNotExpireASessionWithAnItemInProgress) {
  SessionTable table({});
  for (const auto ttl : {std::chrono::seconds(0), std::chrono::seconds(60)}) {
    const auto entry = *table.Open(Request("a", ttl), now_);
    entry->first_run = 0;
    EXPECT_EQ(table.Expire(now_ + std::chrono::hours(1)), 0);
    EXPECT_FALSE(entry->ended);
    entry->first_run = SessionRecord::kNoRun;
    EXPECT_EQ(table.Expire(now_ + std::chrono::hours(2)), 1);
    EXPECT_TRUE(entry->ended);
  }
}

// A client that opens and closes all day must not leave a day of entries.
TEST_F(SessionTableTest, ForgetsTheExpiryOfSessionsThatCameAndWent) {
  SessionTable table({});
  ASSERT_TRUE(
      table.Open(Request("keep", std::chrono::hours(24 * 30)), now_).ok());
  constexpr int kSessions = 10'000;
  for (int i = 0; i < kSessions; ++i) {
    const std::string id = "s" + std::to_string(i % 3);
    ASSERT_TRUE(table
                    .Open(Request(id, std::chrono::hours(24)),
                          now_ + std::chrono::seconds(i))
                    .ok());
    ASSERT_TRUE(table.Close(id).ok());
  }
  const auto next = table.NextExpiry();
  ASSERT_TRUE(next.has_value());
  EXPECT_GE(*next, now_ + std::chrono::hours(24) +
                       std::chrono::seconds(kSessions - 1100));
  EXPECT_EQ(table.Expire(now_ + std::chrono::hours(24 * 29)), 0);
  EXPECT_EQ(table.Expire(now_ + std::chrono::hours(24 * 31)), 1);
}

// bytes() against the sum over all sessions, whatever happens to them.
TEST_F(LaneTest, KeepsTheBytesOfSessionsExact) {
  std::mt19937 random(5);
  const auto live = [&] { return lane_.List("", "", 1000, now_).sessions; };
  for (int round = 0; round < 3000; ++round) {
    const std::string id = "s" + std::to_string(random() % 20);
    now_ += std::chrono::seconds(random() % 200);
    switch (random() % 8) {
      case 0:
        lane_
            .Open({.id = id,
                   .request_id = std::string(random() % 100, 'r'),
                   .model = model_,
                   .idle_ttl = std::chrono::minutes(20)},
                  now_)
            .status()
            .IgnoreError();
        break;
      case 1:
        lane_.Close(id).status().IgnoreError();
        break;
      case 2:
        lane_.Housekeep(now_);
        break;
      default: {
        const int steps = static_cast<int>(random() % 7);
        Submit(Batch({.session_id = id,
                      .steps = steps,
                      .want = random() % 2 ? Want::kForecast : Want::kAck},
                     std::vector<double>(steps, 1.0)));
        if (random() % 2) RunDry();
      }
    }
    size_t bytes = 0;
    for (const SessionInfo& info : live()) bytes += info.state_bytes;
    ASSERT_EQ(lane_.stats().session_bytes.value(), static_cast<int64_t>(bytes))
        << "round " << round;
  }
  EXPECT_GT(lane_.stats().sessions_expired.value(), 10);
  EXPECT_GT(lane_.stats().sessions_closed.value(), 30);
  RunDry();
  for (const SessionInfo& info : live()) {
    ASSERT_TRUE(lane_.Close(info.id).ok());
  }
  EXPECT_EQ(lane_.stats().session_bytes.value(), 0);
  EXPECT_EQ(lane_.stats().queued_items.value(), 0);
}

}  // namespace
}  // namespace recur
