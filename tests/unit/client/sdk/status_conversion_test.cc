#include "client/sdk/status_conversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "model/spec/error_reason.h"

namespace recur::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

google::rpc::Status WireStatus(int code, const std::string& message) {
  google::rpc::Status status;
  status.set_code(code);
  status.set_message(message);
  return status;
}

void AddErrorInfo(const std::string& domain, const std::string& reason,
                  google::rpc::Status* status) {
  google::rpc::ErrorInfo info;
  info.set_domain(domain);
  info.set_reason(reason);
  (*info.mutable_metadata())["expected_step"] = "7";
  status->add_details()->PackFrom(info);
}

TEST(StatusConversionTest, KeepsCodeMessageReasonAndMetadata) {
  google::rpc::Status wire = WireStatus(9, "step 9 leaves a gap");
  AddErrorInfo("recur", "step_gap", &wire);
  const grpc::Status status(grpc::StatusCode::FAILED_PRECONDITION,
                            "step 9 leaves a gap", wire.SerializeAsString());
  const absl::Status converted = ToAbslStatus(status);
  EXPECT_EQ(converted.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(converted.message(), "step 9 leaves a gap");
  EXPECT_EQ(ReasonOf(converted), "step_gap");
  EXPECT_THAT(DetailsOf(converted), ElementsAre(Pair("expected_step", "7")));
}

TEST(StatusConversionTest, ReadsTheStatusOfAnItem) {
  google::rpc::Status wire = WireStatus(5, "no session \"x\"");
  AddErrorInfo("recur", "session_unknown", &wire);
  const absl::Status converted = ToAbslStatus(wire);
  EXPECT_EQ(converted.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(converted.message(), "no session \"x\"");
  EXPECT_EQ(ReasonOf(converted), "session_unknown");
}

TEST(StatusConversionTest, OkIsOk) {
  EXPECT_TRUE(ToAbslStatus(grpc::Status::OK).ok());
  EXPECT_TRUE(ToAbslStatus(google::rpc::Status()).ok());
}

TEST(StatusConversionTest, AnotherDomainGivesNoReason) {
  google::rpc::Status wire = WireStatus(14, "proxy says no");
  AddErrorInfo("proxy.example", "overload", &wire);
  const absl::Status converted = ToAbslStatus(wire);
  EXPECT_EQ(ReasonOf(converted), std::nullopt);
  EXPECT_THAT(DetailsOf(converted), IsEmpty());
}

TEST(StatusConversionTest, DetailsThatAreNoStatusAreIgnored) {
  const grpc::Status status(grpc::StatusCode::UNAVAILABLE, "refused",
                            "\xff\xff not a message");
  const absl::Status converted = ToAbslStatus(status);
  EXPECT_EQ(converted.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(converted.message(), "refused");
  EXPECT_EQ(ReasonOf(converted), std::nullopt);
}

TEST(StatusConversionTest, TellsTheRetryDelayInMilliseconds) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(1);
  retry.mutable_retry_delay()->set_nanos(250'000'000);
  google::rpc::Status wire = WireStatus(8, "full");
  wire.add_details()->PackFrom(retry);
  EXPECT_THAT(DetailsOf(ToAbslStatus(wire)),
              ElementsAre(Pair("retry_delay_ms", "1250")));
}

TEST(StatusConversionTest, AnAbsurdRetryDelayIsBounded) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(INT64_MAX);
  google::rpc::Status wire = WireStatus(8, "full");
  wire.add_details()->PackFrom(retry);
  EXPECT_THAT(DetailsOf(ToAbslStatus(wire)),
              ElementsAre(Pair("retry_delay_ms", "86400000")));
}

TEST(StatusConversionTest, ACodeBeyondGrpcIsUnknown) {
  EXPECT_EQ(ToAbslStatus(WireStatus(99, "what")).code(),
            absl::StatusCode::kUnknown);
}

}  // namespace
}  // namespace recur::client
