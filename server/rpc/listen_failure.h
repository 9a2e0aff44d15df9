// Why a server could not listen, which gRPC does not tell.
#ifndef RECUR_SERVER_RPC_LISTEN_FAILURE_H_
#define RECUR_SERVER_RPC_LISTEN_FAILURE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace recur {

// Tries "host:port" as a server would and says what the system says, such as
// "Address already in use". For the message of a failure that has happened:
// by now it may succeed. May ask a name server.
std::string WhyListeningFails(absl::string_view address);

}  // namespace recur

#endif  // RECUR_SERVER_RPC_LISTEN_FAILURE_H_
