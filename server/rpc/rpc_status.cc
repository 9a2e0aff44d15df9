#include "server/rpc/rpc_status.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "google/rpc/error_details.pb.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

constexpr absl::string_view kDomain = "recur";
constexpr int kRetrySeconds = 1;

std::string MessageOf(const absl::Status& status) {
  absl::string_view message = status.message();
  if (message.size() <= kMaxErrorMessageBytes) return std::string(message);
  size_t end = kMaxErrorMessageBytes - 3;
  // Not in the middle of a UTF-8 character: protobuf strings must be valid.
  while (end > 0 && (message[end] & 0xc0) == 0x80) --end;
  return std::string(message.substr(0, end)) + "...";
}

std::string ReasonOrCode(const absl::Status& status) {
  if (auto reason = ReasonOf(status); reason.has_value()) return *reason;
  return absl::AsciiStrToLower(absl::StatusCodeToString(status.code()));
}

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status out;
  out.set_code(static_cast<int>(status.code()));
  if (status.ok()) return out;
  out.set_message(MessageOf(status));
  google::rpc::ErrorInfo info;
  info.set_domain(std::string(kDomain));
  info.set_reason(ReasonOrCode(status));
  for (const auto& [key, value] : DetailsOf(status)) {
    (*info.mutable_metadata())[key] = value;
  }
  out.add_details()->PackFrom(info);
  if (status.code() == absl::StatusCode::kResourceExhausted) {
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
