#include "server/lane/session_image.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "model/spec/error_reason.h"
#include "tests/unit/server/lane/lane_fixture.h"

namespace recur {
namespace {

class SessionImageTest : public LaneTest {};

TEST_F(SessionImageTest, ASessionGoesOnFromItsImageAsIfNothingHadBeen) {
  Open("a");
  const Item steps{.session_id = "a", .steps = 3, .want = Want::kForecast};
  Observe(steps, {1, 2, 3});
  const SessionPtr original = lane_.Get("a", now_)->record;
  std::string bytes;
  AppendSession(*original, 1234, &bytes);
  const auto snapshot = ParseSnapshot(bytes);
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_EQ(snapshot->last_used_us, 1234);
  EXPECT_EQ(snapshot->model, "sum");

  const SessionPtr copy = SessionRecord::Create("b", "", model_, 4);
  ASSERT_TRUE(RestoreSession(*snapshot, copy.get()).ok());
  EXPECT_EQ(copy->session.applied_step, 3u);
  EXPECT_EQ(copy->session.clock, original->session.clock);
  EXPECT_EQ(copy->session.hidden, original->session.hidden);
  EXPECT_EQ(copy->session.window.Digests(), original->session.window.Digests());
}

TEST_F(SessionImageTest, AnEndedSessionGoesWithoutItsState) {
  Open("a");
  const SessionPtr session = lane_.Get("a", now_)->record;
  session->kind = SnapshotKind::kClosed;
  std::string bytes;
  AppendSession(*session, 0, &bytes);
  EXPECT_TRUE(ParseSnapshot(bytes)->hidden.empty());
}

TEST_F(SessionImageTest, RefusesTheStateOfAnotherModel) {
  Open("a");
  std::string bytes;
  AppendSession(*lane_.Get("a", now_)->record, 0, &bytes);
  const auto wide = ServableOf(AccumulatorModel(3), "wide");
  const SessionPtr other = SessionRecord::Create("b", "", wide, 4);
  const absl::Status status =
      RestoreSession(*ParseSnapshot(bytes), other.get());
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ReasonOf(status), "bad_snapshot");
}

TEST_F(SessionImageTest, RefusesAnswersThatItsModelDoesNotGive) {
  Open("a");
  const Item steps{.session_id = "a", .steps = 3, .want = Want::kForecast};
  Observe(steps, {1, 2, 3});
  std::string bytes;
  AppendSession(*lane_.Get("a", now_)->record, 0, &bytes);
  const Answer kAnswers[] = {Classification{{0.5f, 0.5f}},
                             Forecast{.point = {1, 2}},
                             Forecast{.point = {1}, .quantiles = {1}}};
  for (const Answer& answer : kAnswers) {
    Snapshot snapshot = *ParseSnapshot(bytes);
    snapshot.answers = {{2, std::make_shared<Answer>(answer)}};
    const SessionPtr copy = SessionRecord::Create("b", "", model_, 4);
    const absl::Status status = RestoreSession(snapshot, copy.get());
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(ReasonOf(status), "bad_snapshot");
  }
}

TEST_F(SessionImageTest, RefusesWhatNoSessionHas) {
  Open("a");
  std::string bytes;
  AppendSession(*lane_.Get("a", now_)->record, 0, &bytes);
  const Snapshot sound = *ParseSnapshot(bytes);
  constexpr auto kFar = std::numeric_limits<int64_t>::max();
  std::vector<Snapshot> forged(6, sound);
  forged[0].clock.observed = kFar;
  forged[1].clock.observed = -1;
  forged[2].applied_step = uint64_t{1} << 63;
  forged[3].clock.last_time_us = kFar;
  forged[4].clock.last_time_us = FeatureClock::kNoTime + 1;
  forged[5].start_us = -kFar;
  for (size_t i = 0; i < forged.size(); ++i) {
    const SessionPtr copy = SessionRecord::Create("b", "", model_, 4);
    EXPECT_EQ(ReasonOf(RestoreSession(forged[i], copy.get())), "bad_snapshot")
        << i;
  }
  const SessionPtr copy = SessionRecord::Create("b", "", model_, 4);
  EXPECT_TRUE(RestoreSession(sound, copy.get()).ok());
}

TEST_F(SessionImageTest, IsKeptADayBeyondItsTimeToLive) {
  Open("a");  // for an hour
  const SessionPtr session = lane_.Get("a", now_)->record;
  constexpr int64_t kHourUs = 3'600'000'000;
  EXPECT_EQ(KeepUntilUs(*session, 5, 99), 5 + 25 * kHourUs);
  session->kind = SnapshotKind::kExpired;
  EXPECT_EQ(KeepUntilUs(*session, 5, 99), 99 + 24 * kHourUs);
}

}  // namespace
}  // namespace recur
