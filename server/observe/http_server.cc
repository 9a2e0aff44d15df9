#include "server/observe/http_server.h"

#include <arpa/inet.h>
#include <civetweb.h>
#include <netdb.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <exception>
#include <future>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace recur {
namespace {

const char* Phrase(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
  }
  return "Other";
}

std::string NumericAddress(const std::string& address) {
  return address == "localhost" ? "127.0.0.1" : address;
}

// "127.0.0.1:8002" or "[::1]:8002".
absl::StatusOr<std::string> Endpoint(const HttpServer::Options& options) {
  if (options.port < 0 || options.port > 65535) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "HTTP port %d is not in the range 0 to 65535", options.port));
  }
  const std::string address = NumericAddress(options.address);
  in6_addr parsed;
  if (inet_pton(AF_INET, address.c_str(), &parsed) == 1) {
    return absl::StrCat(address, ":", options.port);
  }
  if (inet_pton(AF_INET6, address.c_str(), &parsed) == 1) {
    return absl::StrCat("[", address, "]:", options.port);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("HTTP address \"", options.address,
                   "\" is neither an IPv4 nor an IPv6 address"));
}

// "Address already in use" of "cannot bind to 127.0.0.1:8002: 98 (Address
// already in use)", or all of it.
std::string ReasonIn(const std::string& complaint) {
  const size_t begin = complaint.rfind('(');
  const size_t end = complaint.rfind(')');
  if (complaint.empty()) return "no reason was given";
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    return complaint;
  }
  return complaint.substr(begin + 1, end - begin - 1);
}

// The library counts its users.
class Library {
 public:
  Library() { mg_init_library(0); }
  ~Library() { mg_exit_library(); }
};

}  // namespace

struct HttpServer::Impl {
  Options options;
  Library library;
  mg_context* context = nullptr;
  int port = 0;
  std::mutex mutex;
  std::string complaint;  // what the library said first

  ~Impl() {
    if (context != nullptr) Stop();
  }

  absl::Status Start(const std::string& endpoint);
  void Stop();
  void Poke() const;
  HttpReply Answer(absl::string_view path) const;
  int Serve(mg_connection* connection) const;
  void Complain(const char* message);

  // The library's callbacks.
  static int BeginRequest(mg_connection* connection);
  static int LogMessage(const mg_connection* connection, const char* message);
};

absl::Status HttpServer::Impl::Start(const std::string& endpoint) {
  const std::string threads = absl::StrCat(options.threads);
  const std::string timeout = absl::StrCat(options.request_timeout_ms);
  const std::vector<const char*> settings = {"listening_ports",
                                             endpoint.c_str(),
                                             "num_threads",
                                             threads.c_str(),
                                             "request_timeout_ms",
                                             timeout.c_str(),
                                             "max_request_size",
                                             "8192",
                                             "enable_keep_alive",
                                             "no",
                                             "enable_directory_listing",
                                             "no",
                                             nullptr};
  mg_callbacks callbacks = {};
  callbacks.begin_request = BeginRequest;
  callbacks.log_message = LogMessage;
  context =
      mg_start(&callbacks, this, const_cast<const char**>(settings.data()));
  if (context == nullptr) {
    std::lock_guard<std::mutex> lock(mutex);
    return absl::UnavailableError(absl::StrCat(
        "HTTP cannot listen on ", endpoint, ": ", ReasonIn(complaint)));
  }
  mg_server_port bound = {};
  if (mg_get_server_ports(context, 1, &bound) != 1) {
    return absl::InternalError("HTTP listens on no port");
  }
  port = bound.port;
  return absl::OkStatus();
}

// The library looks at its stop flag every two seconds, or when a connection
// comes in.
void HttpServer::Impl::Stop() {
  const auto stopped =
      std::async(std::launch::async, [this] { mg_stop(context); });
  while (stopped.wait_for(std::chrono::milliseconds(10)) !=
         std::future_status::ready) {
    Poke();
  }
}

void HttpServer::Impl::Poke() const {
  const std::string service = absl::StrCat(port);
  addrinfo hints = {};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(NumericAddress(options.address).c_str(), service.c_str(),
                  &hints, &found) != 0) {
    return;
  }
  const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd >= 0) {
    connect(fd, found->ai_addr, found->ai_addrlen);
    close(fd);
  }
  freeaddrinfo(found);
}

HttpReply HttpServer::Impl::Answer(absl::string_view path) const {
  const auto page = options.pages.find(std::string(path));
  if (page == options.pages.end()) {
    HttpReply missing{.code = 404, .body = "there is no such page; there are"};
    for (const auto& [name, made] : options.pages) {
      absl::StrAppend(&missing.body, " ", name);
    }
    missing.body += "\n";
    return missing;
  }
  try {
    return page->second();
  } catch (const std::exception& error) {
    spdlog::error("page {}: {}", page->first, error.what());
  }
  return {.code = 500, .body = "the page could not be made\n"};
}

int HttpServer::Impl::Serve(mg_connection* connection) const {
  const mg_request_info* request = mg_get_request_info(connection);
  const absl::string_view method = request->request_method;
  HttpReply reply;
  std::string more;
  if (method == "GET" || method == "HEAD") {
    reply = Answer(request->local_uri == nullptr ? "" : request->local_uri);
  } else {
    reply = {.code = 405, .body = "the methods are GET and HEAD\n"};
    more = "Allow: GET, HEAD\r\n";
  }
  std::string message = absl::StrCat(
      "HTTP/1.1 ", reply.code, " ", Phrase(reply.code),
      "\r\nContent-Type: ", reply.content_type,
      "\r\nContent-Length: ", reply.body.size(), "\r\n", more,
      "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n",
      "Connection: close\r\n\r\n");
  if (method != "HEAD") message += reply.body;
  mg_write(connection, message.data(), message.size());
  return reply.code;
}

void HttpServer::Impl::Complain(const char* message) {
  spdlog::debug("HTTP: {}", message);
  std::lock_guard<std::mutex> lock(mutex);
  if (complaint.empty()) complaint = message;
}

int HttpServer::Impl::BeginRequest(mg_connection* connection) {
  return static_cast<Impl*>(mg_get_user_data(mg_get_context(connection)))
      ->Serve(connection);
}

int HttpServer::Impl::LogMessage(const mg_connection* connection,
                                 const char* message) {
  auto* impl = static_cast<Impl*>(mg_get_user_data(mg_get_context(connection)));
  if (impl != nullptr) impl->Complain(message);
  return 1;  // keeps the library from writing a file of its own
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Create(
    Options options) {
  const auto endpoint = Endpoint(options);
  if (!endpoint.ok()) return endpoint.status();
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  const absl::Status status = impl->Start(*endpoint);
  if (!status.ok()) return status;
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

int HttpServer::port() const { return impl_->port; }

}  // namespace recur
