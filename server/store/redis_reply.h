// What a Redis answers, read by hiredis within limits.
#ifndef RECUR_SERVER_STORE_REDIS_REPLY_H_
#define RECUR_SERVER_STORE_REDIS_REPLY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct redisReader;

namespace recur {

struct RedisReply {
  enum class Kind { kNil, kInteger, kText, kError, kArray };

  Kind kind = Kind::kNil;
  int64_t integer = 0;
  std::string text;  // of kText and kError
  std::vector<RedisReply> elements;
};

// "an array of 3", for messages.
std::string Describe(const RedisReply& reply);

// Makes replies of the bytes of one connection. One thread at a time.
class RedisReplyReader {
 public:
  static constexpr size_t kMaxBytes = size_t{128} << 20;  // of a reply
  static constexpr size_t kMaxElements = 1 << 16;         // in all its arrays

  RedisReplyReader();
  ~RedisReplyReader();

  // UNAVAILABLE if the bytes are not of the protocol or the reply is beyond
  // the limits; after that it is of no more use. `bytes` are copied.
  absl::Status Feed(absl::string_view bytes);

  // The next whole reply, or nullopt if more bytes are needed; errors likewise.
  absl::StatusOr<std::optional<RedisReply>> Next();

  // No byte was fed beyond the replies that were returned.
  bool empty() const;

 private:
  struct Builder;

  const std::unique_ptr<Builder> builder_;
  const std::unique_ptr<redisReader, void (*)(redisReader*)> reader_;
  size_t fed_bytes_ = 0;  // since the last reply
};

}  // namespace recur

#endif  // RECUR_SERVER_STORE_REDIS_REPLY_H_
