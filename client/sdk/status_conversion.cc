#include "client/sdk/status_conversion.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "model/spec/error_reason.h"

namespace recur::client {
namespace {

constexpr char kDomain[] = "recur";

absl::StatusCode ToCode(int code) {
  const bool known = code >= 0 && code <= 16;
  return known ? static_cast<absl::StatusCode>(code)
               : absl::StatusCode::kUnknown;
}

void AddDetail(const google::protobuf::Any& any, absl::Status* status) {
  google::rpc::ErrorInfo info;
  google::rpc::RetryInfo retry;
  if (any.Is<google::rpc::ErrorInfo>() && any.UnpackTo(&info)) {
    if (info.domain() != kDomain) return;
    SetReason(status, info.reason());
    for (const auto& [key, value] : info.metadata()) {
      SetDetail(status, key, value);
    }
  } else if (any.Is<google::rpc::RetryInfo>() && any.UnpackTo(&retry)) {
    const google::protobuf::Duration& delay = retry.retry_delay();
    // A delay is a hint: bounded, so that arithmetic on it cannot overflow.
    const int64_t seconds =
        std::clamp<int64_t>(delay.seconds(), 0, 24 * 60 * 60);
    const int64_t ms =
        seconds * 1000 + std::clamp(delay.nanos(), 0, 999'999'999) / 1'000'000;
    SetDetail(status, "retry_delay_ms", absl::StrCat(ms));
  }
}

}  // namespace

absl::Status ToAbslStatus(const google::rpc::Status& status) {
  absl::Status converted(ToCode(status.code()), status.message());
  for (const google::protobuf::Any& any : status.details()) {
    AddDetail(any, &converted);
  }
  return converted;
}

absl::Status ToAbslStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status converted(ToCode(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (!details.ParseFromString(status.error_details())) return converted;
  for (const google::protobuf::Any& any : details.details()) {
    AddDetail(any, &converted);
  }
  return converted;
}

}  // namespace recur::client
