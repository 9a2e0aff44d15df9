// A gRPC status -> absl::Status: code and message kept, a google.rpc.ErrorInfo
// of domain "recur" becomes reason and details (model/spec/error_reason.h), a
// google.rpc.RetryInfo becomes the detail "retry_delay_ms". A status without a
// reason comes from the transport. Thread safe.
#ifndef RECUR_CLIENT_SDK_STATUS_CONVERSION_H_
#define RECUR_CLIENT_SDK_STATUS_CONVERSION_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace recur::client {

absl::Status ToAbslStatus(const grpc::Status& status);

// The status of one item or of one attach. Codes outside gRPC's are UNKNOWN.
absl::Status ToAbslStatus(const google::rpc::Status& status);

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_STATUS_CONVERSION_H_
