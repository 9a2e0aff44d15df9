// Random histories of two servers on one store that crash, lose the store and
// its acknowledgements, and spill, against clients that resend what is not
// acknowledged. The model sums what it sees, and every step of a session has
// its own value: so each answer is known beforehand, and a step that is lost,
// doubled or crossed is a wrong sum.

#include <random>

#include "absl/strings/str_cat.h"
#include "tests/unit/server/core/durable_fixture.h"

namespace recur {
namespace {

constexpr int kSessions = 5;
constexpr int kActions = 3000;

double ValueOf(int session, uint64_t step) {
  return static_cast<double>((step * 7 + static_cast<uint64_t>(session)) % 11);
}

double SumUntil(int session, uint64_t step) {
  double sum = 0;
  for (uint64_t i = 1; i <= step; ++i) sum += ValueOf(session, i);
  return sum;
}

// One session's client, as client/replay does it.
struct Client {
  std::string id;
  TestServer* server = nullptr;  // attached to
  SessionPtr session;
  uint64_t next = 1;   // step to send
  uint64_t acked = 0;  // known to be durable
  struct Sent {
    uint64_t step;
    std::shared_ptr<ItemBatch> batch;
  };
  std::vector<Sent> unanswered;
};

class CrashTest : public DurableTest,
                  public ::testing::WithParamInterface<int> {
 protected:
  void SetUp() override {
    lane_options_.sessions.max_sessions = 3;
    Crash();
    other_ = MakeServer();
    for (int i = 0; i < kSessions; ++i) {
      clients_.push_back({.id = absl::StrCat("s", i)});
    }
  }

  int Below(int n) { return std::uniform_int_distribution(0, n - 1)(dice_); }
  std::unique_ptr<TestServer>& AnyServer() {
    return Below(2) == 0 ? server_ : other_;
  }

  // Opens (again) or attaches; leaves it for later if the store is not there.
  void Attach(Client* client) {
    TestServer* server = AnyServer().get();
    Advance(std::chrono::milliseconds(1));
    Reply<SessionInfo> opened;
    server->service.OpenSession({.model = "sum",
                                 .session_id = client->id,
                                 .request_id = "of " + client->id},
                                opened.Take());
    server->Settle();
    if (opened.calls() == 0) {
      Advance(std::chrono::seconds(2));
      server->lanes.Housekeep();
    }
    const absl::StatusOr<SessionInfo>& info = opened.Get();
    if (!info.ok()) {
      ASSERT_TRUE(Reason(info) == "store_unavailable" ||
                  Reason(info) == "too_many_sessions")
          << info.status();
      return;
    }
    ASSERT_GE(info->applied_step, client->acked) << "acknowledged and lost";
    client->server = server;
    client->session = info->record;
    client->next = info->applied_step + 1;
    client->unanswered.clear();
  }

  static void Detach(Client* client) {
    client->server = nullptr;
    client->session = {};
  }

  void Send(int index) {
    Client& client = clients_[index];
    if (client.server == nullptr) return Attach(&client);
    const uint64_t step = client.next++;
    auto batch = Submit(client.server,
                        {.session = client.session,
                         .first_step = step,
                         .steps = 1,
                         .want = Want::kForecast},
                        {ValueOf(index, step)}, Below(3) == 0);
    client.unanswered.push_back({step, std::move(batch)});
  }

  void Receive(int index) {
    Client& client = clients_[index];
    for (const Client::Sent& sent : std::exchange(client.unanswered, {})) {
      if (!Answered(*sent.batch)) {
        client.unanswered.push_back(sent);
        continue;
      }
      const ItemResult& result = sent.batch->results[0];
      if (!result.status.ok()) {
        const std::string reason = ReasonOf(result.status).value_or("");
        ASSERT_TRUE(reason == "session_moved" || reason == "step_gap" ||
                    reason == "store_unavailable")
            << result.status;
        return Detach(&client);
      }
      ++answers_;
      // Older duplicates have no answer any more.
      if (result.answer != nullptr) {
        ASSERT_EQ(SumOf(*sent.batch), SumUntil(index, sent.step))
            << client.id << " step " << sent.step;
      }
      client.acked = std::max(client.acked, result.durable_step);
    }
  }

  void CrashOne() {
    auto& server = AnyServer();
    for (Client& client : clients_) {
      if (client.server != server.get()) continue;
      Detach(&client);
      client.unanswered.clear();
    }
    server = nullptr;
    server = MakeServer();
  }

  void Act() {
    const int index = Below(kSessions);
    switch (Below(24)) {
      case 0:
        return CrashOne();
      case 1:
        store_.down = Below(4) == 0;
        return;
      case 2:
        store_.lose_acks = Below(4) == 0;
        return;
      case 3:
        store_.hold_commits = Below(4) == 0;
        return;
      case 4:
        store_.DeliverLate();
        return;
      case 5:
        return Detach(&clients_[index]);
      case 6:
      case 7:
        Advance(std::chrono::milliseconds(1 + Below(3000)));
        AnyServer()->lanes.Housekeep();
        return;
      case 8:
      case 9:
      case 10:
        AnyServer()->driver.CommitPass(now_);
        return;
      case 11:
      case 12:
        AnyServer()->Settle();
        return;
      default:
        return Send(index);
    }
  }

  void Finish() {
    store_.down = store_.lose_acks = store_.hold_commits = false;
    store_.DeliverLate();
    for (int i = 0; i < kSessions; ++i) {
      Advance(std::chrono::seconds(20));
      server_->Settle();
      other_->Settle();
      Client& client = clients_[i];
      // Whoever is attached stays in memory, of which there is little.
      Receive(i);
      for (Client& each : clients_) Detach(&each);
      for (int tries = 0; tries < 4 && client.server == nullptr; ++tries) {
        Attach(&client);
      }
      ASSERT_NE(client.server, nullptr);
      auto last = Submit(client.server,
                         {.session = client.session,
                          .first_step = client.next,
                          .steps = 1,
                          .want = Want::kForecast},
                         {ValueOf(i, client.next)}, true);
      client.server->Settle();
      if (ReasonOfItem(*last) == "session_moved") continue;
      ASSERT_TRUE(Answered(*last));
      EXPECT_EQ(SumOf(*last), SumUntil(i, client.next));
      Detach(&client);
    }
  }

  std::mt19937 dice_{static_cast<uint32_t>(GetParam())};
  std::vector<Client> clients_;
  int answers_ = 0;
};

TEST_P(CrashTest, LosesNothingAcknowledgedAndAppliesNothingTwice) {
  for (int i = 0; i < kActions; ++i) {
    Act();
    for (int session = 0; session < kSessions; ++session) Receive(session);
    if (HasFatalFailure()) {
      FAIL() << "seed " << GetParam() << ", action " << i;
    }
  }
  Finish();
  EXPECT_GT(answers_, 100);
}

INSTANTIATE_TEST_SUITE_P(Seeds, CrashTest, ::testing::Range(1, 101));

}  // namespace
}  // namespace recur
