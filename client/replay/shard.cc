#include "client/replay/shard.h"

namespace recur::client {

uint64_t ShardHash(absl::string_view session_id) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : session_id) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

uint32_t ShardOf(absl::string_view session_id, uint32_t shards) {
  return static_cast<uint32_t>(ShardHash(session_id) % shards);
}

}  // namespace recur::client
