// New session ids. Thread-safe.
#ifndef RECUR_SERVER_CORE_SESSION_NAMES_H_
#define RECUR_SERVER_CORE_SESSION_NAMES_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace recur {

// With a request id the session id follows from it (HMAC-SHA256 under a key),
// so that a retried open finds the session it
// made, and nobody can guess the id from the request id. Without one it is
// random.
class SessionNames {
 public:
  using Key = std::array<unsigned char, 32>;

  static Key RandomKey();

  explicit SessionNames(uint32_t boot_tag, const Key& key = RandomKey())
      : boot_tag_(boot_tag), key_(key) {}

  std::string Make(absl::string_view request_id) const;

 private:
  uint32_t boot_tag_;
  Key key_;
};

// 32 random bits to tell one run of the server from another.
uint32_t RandomBootTag();

}  // namespace recur

#endif  // RECUR_SERVER_CORE_SESSION_NAMES_H_
