#include "server/rpc/listener.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace recur {
namespace {

constexpr std::chrono::seconds kPatience(30);

// A client's end of a connection to a port of loopback.
class Client {
 public:
  explicit Client(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&address),
                         sizeof(address)) == 0;
  }
  ~Client() { close(socket_); }

  bool connected() const { return connected_; }

  std::string name() const {
    sockaddr_in address = {};
    socklen_t size = sizeof(address);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    return absl::StrCat("ipv4:127.0.0.1:", ntohs(address.sin_port));
  }

  // Waits for the other end to close; false if it sends something.
  bool WaitForEnd() const {
    char byte = 0;
    return recv(socket_, &byte, 1, 0) <= 0;
  }

 private:
  int socket_;
  bool connected_ = false;
};

class ListenerTest : public ::testing::Test {
 protected:
  void Listen(size_t max_connections) {
    auto listener = Listener::Bind("127.0.0.1:0", max_connections);
    ASSERT_TRUE(listener.ok()) << listener.status();
    listener_ = *std::move(listener);
    listener_->Start(
        [this](int socket) { EXPECT_TRUE(accepted_.Push(socket)); });
  }

  // Sockets as they are accepted.
  class Accepted {
   public:
    ~Accepted() {
      for (int socket : sockets_) close(socket);
    }
    bool Push(int socket) {
      const std::lock_guard lock(mutex_);
      sockets_.push_back(socket);
      more_.notify_all();
      return true;
    }
    bool WaitFor(size_t count) {
      std::unique_lock lock(mutex_);
      return more_.wait_for(lock, kPatience,
                            [&] { return sockets_.size() >= count; });
    }

   private:
    std::mutex mutex_;
    std::condition_variable more_;
    std::vector<int> sockets_;
  };

  Accepted accepted_;
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, FindsAConnectionByItsPeer) {
  Listen(10);
  const Client one(listener_->port());
  const Client other(listener_->port());
  ASSERT_TRUE(accepted_.WaitFor(2));
  const auto found = listener_->Find(one.name());
  ASSERT_NE(found, nullptr);
  EXPECT_NE(found, listener_->Find(other.name()));
  EXPECT_EQ(listener_->Find("ipv4:127.0.0.1:1"), nullptr);
}

TEST_F(ListenerTest, ForgetsAConnectionThatHangsUp) {
  Listen(10);
  std::string name;
  {
    const Client client(listener_->port());
    name = client.name();
    ASSERT_TRUE(accepted_.WaitFor(1));
  }
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  while (listener_->Find(name) != nullptr &&
         std::chrono::steady_clock::now() < limit) {
    std::this_thread::yield();
  }
  EXPECT_EQ(listener_->Find(name), nullptr);
  EXPECT_EQ(listener_->connections(), 0u);
}

TEST_F(ListenerTest, ClosesConnectionsBeyondItsLimit) {
  Listen(1);
  const Client one(listener_->port());
  ASSERT_TRUE(accepted_.WaitFor(1));
  const Client other(listener_->port());
  EXPECT_TRUE(other.WaitForEnd());
  EXPECT_EQ(listener_->connections(), 1u);
}

TEST_F(ListenerTest, TakesNoMoreWhenStopped) {
  Listen(10);
  const Client before(listener_->port());
  ASSERT_TRUE(accepted_.WaitFor(1));
  listener_->Stop();
  listener_->Stop();
  EXPECT_FALSE(Client(listener_->port()).connected());
}

TEST_F(ListenerTest, HoldsWhatIsWrittenUntilItIsReleased) {
  Listen(10);
  const Client client(listener_->port());
  ASSERT_TRUE(accepted_.WaitFor(1));
  const auto connection = listener_->Find(client.name());
  ASSERT_NE(connection, nullptr);
  const auto corked = [&] {
    int value = 0;
    socklen_t size = sizeof(value);
    getsockopt(connection->socket(), IPPROTO_TCP, TCP_CORK, &value, &size);
    return value != 0;
  };
  EXPECT_FALSE(corked());
  connection->Hold();
  EXPECT_TRUE(corked());
  connection->Release();
  EXPECT_FALSE(corked());
}

TEST(ListenerAddressTest, SaysWhyItCannotListen) {
  for (const auto& [address, why] :
       {std::pair("127.0.0.1", "it must be host:port"),
        std::pair("192.0.2.1:0", "Cannot assign requested address"),
        std::pair("nobody.invalid:0", "")}) {
    const auto listener = Listener::Bind(address, 1);
    ASSERT_FALSE(listener.ok()) << address;
    EXPECT_TRUE(absl::StrContains(listener.status().message(),
                                  absl::StrCat("cannot listen on ", address)))
        << listener.status();
    EXPECT_TRUE(absl::StrContains(listener.status().message(), why));
  }
}

TEST(ListenerAddressTest, TakesAnAddressInBrackets) {
  const auto listener = Listener::Bind("[::1]:0", 1);
  if (!listener.ok()) GTEST_SKIP() << listener.status();
  EXPECT_GT((*listener)->port(), 0);
}

TEST(ListenerAddressTest, TakesANameWithAnAddressThatItCanHave) {
  const auto listener = Listener::Bind("localhost:0", 1);
  if (!listener.ok()) GTEST_SKIP() << listener.status();
  EXPECT_GT((*listener)->port(), 0);
}

}  // namespace
}  // namespace recur
