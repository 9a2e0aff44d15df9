// New session ids. Thread-safe.
#ifndef RECUR_SERVER_CORE_SESSION_NAMES_H_
#define RECUR_SERVER_CORE_SESSION_NAMES_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace recur {

// With a request id the session id follows from it (HMAC-SHA256 under a key
// drawn when the object is made), so that a retried open finds the session it
// made, and nobody can guess the id from the request id. Without one it is
// random.
class SessionNames {
 public:
  explicit SessionNames(uint32_t boot_tag);

  std::string Make(absl::string_view request_id) const;

 private:
  uint32_t boot_tag_;
  std::array<unsigned char, 32> key_;
};

// 32 random bits to tell one run of the server from another.
uint32_t RandomBootTag();

}  // namespace recur

#endif  // RECUR_SERVER_CORE_SESSION_NAMES_H_
