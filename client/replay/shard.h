// Which of a client's streams carries a session. Pure; thread safe.
//
// The hash is FNV-1a with 64 bits over the bytes of the id (offset basis
// 0xcbf29ce484222325, prime 0x100000001b3; draft-eastlake-fnv), the shard its
// remainder by the number of shards: any language computes the same in three
// lines. A stream names its shard in the header below, in decimal, so that a
// balancer can hash on it and a session finds the server that it was on. That
// saves work; correctness never depends on it.
#ifndef RECUR_CLIENT_REPLAY_SHARD_H_
#define RECUR_CLIENT_REPLAY_SHARD_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace recur::client {

inline constexpr char kShardHeader[] = "recur-shard";

uint64_t ShardHash(absl::string_view session_id);

// In [0, shards); `shards` must be more than 0.
uint32_t ShardOf(absl::string_view session_id, uint32_t shards);

}  // namespace recur::client

#endif  // RECUR_CLIENT_REPLAY_SHARD_H_
