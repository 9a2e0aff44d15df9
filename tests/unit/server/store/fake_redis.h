// Something that listens and answers what it is told, whatever it is asked.
#ifndef RECUR_TESTS_UNIT_SERVER_STORE_FAKE_REDIS_H_
#define RECUR_TESTS_UNIT_SERVER_STORE_FAKE_REDIS_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace recur {

// One connection at a time. The question for the library's version is answered
// with 2; whatever comes after it with `answer`, and then with silence.
class FakeRedis {
 public:
  FakeRedis() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {.sin_family = AF_INET,
                           .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(address);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    listen(listener_, 8);
    thread_ = std::thread([this] { Serve(); });
  }

  ~FakeRedis() {
    stopping_ = true;
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  int port() const { return port_; }
  int connections() const { return connections_; }

  // An empty answer closes the connection.
  void Answer(std::string answer) {
    std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  // Every answer takes so long, that for the version too.
  void AnswerLate(std::chrono::milliseconds by, std::string answer) {
    late_ = by;
    Answer(std::move(answer));
  }

 private:
  void Serve() {
    while (!stopping_) {
      const int fd = accept(listener_, nullptr, nullptr);
      if (fd < 0) continue;
      ++connections_;
      Talk(fd);
      close(fd);
    }
  }

  void Talk(int fd) {
    char bytes[65536];
    for (;;) {
      const ssize_t size = recv(fd, bytes, sizeof(bytes), 0);
      if (size <= 0) return;
      std::string answer = ":2\r\n";
      if (std::string(bytes, size).find("recur_version") == std::string::npos) {
        std::lock_guard lock(mutex_);
        answer = answer_;
      }
      if (answer.empty()) return;
      std::this_thread::sleep_for(late_.load());
      send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }

  const int listener_;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::atomic<std::chrono::milliseconds> late_{};
  std::mutex mutex_;
  std::string answer_;
  std::thread thread_;
};

}  // namespace recur

#endif  // RECUR_TESTS_UNIT_SERVER_STORE_FAKE_REDIS_H_
