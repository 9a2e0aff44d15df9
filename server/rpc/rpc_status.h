// absl::Status -> what goes over the wire. An error's reason and details
// (model/spec/error_reason.h) become a google.rpc.ErrorInfo with domain
// "recur"; an error without a reason gets its code's name in lower case. A
// RESOURCE_EXHAUSTED error also carries a google.rpc.RetryInfo.
#ifndef RECUR_SERVER_RPC_RPC_STATUS_H_
#define RECUR_SERVER_RPC_RPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"

namespace recur {

// For the items of a stream. Messages and details are made valid UTF-8 and cut
// (WireText), so that an error can always be read and fits into gRPC's trailers
// (8 KiB by default at clients).
inline constexpr size_t kMaxErrorMessageBytes = 1500;
inline constexpr size_t kMaxErrorDetailBytes = 200;
google::rpc::Status ToRpcStatus(const absl::Status& status);

// For a whole call: the same google.rpc.Status in the binary details.
grpc::Status ToGrpcStatus(const absl::Status& status);

}  // namespace recur

#endif  // RECUR_SERVER_RPC_RPC_STATUS_H_
