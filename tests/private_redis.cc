#include "tests/private_redis.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace recur {
namespace {

constexpr const char* kServer = "/usr/bin/redis-server";
constexpr std::chrono::seconds kPatience{30};

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {.sin_family = AF_INET,
                         .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Deadline Soon() { return std::chrono::steady_clock::now() + kPatience; }

absl::StatusOr<RedisReply> Exchange(int port,
                                    const std::vector<RedisCommand>& commands) {
  auto socket = TcpSocket::Connect("127.0.0.1", port, Soon());
  if (!socket.ok()) return socket.status();
  RedisReplyReader reader;
  RedisReply last;
  for (const RedisCommand& command : commands) {
    if (auto sent = socket->Send(command.bytes(), Soon()); !sent.ok()) {
      return sent;
    }
    for (;;) {
      auto reply = reader.Next();
      if (!reply.ok()) return reply.status();
      if (reply->has_value()) {
        last = **std::move(reply);
        break;
      }
      char bytes[4096];
      const auto size = socket->Receive(bytes, sizeof(bytes), Soon());
      if (!size.ok()) return size.status();
      if (auto fed = reader.Feed({bytes, *size}); !fed.ok()) return fed;
    }
  }
  return last;
}

RedisReply Expected(absl::StatusOr<RedisReply> reply) {
  EXPECT_TRUE(reply.ok()) << reply.status();
  return reply.ok() ? *std::move(reply) : RedisReply();
}

}  // namespace

bool PrivateRedis::IsInstalled() { return std::filesystem::exists(kServer); }

PrivateRedis::PrivateRedis(bool tls) : tls_(tls) {
  WriteUsers();
  if (tls_) MakeCertificate();
  Start();
  if (running()) LoadLibrary(Library());
}

PrivateRedis::~PrivateRedis() { Kill(); }

void PrivateRedis::WriteUsers() const {
  std::ofstream users(directory_.path() / "users.acl");
  users << "user default on nopass ~* &* +@all\n"
        << absl::StrReplaceAll(
               ReadAll(RECUR_SOURCE_DIR "/deploy/redis/users.acl"),
               {{"change-me", "secret"}});
}

void PrivateRedis::MakeCertificate() const {
  const std::string command = absl::StrCat(
      "cd ", directory_.path().string(),
      " && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test "
      "-addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out ca.pem "
      ">/dev/null 2>&1");
  EXPECT_EQ(std::system(command.c_str()), 0);
}

std::vector<std::string> PrivateRedis::Arguments() const {
  const std::string dir = directory_.path().string();
  std::vector<std::string> arguments = {kServer,         "--bind",
                                        "127.0.0.1",     "127.0.0.2",
                                        "--port",        absl::StrCat(port_),
                                        "--dir",         dir,
                                        "--aclfile",     dir + "/users.acl",
                                        "--logfile",     dir + "/log",
                                        "--save",        "",
                                        "--appendonly",  "yes",
                                        "--appendfsync", "always"};
  if (tls_) {
    for (const std::string& more :
         {std::string("--tls-port"), absl::StrCat(tls_port_),
          std::string("--tls-cert-file"), dir + "/ca.pem",
          std::string("--tls-key-file"), dir + "/key.pem",
          std::string("--tls-ca-cert-file"), dir + "/ca.pem",
          std::string("--tls-auth-clients"), std::string("no")}) {
      arguments.push_back(more);
    }
  }
  return arguments;
}

void PrivateRedis::Start() {
  if (port_ == 0) port_ = FreePort();
  if (tls_ && tls_port_ == 0) tls_port_ = FreePort();
  const std::vector<std::string> arguments = Arguments();
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execv(kServer, pointers.data());
    _exit(127);
  }
  const Deadline end = Soon();
  for (;;) {
    const auto reply = Exchange(port_, {{"PING"}});
    if (reply.ok() && reply->kind == RedisReply::Kind::kText) return;
    if (waitpid(pid_, nullptr, WNOHANG) != 0 ||
        std::chrono::steady_clock::now() > end) {
      ADD_FAILURE() << "redis-server does not start: "
                    << ReadAll(directory_.path() / "log");
      return Kill();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void PrivateRedis::Kill() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void PrivateRedis::Signal(int number) const { kill(pid_, number); }

std::string PrivateRedis::uri(absl::string_view more) const {
  return absl::StrCat("redis://recur:secret@127.0.0.1:", port_, "/0", more);
}

std::string PrivateRedis::tls_uri(absl::string_view host,
                                  absl::string_view more) const {
  return absl::StrCat("rediss://recur:secret@", host, ":", tls_port_, more);
}

RedisReply PrivateRedis::Admin(const RedisCommand& command) const {
  return Expected(Exchange(port_, {command}));
}

RedisReply PrivateRedis::AsUser(const RedisCommand& command) const {
  return Expected(Exchange(port_, {{"AUTH", "recur", "secret"}, command}));
}

void PrivateRedis::LoadLibrary(const std::string& lua) const {
  const RedisReply reply = Admin({"FUNCTION", "LOAD", "REPLACE", lua});
  EXPECT_EQ(reply.text, "recur");
}

std::string PrivateRedis::Library() {
  return ReadAll(RECUR_SOURCE_DIR "/deploy/redis/recur.lua");
}

}  // namespace recur
