#include "server/store/store_uri.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "model/spec/error_reason.h"
#include "server/store/redis_store.h"
#include "server/store/redis_uri.h"
#include "server/store/rocksdb_store.h"

namespace recur {

absl::StatusOr<std::unique_ptr<SessionStore>> OpenSessionStore(
    absl::string_view uri) {
  if (uri == "memory") return nullptr;
  if (absl::ConsumePrefix(&uri, "rocksdb:") && !uri.empty()) {
    return CreateRocksdbStore({.dir = std::string(uri)});
  }
  if (absl::StartsWith(uri, "redis://") || absl::StartsWith(uri, "rediss://")) {
    const absl::StatusOr<RedisUri> parsed = ParseRedisUri(uri);
    if (!parsed.ok()) return parsed.status();
    return CreateRedisStore(*parsed);
  }
  // Not quoted: it may be an address with a password that is misspelt.
  return ErrorWithReason(
      absl::StatusCode::kInvalidArgument, "bad_option",
      "the session store must be memory, rocksdb:DIR, redis://HOST:PORT or "
      "rediss://HOST:PORT");
}

}  // namespace recur
