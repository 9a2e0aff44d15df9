#include "model/spec/error_reason.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/cord.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(ErrorReasonTest, CarriesCodeReasonAndMessage) {
  const absl::Status status = ErrorWithReason(absl::StatusCode::kNotFound,
                                              "session_unknown", "no session");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "no session");
  EXPECT_EQ(ReasonOf(status), "session_unknown");
}

TEST(ErrorReasonTest, APlainStatusHasNeitherReasonNorDetails) {
  EXPECT_EQ(ReasonOf(absl::InternalError("bug")), std::nullopt);
  EXPECT_EQ(ReasonOf(absl::OkStatus()), std::nullopt);
  EXPECT_THAT(DetailsOf(absl::InternalError("bug")), IsEmpty());
}

TEST(ErrorReasonTest, AnEmptyReasonIsStillAReason) {
  absl::Status status = absl::InternalError("bug");
  SetReason(&status, "");
  EXPECT_EQ(ReasonOf(status), "");
}

TEST(ErrorReasonTest, ListsDetailsByKeyWithoutTheReason) {
  absl::Status status =
      ErrorWithReason(absl::StatusCode::kInvalidArgument, "time_late", "late");
  SetDetail(&status, "zone", "");
  SetDetail(&status, "expected_time", "2014-03-01T00:00:00Z");
  SetDetail(&status, "model", "etth1");
  EXPECT_THAT(DetailsOf(status),
              ElementsAre(Pair("expected_time", "2014-03-01T00:00:00Z"),
                          Pair("model", "etth1"), Pair("zone", "")));
}

TEST(ErrorReasonTest, LaterValuesReplaceEarlierOnes) {
  absl::Status status =
      ErrorWithReason(absl::StatusCode::kInvalidArgument, "old", "message");
  SetReason(&status, "new");
  SetDetail(&status, "key", "1");
  SetDetail(&status, "key", "2");
  EXPECT_EQ(ReasonOf(status), "new");
  EXPECT_THAT(DetailsOf(status), ElementsAre(Pair("key", "2")));
}

TEST(ErrorReasonTest, OkHoldsNothing) {
  absl::Status status;
  SetReason(&status, "reason");
  SetDetail(&status, "key", "value");
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(ReasonOf(status), std::nullopt);
  EXPECT_THAT(DetailsOf(status), IsEmpty());
}

TEST(ErrorReasonTest, ForeignPayloadsAreNotDetails) {
  absl::Status status = absl::InternalError("bug");
  status.SetPayload("type.googleapis.com/other", absl::Cord("x"));
  EXPECT_EQ(ReasonOf(status), std::nullopt);
  EXPECT_THAT(DetailsOf(status), IsEmpty());
}

TEST(ErrorReasonTest, SurvivesACopy) {
  absl::Status status =
      ErrorWithReason(absl::StatusCode::kInternal, "bug", "message");
  const absl::Status copy = status;
  SetReason(&status, "other");
  EXPECT_EQ(ReasonOf(copy), "bug");
}

}  // namespace
}  // namespace recur
