#include "server/rpc/rpc_status.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "google/rpc/error_details.pb.h"
#include "model/spec/error_reason.h"
#include "server/rpc/wire_text.h"

namespace recur {
namespace {

constexpr absl::string_view kDomain = "recur";
constexpr int kRetrySeconds = 1;

std::string ReasonOrCode(const absl::Status& status) {
  if (auto reason = ReasonOf(status); reason.has_value()) return *reason;
  return absl::AsciiStrToLower(absl::StatusCodeToString(status.code()));
}

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status out;
  out.set_code(static_cast<int>(status.code()));
  if (status.ok()) return out;
  out.set_message(WireText(status.message(), kMaxErrorMessageBytes));
  google::rpc::ErrorInfo info;
  info.set_domain(std::string(kDomain));
  info.set_reason(ReasonOrCode(status));
  for (const auto& [key, value] : DetailsOf(status)) {
    (*info.mutable_metadata())[key] = WireText(value, kMaxErrorDetailBytes);
  }
  out.add_details()->PackFrom(info);
  if (status.code() == absl::StatusCode::kResourceExhausted ||
      info.reason() == "store_unavailable") {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_seconds(kRetrySeconds);
    out.add_details()->PackFrom(retry);
  }
  return out;
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status wire = ToRpcStatus(status);
  return grpc::Status(static_cast<grpc::StatusCode>(wire.code()),
                      wire.message(), wire.SerializeAsString());
}

}  // namespace recur
