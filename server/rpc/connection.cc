#include "server/rpc/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace recur {
namespace {

void SetCork(int socket, int value) {
  setsockopt(socket, IPPROTO_TCP, TCP_CORK, &value, sizeof(value));
}

}  // namespace

Connection::~Connection() { close(socket_); }

void Connection::Hold() { SetCork(socket_, 1); }

void Connection::Release() { SetCork(socket_, 0); }

}  // namespace recur
