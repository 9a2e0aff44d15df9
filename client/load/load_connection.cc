#include "client/load/load_connection.h"

#include <grpcpp/create_channel_posix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_format.h"
#include "client/load/tcp_connect.h"

namespace recur::load {
namespace {

constexpr std::chrono::seconds kConnectTime(10);

void Set(int socket, int option, int value) {
  setsockopt(socket, IPPROTO_TCP, option, &value, sizeof(value));
}

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  // What the load does not need costs it time with each message.
  arguments.SetInt(GRPC_ARG_MINIMAL_STACK, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  return arguments;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LoadConnection>> LoadConnection::Connect(
    const std::string& server) {
  const auto place = SplitHostPort(server);
  if (!place.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrFormat("server \"%s\" is not host:port", server));
  }
  const auto socket = TcpConnect(*place, kConnectTime);
  if (!socket.ok()) {
    return absl::UnavailableError(
        absl::StrFormat("cannot reach a server at %s: is it running? (%s)",
                        server, socket.status().message()));
  }
  Set(*socket, TCP_NODELAY, 1);
  const int own = dup(*socket);
  return std::unique_ptr<LoadConnection>(new LoadConnection(
      own,
      grpc::CreateCustomInsecureChannelFromFd(server, *socket, Arguments())));
}

LoadConnection::~LoadConnection() { close(socket_); }

void LoadConnection::Hold() { Set(socket_, TCP_CORK, 1); }

void LoadConnection::Release() { Set(socket_, TCP_CORK, 0); }

}  // namespace recur::load
