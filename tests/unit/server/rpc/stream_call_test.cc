#include "server/rpc/stream_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/server/rpc/rpc_fixture.h"

namespace recur {
namespace {

constexpr std::chrono::seconds kPatience{20};

using ::testing::ElementsAre;

// A stream as a client has it: everything that came, by item number.
class ClientStream {
 public:
  explicit ClientStream(v1::Recur::Stub* stub) {
    context_.set_deadline(std::chrono::system_clock::now() +
                          std::chrono::seconds(20));
    stream_ = stub->Stream(&context_);
  }

  bool Send(const v1::StreamRequest& request) {
    return stream_->Write(request);
  }

  // Reads one message; false at the end.
  bool Read() {
    v1::StreamResponse response;
    if (!stream_->Read(&response)) return false;
    for (const auto& attached : response.attached()) {
      this->attached[attached.handle()] = attached;
    }
    if (response.has_go_away()) go_away = response.go_away().reason();
    const v1::ItemReplies& replies = response.replies();
    for (int i = 0; i < replies.item_size(); ++i) {
      applied[replies.item(i)] = replies.applied_step(i);
      order.push_back(replies.item(i));
    }
    for (const auto& answer : replies.answers()) {
      sums[replies.item(answer.index())] = answer.forecast().point(0);
    }
    for (const auto& error : replies.errors()) {
      errors[replies.item(error.index())] = error.status();
    }
    return true;
  }

  void ReadUntilItems(size_t count) {
    while (order.size() < count && Read()) {
    }
  }

  grpc::Status Close() {
    stream_->WritesDone();
    while (Read()) {
    }
    return stream_->Finish();
  }
  grpc::Status Finish() {
    while (Read()) {
    }
    return stream_->Finish();
  }
  void Cancel() { context_.TryCancel(); }

  std::map<uint32_t, v1::Attached> attached;
  std::map<uint64_t, uint64_t> applied;
  std::map<uint64_t, double> sums;
  std::map<uint64_t, google::rpc::Status> errors;
  std::vector<uint64_t> order;
  std::string go_away;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientReaderWriter<v1::StreamRequest, v1::StreamResponse>>
      stream_;
};

v1::StreamRequest AttachOf(uint32_t handle, const std::string& id) {
  v1::StreamRequest request;
  v1::Attach* attach = request.add_attach();
  attach->set_handle(handle);
  attach->set_session_id(id);
  return request;
}

void AddItem(uint32_t handle, float value, v1::StreamRequest* request) {
  v1::Items* items = request->mutable_items();
  items->add_handle(handle);
  items->add_values(value);
  if (items->want().empty()) items->add_want(v1::WANT_FORECAST);
}

class StreamCallTest : public RpcTest {};

TEST_F(StreamCallTest, TakesItemsInTheMessageOfTheirAttach) {
  Open("sum", "a");
  Open("sum", "b");
  ClientStream stream(recur_.get());
  v1::StreamRequest request = AttachOf(1, "a");
  *request.add_attach() = AttachOf(2, "b").attach(0);
  AddItem(1, 5, &request);
  AddItem(2, 7, &request);
  AddItem(1, 1, &request);
  stream.Send(request);
  EXPECT_TRUE(stream.Close().ok());
  EXPECT_EQ(stream.attached[1].resume_step(), 1u);
  EXPECT_EQ(stream.attached[1].session().session_id(), "a");
  EXPECT_FALSE(stream.attached[1].has_status());
  EXPECT_EQ(stream.sums, (std::map<uint64_t, double>{{0, 5}, {1, 7}, {2, 6}}));
}

TEST_F(StreamCallTest, SaysWhereToResume) {
  Open("sum", "a");
  v1::ObserveResponse out;
  ASSERT_TRUE(Observe(ObserveOf("a", 1, {1, 2, 3}), &out).ok());
  ClientStream stream(recur_.get());
  stream.Send(AttachOf(1, "a"));
  EXPECT_TRUE(stream.Close().ok());
  EXPECT_EQ(stream.attached[1].resume_step(), 4u);
}

TEST_F(StreamCallTest, DoesNotContinueBehindWhatTheClientKnowsToBeSafe) {
  Open("sum", "a");
  ClientStream stream(recur_.get());
  v1::StreamRequest request = AttachOf(1, "a");
  request.mutable_attach(0)->set_acknowledged_step(2);
  AddItem(1, 1, &request);
  stream.Send(request);
  EXPECT_TRUE(stream.Close().ok());
  EXPECT_THAT(stream.attached[1].status(),
              IsError(grpc::StatusCode::FAILED_PRECONDITION, "session_behind",
                      "acknowledged_step is 2"));
  EXPECT_EQ(ErrorOf(stream.errors[0]).reason, "unknown_handle");
}

TEST_F(StreamCallTest, RefusesAnAttachAloneAndGoesOn) {
  Open("sum", "a");
  ClientStream stream(recur_.get());
  v1::StreamRequest request = AttachOf(1, "nobody");
  *request.add_attach() = AttachOf(2, "a").attach(0);
  AddItem(1, 1, &request);
  AddItem(2, 2, &request);
  stream.Send(request);
  EXPECT_TRUE(stream.Close().ok());
  EXPECT_THAT(
      stream.attached[1].status(),
      IsError(grpc::StatusCode::NOT_FOUND, "session_unknown", "\"nobody\""));
  EXPECT_THAT(stream.errors[0],
              IsError(grpc::StatusCode::INVALID_ARGUMENT, "unknown_handle",
                      "handle 1 is not attached"));
  EXPECT_EQ(stream.sums[1], 2);
}

TEST_F(StreamCallTest, LeavesAHandleAsTheLastOfItsAttachesSays) {
  Open("sum", "a");
  for (const bool refused_last : {true, false}) {
    ClientStream stream(recur_.get());
    v1::StreamRequest request = AttachOf(1, refused_last ? "a" : "nobody");
    *request.add_attach() =
        AttachOf(1, refused_last ? "nobody" : "a").attach(0);
    AddItem(1, 1, &request);
    stream.Send(request);
    EXPECT_TRUE(stream.Close().ok());
    EXPECT_EQ(stream.errors.size(), refused_last ? 1u : 0u);
    EXPECT_EQ(stream.sums.size(), refused_last ? 0u : 1u);
  }
}

TEST_F(StreamCallTest, RebindsAndDetachesHandles) {
  Open("sum", "a");
  Open("sum", "b");
  ClientStream stream(recur_.get());
  v1::StreamRequest request = AttachOf(1, "a");
  AddItem(1, 1, &request);
  stream.Send(request);
  request = AttachOf(1, "b");
  AddItem(1, 10, &request);
  stream.Send(request);
  request.Clear();
  request.add_detach(1);
  AddItem(1, 100, &request);
  stream.Send(request);
  EXPECT_TRUE(stream.Close().ok());
  EXPECT_EQ(stream.sums, (std::map<uint64_t, double>{{0, 1}, {1, 10}}));
  EXPECT_EQ(ErrorOf(stream.errors[2]).reason, "unknown_handle");
}

TEST_F(StreamCallTest, AnswersEverythingBeforeAHalfClosedStreamEnds) {
  Open("sum", "a");
  ClientStream stream(recur_.get());
  stream.Send(AttachOf(1, "a"));
  for (int message = 0; message < 100; ++message) {
    v1::StreamRequest request;
    for (int i = 0; i < 50; ++i) AddItem(1, 1, &request);
    stream.Send(request);
  }
  EXPECT_TRUE(stream.Close().ok());
  ASSERT_EQ(stream.order.size(), 5000u);
  for (uint64_t i = 0; i < 5000; ++i) {
    EXPECT_EQ(stream.order[i], i);
    EXPECT_EQ(stream.sums[i], static_cast<double>(i + 1));
  }
}

TEST_F(StreamCallTest, LosesNothingWhenAClientSendsFasterThanItReads) {
  Open("sum", "a");
  ClientStream stream(recur_.get());
  stream.Send(AttachOf(1, "a"));
  v1::StreamRequest request;
  for (int i = 0; i < 1000; ++i) AddItem(1, 1, &request);
  // Several times what may be open at once: the sender is held up until the
  // answers are read.
  const int messages = 4 * StreamCall::kMaxOpenItems / 1000;
  std::thread sender([&] {
    for (int i = 0; i < messages; ++i) stream.Send(request);
  });
  stream.ReadUntilItems(messages * 1000);
  sender.join();
  EXPECT_TRUE(stream.Close().ok());
  EXPECT_EQ(stream.order.size(), messages * 1000u);
  EXPECT_EQ(stream.sums.rbegin()->second, messages * 1000.0);
}

TEST_F(StreamCallTest, AnswersMoreAttachesThanMayBeOpenAtOnce) {
  Open("sum", "a");
  ClientStream stream(recur_.get());
  constexpr int kMessages = 21;
  std::thread sender([&] {
    for (uint32_t message = 0; message < kMessages; ++message) {
      v1::StreamRequest request;
      for (uint32_t i = 0; i < 1000; ++i) {
        *request.add_attach() = AttachOf(1000 * message + i, "a").attach(0);
      }
      stream.Send(request);
    }
  });
  while (stream.attached.size() < kMessages * 1000 && stream.Read()) {
  }
  sender.join();
  EXPECT_TRUE(stream.Close().ok());
  EXPECT_EQ(stream.attached.size(), kMessages * 1000u);
}

TEST_F(StreamCallTest, EndsWithTheReasonAfterAMessageThatCannotBeRead) {
  Open("sum", "a");
  ClientStream stream(recur_.get());
  v1::StreamRequest request = AttachOf(1, "a");
  AddItem(1, 3, &request);
  stream.Send(request);
  request.Clear();
  AddItem(1, 3, &request);
  request.mutable_items()->add_first_step(2);
  request.mutable_items()->add_first_step(3);
  stream.Send(request);
  EXPECT_THAT(stream.Finish(),
              IsError(grpc::StatusCode::INVALID_ARGUMENT, "bad_columns",
                      "first_step has 2 entries for 1 items"));
  EXPECT_EQ(stream.sums[0], 3);
}

TEST_F(StreamCallTest, NamesTheWrongWidthOfAnItem) {
  Open("pair", "a");
  ClientStream stream(recur_.get());
  v1::StreamRequest request = AttachOf(1, "a");
  AddItem(1, 3, &request);
  stream.Send(request);
  EXPECT_TRUE(stream.Close().ok());
  EXPECT_THAT(stream.errors[0],
              IsError(grpc::StatusCode::INVALID_ARGUMENT, "wrong_width",
                      "input has 1 features; model \"pair\" expects 2"));
}

TEST_F(StreamCallTest, SendsGoAwayAndAnswersWhatItHas) {
  Open("sum", "a");
  ClientStream stream(recur_.get());
  v1::StreamRequest request = AttachOf(1, "a");
  AddItem(1, 3, &request);
  stream.Send(request);
  stream.ReadUntilItems(1);
  server_->GoAway("the server is about to leave");
  EXPECT_THAT(stream.Finish(), IsError(grpc::StatusCode::UNAVAILABLE,
                                       "draining", "about to leave"));
  EXPECT_EQ(stream.go_away, "the server is about to leave");
  EXPECT_EQ(stream.sums[0], 3);

  ClientStream late(recur_.get());
  EXPECT_THAT(late.Finish(), IsError(grpc::StatusCode::UNAVAILABLE, "draining",
                                     "open the stream on another"));
  // The client learns of the end a moment before the server is done with it.
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  while (server_->live_streams() > 0 &&
         std::chrono::steady_clock::now() < limit) {
    std::this_thread::yield();
  }
  EXPECT_EQ(server_->live_streams(), 0u);
}

TEST_F(StreamCallTest, KeepsWhatWasAppliedWhenTheClientGoesAway) {
  Open("sum", "a");
  {
    ClientStream stream(recur_.get());
    v1::StreamRequest request = AttachOf(1, "a");
    for (int i = 0; i < 1000; ++i) AddItem(1, 1, &request);
    stream.Send(request);
    stream.ReadUntilItems(1);
    stream.Cancel();
    EXPECT_EQ(stream.Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  v1::ObserveRequest next = ObserveOf("a", 1001, {1});
  v1::ObserveResponse out;
  ASSERT_TRUE(Observe(next, &out).ok());
  EXPECT_THAT(out.forecast().point(), ElementsAre(1001));
}

TEST_F(StreamCallTest, CountsItemsByModelAndCode) {
  Open("sum", "a");
  ClientStream stream(recur_.get());
  v1::StreamRequest request = AttachOf(1, "a");
  AddItem(1, 3, &request);
  AddItem(2, 3, &request);
  stream.Send(request);
  EXPECT_TRUE(stream.Close().ok());
  std::map<std::string, uint64_t> counts;
  for (const RequestReading& reading : service_->request_stats().Read()) {
    if (reading.key.method != "Stream") continue;
    for (uint64_t bucket : reading.seconds.counts) {
      counts[absl::StrCat(reading.key.model, " ",
                          static_cast<int>(reading.key.code))] += bucket;
    }
  }
  EXPECT_EQ(counts,
            (std::map<std::string, uint64_t>{{"sum 0", 1}, {"unknown 3", 1}}));
}

}  // namespace
}  // namespace recur
