// One connection to a Redis, ready for calls: encrypted if need be, logged in,
// and with the functions of deploy/redis/recur.lua behind it.
#ifndef RECUR_SERVER_STORE_REDIS_CONNECTION_H_
#define RECUR_SERVER_STORE_REDIS_CONNECTION_H_

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/redis_reply.h"
#include "server/store/redis_uri.h"
#include "server/store/tcp_socket.h"
#include "server/store/tls_stream.h"

namespace recur {

// What is sent: an array of texts, the first of them the command's name.
class RedisCommand {
 public:
  // Exactly so many texts must be added.
  explicit RedisCommand(size_t texts);
  RedisCommand(std::initializer_list<absl::string_view> texts);

  void Add(absl::string_view text) { Add(text, ""); }
  // One text that lies in two pieces.
  void Add(absl::string_view begin, absl::string_view end);

  absl::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// One thread at a time.
class RedisConnection {
 public:
  // UNAVAILABLE if it cannot be reached until the deadline or is not ready;
  // PERMISSION_DENIED if it refuses the user; FAILED_PRECONDITION, saying how
  // to load it, if it does not have the function library in our version. The
  // message names the address without its password.
  static absl::StatusOr<std::unique_ptr<RedisConnection>> Open(
      const RedisUri& uri, Deadline deadline);

  // The reply. What Redis refuses is a status too,
  // as above, RESOURCE_EXHAUSTED if it has no memory left; so a reply is never
  // of kind kError. After UNAVAILABLE the command may have been obeyed or not.
  absl::StatusOr<RedisReply> Call(const RedisCommand& command,
                                  Deadline deadline);

  // Whether another call is worth it: false after a failure on the way, if the
  // other side has closed it or said something unasked, and after a refusal
  // that a new connection may not meet: this Redis is no master any more, or
  // denies its user's rights.
  bool IsUsable() const;

 private:
  RedisConnection(const RedisUri& uri, TcpSocket socket);

  absl::Status Begin(const RedisUri& uri, Deadline deadline);
  absl::Status CheckLibrary(Deadline deadline);
  absl::StatusOr<RedisReply> Exchange(const RedisCommand& command,
                                      Deadline deadline);

  const std::string name_;
  TcpSocket socket_;
  std::unique_ptr<TlsStream> tls_;  // null without
  RedisReplyReader reader_;
  bool broken_ = false;
};

}  // namespace recur

#endif  // RECUR_SERVER_STORE_REDIS_CONNECTION_H_
