// The store that a flag names.
#ifndef RECUR_SERVER_STORE_STORE_URI_H_
#define RECUR_SERVER_STORE_STORE_URI_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/session_store.h"

namespace recur {

// "memory": null, for there is none and sessions end with the process;
// "rocksdb:DIR" (server/store/rocksdb_store.h); "redis://..." or "rediss://..."
// (server/store/redis_uri.h). INVALID_ARGUMENT bad_option for anything else,
// or what opening it says. No message holds a password.
absl::StatusOr<std::unique_ptr<SessionStore>> OpenSessionStore(
    absl::string_view uri);

}  // namespace recur

#endif  // RECUR_SERVER_STORE_STORE_URI_H_
