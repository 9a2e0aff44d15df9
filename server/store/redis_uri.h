// Where a Redis is and how to talk to it:
//   redis://[[user]:password@]host[:port][/database][?name=value&...]
//   rediss://...  the same through TLS
// with these values, all of them optional:
//   prefix      what the names of all keys begin with; "recur:"
//   ca          file of certificates (PEM) to trust, in place of the system's
//   timeout_ms  of connecting, and of a call; 2000
// In user, password and values %XX is the byte with that number.
#ifndef RECUR_SERVER_STORE_REDIS_URI_H_
#define RECUR_SERVER_STORE_REDIS_URI_H_

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace recur {

struct RedisUri {
  bool tls = false;
  std::string host;  // without the brackets of an IPv6 address
  int port = 6379;
  std::string user;      // empty: Redis's default one
  std::string password;  // empty: none is given
  int database = 0;
  std::string prefix = "recur:";
  std::string ca_file;
  std::chrono::milliseconds timeout{2000};

  // For people: without the password and the values.
  std::string Name() const;
};

// INVALID_ARGUMENT bad_option saying what is wrong, without the password.
absl::StatusOr<RedisUri> ParseRedisUri(absl::string_view text);

}  // namespace recur

#endif  // RECUR_SERVER_STORE_REDIS_URI_H_
