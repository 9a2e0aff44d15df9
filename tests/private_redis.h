// A redis-server of the test's own, set up as deploy/redis says: on a free port
// of the loopback, in a directory that goes with it, and no longer alive than
// the test.
#ifndef RECUR_TESTS_PRIVATE_REDIS_H_
#define RECUR_TESTS_PRIVATE_REDIS_H_

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/redis_connection.h"
#include "tests/unit/server/store/temp_directory.h"

namespace recur {

class PrivateRedis {
 public:
  // Whether there is a redis-server to run.
  static bool IsInstalled();

  // It listens on 127.0.0.1 and 127.0.0.2; with `tls` for that too, with a
  // certificate for the first of them, ca_file(). Check running().
  explicit PrivateRedis(bool tls = false);
  ~PrivateRedis();

  bool running() const { return pid_ > 0; }

  // As the application's user.
  std::string uri(absl::string_view more = "") const;
  std::string tls_uri(absl::string_view host, absl::string_view more) const;
  std::string ca_file() const { return directory_.path() / "ca.pem"; }

  // As the administrator.
  RedisReply Admin(const RedisCommand& command) const;
  // As the application's user, past the store.
  RedisReply AsUser(const RedisCommand& command) const;
  void LoadLibrary(const std::string& lua) const;
  static std::string Library();  // deploy/redis/recur.lua

  void Signal(int number) const;
  void Kill();  // as a crash
  void Start();

 private:
  std::vector<std::string> Arguments() const;
  void WriteUsers() const;
  void MakeCertificate() const;

  const bool tls_;
  TempDirectory directory_;
  int port_ = 0;
  int tls_port_ = 0;
  pid_t pid_ = 0;
};

}  // namespace recur

#endif  // RECUR_TESTS_PRIVATE_REDIS_H_
