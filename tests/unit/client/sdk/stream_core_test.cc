// A stream whose keeper is about while a connection's end breaks it.
#include "client/sdk/stream_core.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/support/client_interceptor.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/replay/shard.h"
#include "tests/unit/client/sdk/fake_server.h"

namespace recur::client {
namespace {

using grpc::experimental::ClientInterceptorFactoryInterface;
using grpc::experimental::ClientRpcInfo;
using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using std::chrono::milliseconds;
using StreamCall = FakeRecur::StreamCall;

// Runs `on_cancel` in whoever cancels the call.
class CancelHook final : public Interceptor {
 public:
  explicit CancelHook(std::function<void()> on_cancel)
      : on_cancel_(std::move(on_cancel)) {}
  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(
            InterceptionHookPoints::PRE_SEND_CANCEL)) {
      on_cancel_();
    }
    methods->Proceed();
  }

 private:
  std::function<void()> on_cancel_;
};

class CancelHooks final : public ClientInterceptorFactoryInterface {
 public:
  explicit CancelHooks(std::function<void()> on_cancel)
      : on_cancel_(std::move(on_cancel)) {}
  Interceptor* CreateClientInterceptor(ClientRpcInfo*) override {
    return new CancelHook(on_cancel_);
  }

 private:
  std::function<void()> on_cancel_;
};

std::shared_ptr<grpc::Channel> ChannelTo(const FakeServer& server,
                                         std::function<void()> on_cancel) {
  std::vector<std::unique_ptr<ClientInterceptorFactoryInterface>> hooks;
  hooks.push_back(std::make_unique<CancelHooks>(std::move(on_cancel)));
  return grpc::experimental::CreateCustomChannelWithInterceptors(
      server.target(), grpc::InsecureChannelCredentials(), {},
      std::move(hooks));
}

struct Once {
  void Set() {
    if (!set.exchange(true)) promise.set_value();
  }
  void Wait() { future.wait(); }

  std::atomic<bool> set{false};
  std::promise<void> promise;
  std::shared_future<void> future = promise.get_future().share();
};

std::string SessionOfShard(uint32_t shard, uint32_t shards) {
  for (int i = 0;; ++i) {
    std::string id = "s" + std::to_string(i);
    if (ShardOf(id, shards) == shard) return id;
  }
}

// Shard 0 is refused, which breaks the stream. Before the cancel of shard 1 is
// over, the keeper comes round: shard 2 has been silent for too long.
TEST(StreamCoreTest, EndsOnceWhenTheKeeperComesRoundWhileItBreaks) {
  std::array<FakeServer, 3> servers;
  Once asked;
  Once ended;
  Once kept;
  servers[0].recur.on_stream = [&](StreamCall*) {
    asked.Wait();
    return ServerError(grpc::StatusCode::INVALID_ARGUMENT, "bad_want", "no");
  };
  const auto read_all = [&](StreamCall* call) {
    v1::StreamRequest request;
    while (call->Read(&request)) asked.Set();
    return grpc::Status::OK;
  };
  servers[1].recur.on_stream = servers[2].recur.on_stream = read_all;
  const std::array<std::function<void()>, 3> on_cancel = {
      [] {}, [&] { kept.Wait(); }, [&] { kept.Set(); }};
  std::atomic<size_t> channels{0};
  std::atomic<int> ends{0};
  std::atomic<bool> attach_over{false};
  std::atomic<bool> over_at_end{false};
  {
    Stream::Handlers handlers;
    handlers.on_end = [&](const absl::Status&) {
      ++ends;
      over_at_end = attach_over.load();
      ended.Set();
    };
    StreamCore core(
        [&] {
          const size_t i = std::min<size_t>(channels++, 2);
          return ChannelTo(servers[i], on_cancel[i]);
        },
        {.streams = 3, .silence = milliseconds(200)}, std::move(handlers));
    core.Attach(
        SessionOfShard(2, 3), std::nullopt,
        [&](const absl::StatusOr<StreamAttached>&) { attach_over = true; });
    core.Start();
    ended.Wait();
    core.CancelAndWait();
  }
  EXPECT_EQ(ends, 1);
  EXPECT_TRUE(over_at_end) << "the stream ended before its shards";
}

}  // namespace
}  // namespace recur::client
