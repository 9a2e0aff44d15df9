// Sessions in a Redis 7 that several servers share: durability shared, as safe
// as that Redis keeps its data (deploy/redis/README.md). All rules are applied
// in its functions (deploy/redis/recur.lua), one call at a time, so that
// servers need not know of each other.
//
// Every call of Redis ends in the address's time, connecting and logging in
// included, but for the looking up of a name. One that fails on the way, or
// that a Redis refuses which is no master any more, closes the connections; the
// next one makes a new one, to whatever the address leads to by then.
//
// A commit sends up to 512 rows of together 4 MiB, or one longer row, per call;
// the rows of a call that fails and of those after it are kUnknown, and, while
// the Redis has no memory left, those that are longer than before.
#ifndef RECUR_SERVER_STORE_REDIS_STORE_H_
#define RECUR_SERVER_STORE_REDIS_STORE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/store/redis_uri.h"
#include "server/store/session_store.h"

namespace recur {

// Connects once. Errors as RedisConnection::Open has them.
absl::StatusOr<std::unique_ptr<SessionStore>> CreateRedisStore(
    const RedisUri& uri);

}  // namespace recur

#endif  // RECUR_SERVER_STORE_REDIS_STORE_H_
