// A server in the test's process that remembers its sessions from stream to
// stream, and fails when the test tells it to. It sums the values of each
// session: the answer to a step is the sum up to it, so that a lost, doubled or
// crossed step is a wrong answer. Answers to older steps it no longer has.
#ifndef RECUR_TESTS_UNIT_CLIENT_SDK_REMEMBERING_SERVER_H_
#define RECUR_TESTS_UNIT_CLIENT_SDK_REMEMBERING_SERVER_H_

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/unit/client/sdk/fake_server.h"

namespace recur::client {

class RememberingServer {
 public:
  using StreamCall = FakeRecur::StreamCall;

  struct Session {
    std::vector<double> values;  // applied
    size_t durable = 0;
    grpc::Status refusal;  // of attaches and items
    int refusals = 0;      // so many times
  };

  // Asked before every item: on which stream, counted from 1, and how many of
  // its items came before. A status ends the stream without an answer.
  using Fail = std::function<std::optional<grpc::Status>(int call, int items)>;

  Fail fail;
  // Called at the end of a stream.
  std::function<void()> after;
  v1::Durability durability = v1::DURABILITY_NONE;

  std::function<grpc::Status(StreamCall*)> OnStream() {
    return [this](StreamCall* call) {
      const grpc::Status status = Serve(call);
      std::lock_guard<std::mutex> lock(mutex_);
      live_.erase(call);
      if (after) after();
      return status;
    };
  }

  void Refuse(const std::string& id, const grpc::Status& status, int times) {
    std::lock_guard<std::mutex> lock(mutex_);
    sessions_[id].refusal = status;
    sessions_[id].refusals = times;
  }

  // Everything is durable from now on, and every stream is told.
  void Commit() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto& [id, session] : sessions_) {
      session.durable = session.values.size();
    }
    for (auto& [call, bound] : live_) {
      v1::StreamResponse response;
      for (const auto& [handle, id] : bound) {
        response.mutable_durable()->add_handle(handle);
        response.mutable_durable()->add_durable_step(sessions_[id].durable);
      }
      call->Write(response);
    }
  }

  void SayGoAway() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (auto& [call, bound] : live_) {
      v1::StreamResponse response;
      response.mutable_go_away()->set_reason("draining");
      call->Write(response);
    }
  }

  // For `after`, which runs under the lock.
  void RollBack() {
    for (auto& [id, session] : sessions_) {
      session.values.resize(session.durable);
    }
  }

  std::vector<double> values(const std::string& id) {
    std::lock_guard<std::mutex> lock(mutex_);
    return sessions_[id].values;
  }
  int calls() {
    std::lock_guard<std::mutex> lock(mutex_);
    return calls_;
  }

 private:
  static constexpr uint64_t kWindow = 4;

  using Bound = std::map<uint32_t, std::string>;

  grpc::Status Serve(StreamCall* call) {
    int number = 0;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      number = ++calls_;
      live_[call];
    }
    int items = 0;
    v1::StreamRequest request;
    while (call->Read(&request)) {
      std::lock_guard<std::mutex> lock(mutex_);
      Bound& bound = live_[call];
      v1::StreamResponse response;
      for (const v1::Attach& attach : request.attach()) {
        Answer(attach, bound, response.add_attached());
      }
      size_t value = 0;
      for (int i = 0; i < request.items().handle_size(); ++i) {
        auto status = fail ? fail(number, items) : std::nullopt;
        if (status.has_value()) {
          call->Write(response);
          return *status;
        }
        Answer(request.items(), i, &value, bound, items++,
               response.mutable_replies());
      }
      call->Write(response);
    }
    return grpc::Status::OK;
  }

  void Answer(const v1::Attach& attach, Bound& bound, v1::Attached* attached) {
    attached->set_handle(attach.handle());
    Session& session = sessions_[attach.session_id()];
    if (session.refusals > 0) {
      --session.refusals;
      attached->mutable_status()->ParseFromString(
          session.refusal.error_details());
      return;
    }
    bound[attach.handle()] = attach.session_id();
    attached->mutable_session()->set_session_id(attach.session_id());
    attached->mutable_session()->set_durability(durability);
    attached->mutable_session()->set_durable_step(session.durable);
    attached->set_resume_step(session.values.size() + 1);
  }

  void Answer(const v1::Items& items, int i, size_t* value, const Bound& bound,
              int number, v1::ItemReplies* replies) {
    const uint32_t handle = items.handle(i);
    const uint64_t first = items.first_step(i);
    const uint32_t steps = items.steps().empty() ? 1 : items.steps(i);
    const auto found = bound.find(handle);
    ASSERT_NE(found, bound.end());
    Session& session = sessions_[found->second];
    const int index = replies->item_size();
    replies->add_item(number);
    replies->add_handle(handle);
    replies->add_step(first + steps - 1);
    bool fresh = false;
    bool gap = false;
    for (uint64_t step = first; step < first + steps; ++step) {
      const double given = items.values_f64((*value)++);
      if (session.refusals > 0) continue;
      if (step > session.values.size() + 1) {
        gap = true;
        continue;
      }
      if (step <= session.values.size()) {
        EXPECT_EQ(session.values[step - 1], given);
      } else {
        session.values.push_back(given);
        fresh = true;
      }
    }
    replies->add_applied_step(session.values.size());
    if (durability != v1::DURABILITY_NONE) {
      replies->add_durable_step(session.durable);
    }
    if (session.refusals > 0 || gap) {
      const grpc::Status refusal =
          gap ? ServerError(grpc::StatusCode::FAILED_PRECONDITION, "step_gap",
                            "gap")
              : session.refusal;
      if (!gap) --session.refusals;
      v1::ItemError* error = replies->add_errors();
      error->set_index(index);
      error->mutable_status()->ParseFromString(refusal.error_details());
      return;
    }
    if (!fresh) replies->add_duplicate(index);
    if (first + steps - 1 + kWindow <= session.values.size()) return;
    v1::ItemAnswer* answer = replies->add_answers();
    answer->set_index(index);
    double sum = 0;
    for (uint64_t step = 0; step < first + steps - 1; ++step) {
      sum += session.values[step];
    }
    answer->mutable_forecast()->add_point(sum);
  }

  std::mutex mutex_;
  std::map<std::string, Session> sessions_;
  std::map<StreamCall*, Bound> live_;
  int calls_ = 0;
};

}  // namespace recur::client

#endif  // RECUR_TESTS_UNIT_CLIENT_SDK_REMEMBERING_SERVER_H_
