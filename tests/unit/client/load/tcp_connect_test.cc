#include "client/load/tcp_connect.h"

#include <gtest/gtest.h>

namespace recur::load {
namespace {

TEST(TcpConnectTest, SplitsHostsAndPorts) {
  const auto place = SplitHostPort("localhost:8001");
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->host, "localhost");
  EXPECT_EQ(place->port, "8001");
  const auto v6 = SplitHostPort("[::1]:80");
  ASSERT_TRUE(v6.has_value());
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, "80");
  EXPECT_EQ(SplitHostPort("[::1]", "80")->host, "::1");
  EXPECT_EQ(SplitHostPort("example", "80")->port, "80");
}

TEST(TcpConnectTest, WithoutHostOrPortThereIsNoPlace) {
  for (const char* text : {"", ":8001", "host", "host:", "[::1]", "[]:1"}) {
    EXPECT_FALSE(SplitHostPort(text).has_value()) << text;
  }
}

TEST(TcpConnectTest, SaysWhyThereIsNoConnection) {
  const auto socket =
      TcpConnect({"127.0.0.1", "1"}, std::chrono::milliseconds(1'000));
  EXPECT_EQ(socket.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(socket.status().message(), "Connection refused");
}

}  // namespace
}  // namespace recur::load
