#include "server/rpc/rpc_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "model/spec/error_reason.h"
#include "tests/unit/server/rpc/wire_error.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(RpcStatusTest, CarriesReasonDomainAndDetails) {
  absl::Status status = ErrorWithReason(absl::StatusCode::kFailedPrecondition,
                                        "step_gap", "step 7 does not follow");
  SetDetail(&status, "expected_step", "3");
  const WireError error = ErrorOf(ToGrpcStatus(status));
  EXPECT_EQ(error.code, 9);
  EXPECT_EQ(error.reason, "step_gap");
  EXPECT_EQ(error.domain, "recur");
  EXPECT_EQ(error.message, "step 7 does not follow");
  EXPECT_THAT(error.metadata, ElementsAre(Pair("expected_step", "3")));
  EXPECT_EQ(error.retry_seconds, 0);
}

TEST(RpcStatusTest, TellsWhenToRetryWhatIsFull) {
  const WireError error = ErrorOf(ToRpcStatus(ErrorWithReason(
      absl::StatusCode::kResourceExhausted, "queue_full", "full")));
  EXPECT_EQ(error.reason, "queue_full");
  EXPECT_EQ(error.retry_seconds, 1);
}

TEST(RpcStatusTest, GivesAnErrorWithoutReasonTheNameOfItsCode) {
  EXPECT_EQ(ErrorOf(ToRpcStatus(absl::InvalidArgumentError("x"))).reason,
            "invalid_argument");
  EXPECT_EQ(ErrorOf(ToRpcStatus(absl::InternalError("x"))).reason, "internal");
}

TEST(RpcStatusTest, IsOkWithoutDetails) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
  EXPECT_EQ(ToGrpcStatus(absl::OkStatus()).error_details(), "");
}

TEST(RpcStatusTest, CutsALongMessageBetweenCharacters) {
  std::string text(kMaxErrorMessageBytes - 4, 'a');
  for (int i = 0; i < 100; ++i) text += "\xc3\xa9";
  const std::string message =
      ErrorOf(ToRpcStatus(absl::InternalError(text))).message;
  EXPECT_LE(message.size(), kMaxErrorMessageBytes);
  EXPECT_EQ(message,
            absl::StrCat(text.substr(0, kMaxErrorMessageBytes - 4), "..."));
}

TEST(RpcStatusTest, KeepsMessagesAndDetailsReadable) {
  absl::Status status = absl::InternalError("column \"\xff\"");
  SetDetail(&status, "column", "\xff" + std::string(1000, 'x'));
  google::rpc::Status read;
  ASSERT_TRUE(read.ParseFromString(ToRpcStatus(status).SerializeAsString()));
  const WireError error = ErrorOf(read);
  EXPECT_EQ(error.message, "column \"\xef\xbf\xbd\"");
  EXPECT_EQ(error.metadata.at("column").substr(0, 4), "\xef\xbf\xbdx");
  EXPECT_LE(error.metadata.at("column").size(), kMaxErrorDetailBytes);
}

}  // namespace
}  // namespace recur
