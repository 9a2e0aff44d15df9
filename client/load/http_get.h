// The body of an HTTP resource, fetched plainly (HTTP/1.0, no TLS, no
// redirects): all that reading a server's metrics takes. Blocks; thread safe.
#ifndef RECUR_CLIENT_LOAD_HTTP_GET_H_
#define RECUR_CLIENT_LOAD_HTTP_GET_H_

#include <chrono>
#include <string>

#include "absl/status/statusor.h"

namespace recur::load {

// `url` is http://host:port/path; the scheme, and the port if it is 80, may be
// left out. INVALID_ARGUMENT for another scheme, UNAVAILABLE naming the URL if
// it cannot be read, each read or write taking `timeout` at most, or if the
// server's status is not 200.
absl::StatusOr<std::string> HttpGet(const std::string& url,
                                    std::chrono::milliseconds timeout);

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_HTTP_GET_H_
