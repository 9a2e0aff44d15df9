#include "server/rpc/write_turn.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <thread>

namespace recur {
namespace {

bool Held(const Connection& connection) {
  int value = 0;
  socklen_t size = sizeof(value);
  getsockopt(connection.socket(), IPPROTO_TCP, TCP_CORK, &value, &size);
  return value != 0;
}

std::shared_ptr<Connection> MakeConnection() {
  return std::make_shared<Connection>(socket(AF_INET, SOCK_STREAM, 0));
}

// Each test has its own thread, for turns are a thread's.
template <typename Test>
void OnAThread(Test test) {
  std::thread(test).join();
}

TEST(WriteTurnTest, HoldsWhatFollowsTheFirstMessageUntilTheTurnEnds) {
  OnAThread([] {
    const auto connection = MakeConnection();
    for (int turn = 0; turn < 2; ++turn) {
      BeginWriteTurn();
      BeforeWrite(connection);
      EXPECT_FALSE(Held(*connection)) << "one message need not wait";
      BeforeWrite(connection);
      EXPECT_TRUE(Held(*connection));
      EndWriteTurn();
      EXPECT_FALSE(Held(*connection));
    }
  });
}

TEST(WriteTurnTest, KeepsConnectionsApart) {
  OnAThread([] {
    BeginWriteTurn();
    const auto one = MakeConnection();
    const auto other = MakeConnection();
    BeforeWrite(one);
    BeforeWrite(other);
    BeforeWrite(one);
    EXPECT_TRUE(Held(*one));
    EXPECT_FALSE(Held(*other));
    EndWriteTurn();
    EXPECT_FALSE(Held(*one));
  });
}

TEST(WriteTurnTest, HoldsNothingOutsideOfATurn) {
  OnAThread([] {
    const auto connection = MakeConnection();
    for (int i = 0; i < 4; ++i) BeforeWrite(connection);
    EXPECT_FALSE(Held(*connection));
    BeginWriteTurn();
    EndWriteTurn();
    for (int i = 0; i < 4; ++i) BeforeWrite(connection);
    EXPECT_FALSE(Held(*connection)) << "it is over";
  });
}

TEST(WriteTurnTest, DoesWithoutAConnection) {
  OnAThread([] {
    BeginWriteTurn();
    BeforeWrite(nullptr);
    BeforeWrite(nullptr);
    EndWriteTurn();
  });
}

}  // namespace
}  // namespace recur
