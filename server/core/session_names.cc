#include "server/core/session_names.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdlib>
#include <cstring>

#include "server/session/session_id.h"

namespace recur {
namespace {

void FillRandom(unsigned char* bytes, size_t count) {
  // Without randomness ids could be guessed: there is no safe way to go on.
  if (RAND_bytes(bytes, static_cast<int>(count)) != 1) std::abort();
}

}  // namespace

SessionNames::Key SessionNames::RandomKey() {
  Key key{};
  FillRandom(key.data(), key.size());
  return key;
}

std::string SessionNames::Make(absl::string_view request_id) const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  if (request_id.empty()) {
    FillRandom(bytes.data(), 16);
  } else {
    unsigned int size = 0;
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
         reinterpret_cast<const unsigned char*>(request_id.data()),
         request_id.size(), bytes.data(), &size);
  }
  uint64_t high = 0;
  uint64_t low = 0;
  std::memcpy(&high, bytes.data(), sizeof(high));
  std::memcpy(&low, bytes.data() + sizeof(high), sizeof(low));
  return FormatSessionId(boot_tag_, high, low);
}

uint32_t RandomBootTag() {
  uint32_t tag = 0;
  FillRandom(reinterpret_cast<unsigned char*>(&tag), sizeof(tag));
  return tag;
}

}  // namespace recur
