// The real server with sessions on disk, killed again and again under load.
// The client keeps what is not acknowledged and sends it again. The model sums
// what it sees: every reply is compared with the sum that it must be.

#include <gtest/gtest.h>
#include <signal.h>

#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/unit/server/app/app_fixture.h"
#include "tests/unit/server/app/server_process.h"

namespace recur {
namespace {

constexpr int kSessions = 4;
constexpr int kKills = 6;

float ValueOf(int session, uint64_t step) {
  return static_cast<float>((step * 5 + static_cast<uint64_t>(session)) % 9);
}

double SumUntil(int session, uint64_t step) {
  double sum = 0;
  for (uint64_t i = 1; i <= step; ++i) sum += ValueOf(session, i);
  return sum;
}

class KillTest : public AppTest {
 protected:
  struct Known {
    uint64_t next = 1;
    uint64_t acknowledged = 0;
  };

  void StartServer() {
    server_ = std::make_unique<ServerProcess>(std::vector<std::string>{
        "--models", root_.path().string(), "--listen", "127.0.0.1:0", "--http",
        "127.0.0.1:0", "--lanes", "2", "--store",
        "rocksdb:" + disk_.path().string(), "--commit-interval", "5"});
    const int port = server_->WaitForPort();
    ASSERT_NE(port, 0) << server_->log;
    Connect(port);
  }

  static std::string IdOf(int session) { return absl::StrCat("s", session); }

  // Where to go on; nothing acknowledged may be missing.
  void Resume(int session) {
    v1::GetSessionRequest request;
    request.set_session_id(IdOf(session));
    v1::GetSessionResponse response;
    grpc::ClientContext context;
    SetDeadline(&context);
    const grpc::Status status =
        recur_->GetSession(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    Known& known = known_[session];
    ASSERT_GE(response.session().applied_step(), known.acknowledged);
    ASSERT_LE(response.session().applied_step(), known.next);
    known.next = response.session().applied_step() + 1;
  }

  // A step, or false when the server has gone.
  bool Step(int session, bool wait_durable) {
    Known& known = known_[session];
    v1::ObserveRequest request;
    request.set_session_id(IdOf(session));
    request.set_first_step(known.next);
    request.mutable_observations()->add_values(ValueOf(session, known.next));
    request.set_want(v1::WANT_FORECAST);
    request.set_wait_durable(wait_durable);
    v1::ObserveResponse response;
    grpc::ClientContext context;
    SetDeadline(&context);
    if (!recur_->Observe(&context, request, &response).ok()) return false;
    EXPECT_EQ(response.forecast().point(0), SumUntil(session, known.next));
    if (wait_durable) {
      EXPECT_EQ(response.durable_step(), known.next);
    }
    known.acknowledged = response.durable_step();
    ++known.next;
    return true;
  }

  int Below(int n) { return std::uniform_int_distribution(0, n - 1)(dice_); }

  TemporaryDirectory disk_;
  std::unique_ptr<ServerProcess> server_;
  std::vector<Known> known_ = std::vector<Known>(kSessions);
  std::mt19937 dice_{7};
};

TEST_F(KillTest, LosesNothingAcknowledgedAndAppliesNothingTwice) {
  StartServer();
  for (int i = 0; i < kSessions; ++i) ASSERT_TRUE(Open("sum", IdOf(i)).ok());
  for (int kills = 0; kills < kKills; ++kills) {
    const int steps = 20 + Below(150);
    for (int i = 0; i < steps; ++i) {
      ASSERT_TRUE(Step(Below(kSessions), Below(10) == 0)) << server_->log;
    }
    server_->Signal(SIGKILL);
    EXPECT_EQ(server_->ExitCode(), -1);
    EXPECT_FALSE(Step(0, false));
    StartServer();
    for (int i = 0; i < kSessions; ++i) Resume(i);
    if (HasFatalFailure()) return;
  }
  for (int i = 0; i < kSessions; ++i) EXPECT_TRUE(Step(i, true));
  EXPECT_GT(known_[0].next, 50u);
}

}  // namespace
}  // namespace recur
