#include "client/load/http_get.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace recur::load {
namespace {

struct Url {
  std::string host;
  std::string port = "80";
  std::string path = "/";
};

absl::StatusOr<Url> Split(const std::string& text) {
  absl::string_view rest = text;
  absl::ConsumePrefix(&rest, "http://");
  Url url;
  const size_t slash = rest.find('/');
  absl::string_view place = rest.substr(0, slash);
  if (slash != rest.npos) url.path = std::string(rest.substr(slash));
  const size_t colon = place.rfind(':');
  if (colon != place.npos && !absl::EndsWith(place, "]")) {
    url.port = std::string(place.substr(colon + 1));
    place = place.substr(0, colon);
  }
  if (absl::ConsumePrefix(&place, "[")) absl::ConsumeSuffix(&place, "]");
  url.host = std::string(place);
  if (url.host.empty() || absl::StrContains(rest, "://")) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "\"%s\" is not a URL such as http://127.0.0.1:8002/metrics", text));
  }
  return url;
}

absl::Status Failed(const std::string& url, absl::string_view why) {
  return absl::UnavailableError(
      absl::StrFormat("cannot read %s: %s", url, why));
}

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int get() const { return descriptor_; }

  void SetTimeout(std::chrono::milliseconds timeout) {
    const timeval value{.tv_sec = timeout.count() / 1000,
                        .tv_usec = timeout.count() % 1000 * 1000};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof(value));
    setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof(value));
  }

 private:
  const int descriptor_;
};

absl::StatusOr<std::string> Fetch(const Socket& socket, const Url& url) {
  const std::string request = absl::StrCat(
      "GET ", url.path, " HTTP/1.0\r\nHost: ", url.host, "\r\n\r\n");
  if (send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return absl::UnavailableError(std::strerror(errno));
  }
  std::string answer;
  char buffer[16'384];
  for (;;) {
    const ssize_t got = recv(socket.get(), buffer, sizeof(buffer), 0);
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

}  // namespace

absl::StatusOr<std::string> HttpGet(const std::string& text,
                                    std::chrono::milliseconds timeout) {
  const auto url = Split(text);
  if (!url.ok()) return url.status();
  const addrinfo hints{.ai_socktype = SOCK_STREAM};
  addrinfo* list = nullptr;
  const int found =
      getaddrinfo(url->host.c_str(), url->port.c_str(), &hints, &list);
  if (found != 0) return Failed(text, gai_strerror(found));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(list,
                                                                 freeaddrinfo);
  std::string why;
  for (const addrinfo* it = list; it != nullptr; it = it->ai_next) {
    Socket socket(::socket(it->ai_family, it->ai_socktype, it->ai_protocol));
    socket.SetTimeout(timeout);
    if (connect(socket.get(), it->ai_addr, it->ai_addrlen) != 0) {
      why = std::strerror(errno);
      continue;
    }
    const auto answer = Fetch(socket, *url);
    if (!answer.ok()) return Failed(text, answer.status().message());
    auto body = BodyOf(*answer);
    if (!body.ok()) return Failed(text, body.status().message());
    return body;
  }
  return Failed(text, why);
}

}  // namespace recur::load
