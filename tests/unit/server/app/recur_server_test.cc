// The real binary: it starts, says where it listens, and stops on a signal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "tests/unit/server/app/app_fixture.h"
#include "tests/unit/server/app/server_process.h"
#include "tests/unit/server/rpc/wire_error.h"

namespace recur {
namespace {

using ::testing::HasSubstr;

class RecurServerTest : public AppTest {
 protected:
  std::vector<std::string> Flags() const {
    return {"--models", root_.path().string(), "--listen", "127.0.0.1:0",
            "--http",   "127.0.0.1:0",         "--lanes",  "2"};
  }

  // Connects to the port that the log tells.
  void ConnectTo(ServerProcess* server) {
    const int port = server->WaitForPort();
    ASSERT_NE(port, 0) << server->log;
    Connect(port);
  }
};

TEST_F(RecurServerTest, StopsOnSigtermWithExitCodeZero) {
  ServerProcess server(Flags());
  ASSERT_NO_FATAL_FAILURE(ConnectTo(&server));
  EXPECT_THAT(server.log, HasSubstr("model sum version 1 ready"));
  ASSERT_TRUE(Open("sum", "a").ok());
  grpc::ClientContext context;
  SetDeadline(&context);
  auto stream = recur_->Stream(&context);
  v1::StreamRequest request;
  request.add_attach()->set_session_id("a");
  request.mutable_items()->add_handle(0);
  request.mutable_items()->add_values(3);
  request.mutable_items()->add_want(v1::WANT_FORECAST);
  ASSERT_TRUE(stream->Write(request));
  std::string go_away;
  double sum = 0;
  v1::StreamResponse response;
  while (stream->Read(&response)) {
    if (response.replies().answers_size() == 1) {
      sum = response.replies().answers(0).forecast().point(0);
      server.Signal(SIGTERM);
    }
    if (response.has_go_away()) go_away = response.go_away().reason();
  }
  EXPECT_EQ(sum, 3);
  EXPECT_THAT(go_away, HasSubstr("about to leave"));
  EXPECT_THAT(stream->Finish(), IsError(grpc::StatusCode::UNAVAILABLE,
                                        "draining", "about to leave"));
  EXPECT_EQ(server.ExitCode(), 0) << server.log;
  EXPECT_THAT(server.log, HasSubstr("stopped"));
}

TEST_F(RecurServerTest, SaysWhyItCannotStart) {
  std::vector<std::string> flags = Flags();
  flags[1] = "/nowhere/at/all";
  ServerProcess server(flags);
  EXPECT_EQ(server.ExitCode(), 1);
  EXPECT_THAT(server.log, HasSubstr("cannot start: "));
  EXPECT_THAT(server.log, HasSubstr("/nowhere/at/all"));
}

TEST_F(RecurServerTest, LogsJsonWhenToldTo) {
  std::vector<std::string> flags = Flags();
  flags.insert(flags.end(), {"--log-format", "json"});
  ServerProcess server(flags);
  ASSERT_NO_FATAL_FAILURE(ConnectTo(&server));
  server.Signal(SIGINT);
  EXPECT_EQ(server.ExitCode(), 0) << server.log;
  EXPECT_EQ(server.log.front(), '{');
}

}  // namespace
}  // namespace recur
