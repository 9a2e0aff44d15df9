// A small HTTP server for pages that are made when they are asked for. Only
// this room's http_server.cc knows the library behind it.
//
//   auto server = HttpServer::Create({.port = 8002, .pages = {{"/", Page}}});
//
// GET and HEAD only; request bodies are not read, queries are passed over.
// One request per connection, a few threads, small and timed requests: it is
// for probes and scrapes, not for the public.
#ifndef RECUR_SERVER_OBSERVE_HTTP_SERVER_H_
#define RECUR_SERVER_OBSERVE_HTTP_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace recur {

struct HttpReply {
  int code = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class HttpServer {
 public:
  // Makes a reply. Called from several threads at once.
  using Page = std::function<HttpReply()>;

  struct Options {
    std::string address = "127.0.0.1";  // IPv4 or IPv6, or "localhost"
    int port = 8002;                    // 0: a free one is chosen
    int threads = 4;
    int request_timeout_ms = 5000;      // for a request to arrive
    std::map<std::string, Page> pages;  // by path, matched exactly
  };

  // Listens and serves until it is destroyed. INVALID_ARGUMENT for an address
  // or a port that is none; UNAVAILABLE naming both and the reason, such as
  // "Address already in use", if it cannot listen there.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Create(Options options);

  // Waits for pages that are being made; some milliseconds otherwise.
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;  // the bound one

 private:
  struct Impl;

  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace recur

#endif  // RECUR_SERVER_OBSERVE_HTTP_SERVER_H_
