// An error as a client sees it.
#ifndef RECUR_TESTS_UNIT_SERVER_RPC_WIRE_ERROR_H_
#define RECUR_TESTS_UNIT_SERVER_RPC_WIRE_ERROR_H_

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <map>
#include <ostream>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace recur {

struct WireError {
  int code = 0;
  std::string reason;
  std::string message;
  std::string domain;
  std::map<std::string, std::string> metadata;
  double retry_seconds = 0;
};

inline WireError ErrorOf(const google::rpc::Status& status) {
  WireError error{.code = status.code(), .message = status.message()};
  for (const auto& detail : status.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&info)) {
      error.reason = info.reason();
      error.domain = info.domain();
      error.metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (detail.UnpackTo(&retry)) {
      error.retry_seconds =
          retry.retry_delay().seconds() + 1e-9 * retry.retry_delay().nanos();
    }
  }
  return error;
}

inline WireError ErrorOf(const grpc::Status& status) {
  google::rpc::Status wire;
  EXPECT_TRUE(wire.ParseFromString(status.error_details()));
  WireError error = ErrorOf(wire);
  EXPECT_EQ(error.code, status.error_code());
  EXPECT_EQ(error.message, status.error_message());
  return error;
}

// Code, reason and a part of the message.
MATCHER_P3(IsError, code, reason, words, "") {
  const WireError error = ErrorOf(arg);
  *result_listener << "code " << error.code << ", reason " << error.reason
                   << ", message \"" << error.message << "\"";
  return error.code == static_cast<int>(code) && error.reason == reason &&
         error.domain == "recur" &&
         error.message.find(words) != std::string::npos;
}

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_RPC_WIRE_ERROR_H_
