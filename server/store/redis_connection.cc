#include "server/store/redis_connection.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace recur {
namespace {

constexpr int64_t kLibraryVersion = 2;
constexpr size_t kReceiveBytes = 64 * 1024;

absl::Status LibraryIsMissing(absl::string_view found) {
  return absl::FailedPreconditionError(
      absl::StrCat("it needs version ", kLibraryVersion,
                   " of the function library \"recur\" and has ", found,
                   "; load it: redis-cli -x FUNCTION LOAD REPLACE < "
                   "deploy/redis/recur.lua"));
}

bool BeginsWithOneOf(absl::string_view text,
                     std::initializer_list<absl::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](absl::string_view word) {
    return absl::StartsWith(text, word);
  });
}

bool DeniesRights(absl::string_view error) {
  return BeginsWithOneOf(error, {"NOPERM", "NOAUTH", "WRONGPASS"});
}

// After a failover the address leads to another Redis, and only a new
// connection gets there.
bool IsNoMaster(absl::string_view error) {
  return BeginsWithOneOf(
      error, {"READONLY", "MASTERDOWN", "LOADING", "MOVED", "NOREPLICAS"});
}

// Of an error that Redis answers with.
absl::Status Refusal(const std::string& text) {
  if (DeniesRights(text)) return absl::PermissionDeniedError(text);
  if (absl::StartsWith(text, "OOM")) return absl::ResourceExhaustedError(text);
  if (absl::StrContains(text, "Function not found")) {
    return LibraryIsMissing("none");
  }
  return absl::UnavailableError(text);
}

absl::Status Named(const std::string& name, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(name, ": ", status.message()));
}

}  // namespace

RedisCommand::RedisCommand(size_t texts) {
  absl::StrAppend(&bytes_, "*", texts, "\r\n");
}

RedisCommand::RedisCommand(std::initializer_list<absl::string_view> texts)
    : RedisCommand(texts.size()) {
  for (const absl::string_view text : texts) Add(text);
}

void RedisCommand::Add(absl::string_view begin, absl::string_view end) {
  absl::StrAppend(&bytes_, "$", begin.size() + end.size(), "\r\n", begin, end);
  bytes_.append("\r\n");
}

RedisConnection::RedisConnection(const RedisUri& uri, TcpSocket socket)
    : name_(uri.Name()), socket_(std::move(socket)) {}

absl::StatusOr<std::unique_ptr<RedisConnection>> RedisConnection::Open(
    const RedisUri& uri, Deadline deadline) {
  absl::StatusOr<TcpSocket> socket =
      TcpSocket::Connect(uri.host, uri.port, deadline);
  if (!socket.ok()) return Named(uri.Name(), socket.status());
  std::unique_ptr<RedisConnection> connection(
      new RedisConnection(uri, *std::move(socket)));
  absl::Status begun = connection->Begin(uri, deadline);
  if (begun.ok()) begun = connection->CheckLibrary(deadline);
  if (!begun.ok()) return begun;
  return connection;
}

absl::Status RedisConnection::Begin(const RedisUri& uri, Deadline deadline) {
  if (uri.tls) {
    auto tls = TlsStream::Begin(&socket_, uri.host, uri.ca_file, deadline);
    if (!tls.ok()) return Named(name_, tls.status());
    tls_ = *std::move(tls);
  }
  if (!uri.password.empty()) {
    const auto reply = uri.user.empty()
                           ? Call({"AUTH", uri.password}, deadline)
                           : Call({"AUTH", uri.user, uri.password}, deadline);
    if (!reply.ok()) return reply.status();
  }
  if (uri.database == 0) return absl::OkStatus();
  return Call({"SELECT", absl::StrCat(uri.database)}, deadline).status();
}

absl::Status RedisConnection::CheckLibrary(Deadline deadline) {
  const auto version = Call({"FCALL_RO", "recur_version", "0"}, deadline);
  if (!version.ok()) return version.status();
  if (version->kind == RedisReply::Kind::kInteger &&
      version->integer == kLibraryVersion) {
    return absl::OkStatus();
  }
  return Named(name_, LibraryIsMissing(Describe(*version)));
}

absl::StatusOr<RedisReply> RedisConnection::Call(const RedisCommand& command,
                                                 Deadline deadline) {
  absl::StatusOr<RedisReply> reply = Exchange(command, deadline);
  if (!reply.ok()) {
    broken_ = true;
    return Named(name_, reply.status());
  }
  if (reply->kind == RedisReply::Kind::kError) {
    broken_ = IsNoMaster(reply->text) || DeniesRights(reply->text);
    return Named(name_, Refusal(reply->text));
  }
  return reply;
}

absl::StatusOr<RedisReply> RedisConnection::Exchange(
    const RedisCommand& command, Deadline deadline) {
  absl::Status sent = tls_ != nullptr ? tls_->Send(command.bytes(), deadline)
                                      : socket_.Send(command.bytes(), deadline);
  if (!sent.ok()) return sent;
  std::string bytes(kReceiveBytes, '\0');
  for (;;) {
    absl::StatusOr<std::optional<RedisReply>> reply = reader_.Next();
    if (!reply.ok()) return reply.status();
    if (reply->has_value()) return **std::move(reply);
    const absl::StatusOr<size_t> size =
        tls_ != nullptr ? tls_->Receive(bytes.data(), bytes.size(), deadline)
                        : socket_.Receive(bytes.data(), bytes.size(), deadline);
    if (!size.ok()) return size.status();
    absl::Status fed = reader_.Feed({bytes.data(), *size});
    if (!fed.ok()) return fed;
  }
}

bool RedisConnection::IsUsable() const {
  return !broken_ && reader_.empty() && socket_.IsQuiet();
}

}  // namespace recur
