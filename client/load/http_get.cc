#include "client/load/http_get.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "client/load/tcp_connect.h"

namespace recur::load {
namespace {

struct Url {
  HostPort place;
  std::string path = "/";
};

absl::StatusOr<Url> Split(const std::string& text) {
  absl::string_view rest = text;
  absl::ConsumePrefix(&rest, "http://");
  Url url;
  const size_t slash = rest.find('/');
  if (slash != rest.npos) url.path = std::string(rest.substr(slash));
  const auto place = SplitHostPort(rest.substr(0, slash), "80");
  if (!place.has_value() || absl::StrContains(rest, "://")) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "\"%s\" is not a URL such as http://127.0.0.1:8002/metrics", text));
  }
  url.place = *place;
  return url;
}

absl::StatusOr<std::string> Exchange(int socket, const std::string& request) {
  if (send(socket, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return absl::UnavailableError(std::strerror(errno));
  }
  std::string answer;
  char buffer[16'384];
  for (;;) {
    const ssize_t got = recv(socket, buffer, sizeof(buffer), 0);
    if (got < 0) return absl::UnavailableError(std::strerror(errno));
    if (got == 0) return answer;
    answer.append(buffer, got);
  }
}

absl::StatusOr<std::string> BodyOf(const std::string& answer) {
  const size_t line = answer.find("\r\n");
  const size_t head = answer.find("\r\n\r\n");
  if (!absl::StartsWith(answer, "HTTP/1.") || head == answer.npos) {
    return absl::UnavailableError("what answers does not speak HTTP");
  }
  const std::string status = answer.substr(0, line);
  if (!absl::StrContains(status, " 200")) return absl::UnavailableError(status);
  return answer.substr(head + 4);
}

absl::StatusOr<std::string> Fetch(const Url& url,
                                  std::chrono::milliseconds timeout) {
  const auto socket = TcpConnect(url.place, timeout);
  if (!socket.ok()) return socket.status();
  const auto answer = Exchange(
      *socket, absl::StrCat("GET ", url.path,
                            " HTTP/1.0\r\nHost: ", url.place.host, "\r\n\r\n"));
  close(*socket);
  if (!answer.ok()) return answer.status();
  return BodyOf(*answer);
}

}  // namespace

absl::StatusOr<std::string> HttpGet(const std::string& text,
                                    std::chrono::milliseconds timeout) {
  const auto url = Split(text);
  if (!url.ok()) return url.status();
  auto body = Fetch(*url, timeout);
  if (body.ok()) return body;
  return absl::UnavailableError(
      absl::StrFormat("cannot read %s: %s", text, body.status().message()));
}

}  // namespace recur::load
