#include "server/observe/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/server/observe/loopback_client.h"

namespace recur {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::unique_ptr<HttpServer> Serve(std::map<std::string, HttpServer::Page> pages,
                                  int request_timeout_ms = 5000) {
  auto server = HttpServer::Create({.port = 0,
                                    .request_timeout_ms = request_timeout_ms,
                                    .pages = std::move(pages)});
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

HttpServer::Page Say(const std::string& body) {
  return [body] { return HttpReply{.body = body}; };
}

TEST(HttpServerTest, AnswersWithThePageOfThePath) {
  const auto server = Serve({{"/a", Say("first\n")}, {"/b", Say("second\n")}});
  ASSERT_GT(server->port(), 0);
  EXPECT_THAT(
      Get(server->port(), "/a"),
      AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
            HasSubstr("\r\nContent-Type: text/plain; charset=utf-8\r\n"),
            HasSubstr("\r\nContent-Length: 6\r\n"),
            EndsWith("\r\n\r\nfirst\n")));
  EXPECT_THAT(Get(server->port(), "/b?x=1"), EndsWith("\r\n\r\nsecond\n"));
}

TEST(HttpServerTest, HeadHasTheLengthAndNoBody) {
  const auto server = Serve({{"/a", Say("first\n")}});
  EXPECT_THAT(
      Exchange(server->port(), "HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n"),
      AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
            HasSubstr("\r\nContent-Length: 6\r\n"), EndsWith("\r\n\r\n")));
}

TEST(HttpServerTest, AMissingPageNamesThoseThereAre) {
  const auto server = Serve({{"/a", Say("")}, {"/b", Say("")}});
  for (const char* path : {"/c", "/", "/a/", "/a/../c", "/etc/passwd"}) {
    EXPECT_THAT(Get(server->port(), path),
                AllOf(StartsWith("HTTP/1.1 404 Not Found\r\n"),
                      EndsWith("there is no such page; there are /a /b\n")))
        << path;
  }
}

TEST(HttpServerTest, OtherMethodsAreNotAllowed) {
  const auto server = Serve({{"/a", Say("")}});
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    EXPECT_THAT(
        Exchange(server->port(), absl::StrCat(method,
                                              " /a HTTP/1.1\r\nHost: x\r\n"
                                              "Content-Length: 0\r\n\r\n")),
        AllOf(StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"),
              HasSubstr("\r\nAllow: GET, HEAD\r\n")))
        << method;
  }
}

TEST(HttpServerTest, APageThatThrowsIsAnError) {
  const auto server = Serve(
      {{"/a", []() -> HttpReply { throw std::runtime_error("secret"); }}});
  EXPECT_THAT(Get(server->port(), "/a"),
              AllOf(StartsWith("HTTP/1.1 500 Internal Server Error\r\n"),
                    EndsWith("\r\n\r\nthe page could not be made\n")));
}

TEST(HttpServerTest, RefusesWhatIsNoRequestAndGoesOn) {
  const auto server = Serve({{"/a", Say("first\n")}});
  EXPECT_THAT(Exchange(server->port(), "nonsense\r\n\r\n"),
              ::testing::ContainsRegex("^HTTP/1.[01] 400 "));
  const std::string large(100'000, 'x');
  EXPECT_THAT(Get(server->port(), "/" + large),
              ::testing::Not(StartsWith("HTTP/1.1 2")));
  EXPECT_THAT(Get(server->port(), "/a"), EndsWith("first\n"));
}

TEST(HttpServerTest, ARequestThatDoesNotArriveIsCutOff) {
  const auto server = Serve({{"/a", Say("first\n")}}, 100);
  EXPECT_THAT(Exchange(server->port(), "GET /a HTTP/1.1\r\nHost:"),
              ::testing::Not(HasSubstr("first")));
}

TEST(HttpServerTest, APortInUseIsNamedWithTheReason) {
  const auto server = Serve({});
  const auto second = HttpServer::Create({.port = server->port()});
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()),
              AllOf(StartsWith(absl::StrCat("HTTP cannot listen on 127.0.0.1:",
                                            server->port(), ": ")),
                    EndsWith(": Address already in use")));
}

TEST(HttpServerTest, APortIsFreeAgainAfterwards) {
  int port = 0;
  port = Serve({})->port();
  EXPECT_TRUE(HttpServer::Create({.port = port}).ok());
}

TEST(HttpServerTest, RefusesWhatIsNoAddressOrPort) {
  EXPECT_EQ(
      HttpServer::Create({.address = "here", .port = 0}).status().message(),
      "HTTP address \"here\" is neither an IPv4 nor an IPv6 address");
  EXPECT_EQ(HttpServer::Create({.port = 65536}).status().message(),
            "HTTP port 65536 is not in the range 0 to 65535");
  EXPECT_EQ(HttpServer::Create({.port = -1}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(HttpServerTest, AnswersManyAtOnce) {
  std::atomic<int> made{0};
  const auto server = Serve({{"/a", [&] {
                                made.fetch_add(1);
                                return HttpReply{.body = "x"};
                              }}});
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      for (int k = 0; k < 25; ++k) {
        EXPECT_THAT(Get(server->port(), "/a"), EndsWith("x"));
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(made.load(), 100);
}

}  // namespace
}  // namespace recur
