// 200 sessions and 100,000 steps through the real server, mixed into batches,
// with duplicates and gaps thrown in. The model sums what it sees, so a lost,
// doubled or crossed step is a wrong sum.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "tests/unit/server/app/app_fixture.h"
#include "tests/unit/server/rpc/wire_error.h"

namespace recur {
namespace {

constexpr int kSessions = 200;
constexpr uint64_t kSteps = 100'000;
constexpr int kItemsPerMessage = 256;
constexpr uint64_t kWindow = 4;  // steps whose answers are kept

// What was sent once, and the sum after it.
struct Sent {
  uint64_t first_step = 0;
  std::vector<float> values;
  double sum = 0;
  uint64_t last_step() const { return first_step + values.size() - 1; }
};

struct Client {
  uint64_t applied = 0;
  double sum = 0;
  std::deque<Sent> sent;  // the newest last
};

enum class Kind { kFresh, kDuplicate, kGap };

// What must come back for an item.
struct Expected {
  uint32_t handle = 0;
  Kind kind = Kind::kFresh;
  uint64_t step = 0;
  uint64_t applied = 0;
  std::optional<double> sum;
};

// Writes items and what must come of them. The server handles the items of a
// session in order, so all of it is known beforehand.
class Script {
 public:
  explicit Script(uint32_t seed) : random_(seed) {}

  uint64_t applied_in_all() const { return applied_in_all_; }
  const std::vector<Expected>& expected() const { return expected_; }
  const Client& client(uint32_t handle) const { return clients_[handle]; }

  int CountOf(Kind kind) const {
    return static_cast<int>(std::count_if(
        expected_.begin(), expected_.end(),
        [kind](const Expected& item) { return item.kind == kind; }));
  }

  v1::StreamRequest NextMessage() {
    v1::StreamRequest request;
    v1::Items* items = request.mutable_items();
    items->add_want(v1::WANT_FORECAST);
    for (int i = 0; i < kItemsPerMessage && applied_in_all_ < kSteps; ++i) {
      AddItem(items);
    }
    return request;
  }

 private:
  int Below(int n) { return std::uniform_int_distribution(0, n - 1)(random_); }

  void AddItem(v1::Items* items) {
    const auto handle = static_cast<uint32_t>(Below(kSessions));
    Client& client = clients_[handle];
    const int dice = Below(100);
    if (dice < 10 && !client.sent.empty()) {
      AddDuplicate(handle, &client, items);
    } else if (dice < 15) {
      AddGap(handle, client, items);
    } else {
      AddFresh(handle, &client, items);
    }
  }

  static void Put(uint32_t handle, uint64_t first_step,
                  const std::vector<float>& values, v1::Items* items) {
    items->add_handle(handle);
    items->add_first_step(first_step);
    items->add_steps(static_cast<uint32_t>(values.size()));
    for (float value : values) items->add_values(value);
  }

  void AddFresh(uint32_t handle, Client* client, v1::Items* items) {
    Sent sent{.first_step = client->applied + 1};
    const int steps = Below(4) == 0 ? 1 + Below(6) : 1;
    for (int i = 0; i < steps && applied_in_all_ < kSteps; ++i) {
      sent.values.push_back(static_cast<float>(Below(10)));
      client->sum += sent.values.back();
      ++client->applied;
      ++applied_in_all_;
    }
    sent.sum = client->sum;
    Put(handle, sent.first_step, sent.values, items);
    expected_.push_back({.handle = handle,
                         .step = client->applied,
                         .applied = client->applied,
                         .sum = client->sum});
    client->sent.push_back(std::move(sent));
    if (client->sent.size() > 8) client->sent.pop_front();
  }

  void AddDuplicate(uint32_t handle, Client* client, v1::Items* items) {
    const Sent& again =
        client->sent[Below(static_cast<int>(client->sent.size()))];
    Put(handle, again.first_step, again.values, items);
    Expected expected{.handle = handle,
                      .kind = Kind::kDuplicate,
                      .step = again.last_step(),
                      .applied = client->applied};
    if (again.last_step() + kWindow > client->applied) expected.sum = again.sum;
    expected_.push_back(expected);
  }

  void AddGap(uint32_t handle, const Client& client, v1::Items* items) {
    Put(handle, client.applied + 2 + Below(5), {1}, items);
    expected_.push_back(
        {.handle = handle, .kind = Kind::kGap, .applied = client.applied});
  }

  std::mt19937 random_;
  uint64_t applied_in_all_ = 0;
  std::vector<Client> clients_{kSessions};
  std::vector<Expected> expected_;
};

// What did come back, by item.
struct Reply {
  int times = 0;
  uint32_t handle = 0;
  uint64_t step = 0;
  uint64_t applied = 0;
  bool duplicate = false;
  std::optional<double> sum;
  google::rpc::Status error;
};

void Collect(const v1::ItemReplies& replies, std::map<uint64_t, Reply>* all) {
  for (int i = 0; i < replies.item_size(); ++i) {
    Reply& reply = (*all)[replies.item(i)];
    ++reply.times;
    reply.handle = replies.handle(i);
    reply.step = replies.step(i);
    reply.applied = replies.applied_step(i);
  }
  for (uint32_t index : replies.duplicate()) {
    (*all)[replies.item(index)].duplicate = true;
  }
  for (const auto& answer : replies.answers()) {
    if (answer.forecast().point_size() == 1) {
      (*all)[replies.item(answer.index())].sum = answer.forecast().point(0);
    }
  }
  for (const auto& error : replies.errors()) {
    (*all)[replies.item(error.index())].error = error.status();
  }
}

void Compare(const Expected& expected, const Reply& reply, size_t item) {
  SCOPED_TRACE(absl::StrCat("item ", item));
  ASSERT_EQ(reply.times, 1);
  EXPECT_EQ(reply.handle, expected.handle);
  if (expected.kind == Kind::kGap) {
    const WireError error = ErrorOf(reply.error);
    EXPECT_EQ(error.reason, "step_gap");
    EXPECT_EQ(error.code, grpc::StatusCode::FAILED_PRECONDITION);
    ASSERT_TRUE(error.metadata.contains("expected_step"));
    EXPECT_EQ(error.metadata.at("expected_step"),
              absl::StrCat(expected.applied + 1));
    return;
  }
  EXPECT_EQ(reply.error.code(), 0) << reply.error.message();
  EXPECT_EQ(reply.step, expected.step);
  EXPECT_EQ(reply.applied, expected.applied);
  EXPECT_EQ(reply.duplicate, expected.kind == Kind::kDuplicate);
  EXPECT_EQ(reply.sum, expected.sum);
}

class AccumulatorTest : public AppTest {
 protected:
  v1::StreamRequest AttachAll() {
    v1::StreamRequest request;
    for (int i = 0; i < kSessions; ++i) {
      const std::string id = absl::StrCat("session-", i);
      EXPECT_TRUE(Open("sum", id).ok());
      v1::Attach* attach = request.add_attach();
      attach->set_handle(i);
      attach->set_session_id(id);
    }
    return request;
  }

  double RowsPerBatch() {
    const LaneHost& lanes = app_->service()->lanes();
    double rows = 0;
    uint64_t batches = 0;
    for (int lane = 0; lane < lanes.lane_count(); ++lane) {
      const HistogramReading reading = lanes.stats(lane).batch_rows.Read();
      rows += reading.sum;
      for (uint64_t count : reading.counts) batches += count;
    }
    return rows / static_cast<double>(batches);
  }

  double SumOf(uint32_t handle) {
    v1::ForecastRequest request;
    request.set_session_id(absl::StrCat("session-", handle));
    v1::ForecastResponse response;
    grpc::ClientContext context;
    SetDeadline(&context);
    EXPECT_TRUE(recur_->Forecast(&context, request, &response).ok());
    return response.forecast().point(0);
  }
};

TEST_F(AccumulatorTest, LosesDoublesAndCrossesNothing) {
  Start();
  grpc::ClientContext context;
  SetDeadline(&context);
  auto stream = recur_->Stream(&context);
  Script script(20260301);
  ASSERT_TRUE(stream->Write(AttachAll()));
  std::thread sender([&] {
    while (script.applied_in_all() < kSteps) {
      if (!stream->Write(script.NextMessage())) break;
    }
    stream->WritesDone();
  });
  std::map<uint64_t, Reply> replies;
  v1::StreamResponse response;
  while (stream->Read(&response)) Collect(response.replies(), &replies);
  sender.join();
  const grpc::Status status = stream->Finish();
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(script.applied_in_all(), kSteps);
  ASSERT_EQ(replies.size(), script.expected().size());
  EXPECT_GT(script.CountOf(Kind::kDuplicate), 5000);
  EXPECT_GT(script.CountOf(Kind::kGap), 2500);
  EXPECT_GT(RowsPerBatch(), 2);
  for (size_t i = 0; i < script.expected().size() && !HasFatalFailure(); ++i) {
    Compare(script.expected()[i], replies[i], i);
  }
  for (uint32_t handle = 0; handle < kSessions; ++handle) {
    EXPECT_EQ(SumOf(handle), script.client(handle).sum) << handle;
  }
}

}  // namespace
}  // namespace recur
