// A made-up server for replay_model_test: it sums the values of each session,
// so that any lost, doubled or crossed step is a wrong sum.
#ifndef RECUR_TESTS_UNIT_CLIENT_REPLAY_MODEL_SERVER_H_
#define RECUR_TESTS_UNIT_CLIENT_REPLAY_MODEL_SERVER_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/replay/replay.h"
#include "model/spec/error_reason.h"

namespace recur::client {

inline constexpr uint64_t kWindow = 4;  // steps whose answers the server keeps

using Random = std::mt19937;

inline bool OneIn(Random& random, int n) { return random() % n == 0; }

inline absl::Status Refusal(absl::StatusCode code, absl::string_view reason,
                            int delay_ms = 0) {
  absl::Status status = ErrorWithReason(code, reason, reason);
  if (delay_ms > 0)
    SetDetail(&status, "retry_delay_ms", absl::StrCat(delay_ms));
  return status;
}

// The server's side of one session.
struct Remote {
  std::vector<double> values;  // applied
  size_t durable = 0;
  bool lost = false;

  double SumAfter(uint64_t step) const {
    double sum = 0;
    for (uint64_t i = 0; i < step; ++i) sum += values[i];
    return sum;
  }
};

struct AttachMessage {
  uint32_t handle;
  std::string session;
  std::optional<uint64_t> acknowledged;
};
struct DetachMessage {
  uint32_t handle;
};
struct ItemMessage {
  uint32_t handle;
  uint64_t number;  // on the connection
  Item item;
};
using Request = std::variant<AttachMessage, DetachMessage, ItemMessage>;

struct ReplyMessage {
  Replay::Reply reply;
  std::optional<double> sum;
};
struct DurableMessage {
  uint32_t handle;
  uint64_t step;
};
struct GoAwayMessage {};
using Response =
    std::variant<Replay::Attached, ReplyMessage, DurableMessage, GoAwayMessage>;

struct Wire {
  std::map<uint32_t, std::string> bound;
  uint64_t items = 0;
  std::deque<Request> up;
  std::deque<Response> down;
  bool leaving = false;
};

class ModelServer {
 public:
  ModelServer(bool durable, Random* random)
      : durable_(durable), random_(*random) {}

  std::map<std::string, Remote> sessions;
  bool refuses = false;  // now and then: full, moved

  void Serve(Wire& wire) {
    Request request = std::move(wire.up.front());
    wire.up.pop_front();
    if (auto* attach = std::get_if<AttachMessage>(&request)) {
      wire.down.push_back(OnAttach(wire, *attach));
    } else if (auto* detach = std::get_if<DetachMessage>(&request)) {
      wire.bound.erase(detach->handle);
    } else {
      wire.down.push_back(OnItem(wire, std::get<ItemMessage>(request)));
    }
  }

  void Commit(Wire& wire) {
    if (!durable_) return;
    for (auto& [id, session] : sessions)
      session.durable = session.values.size();
    for (const auto& [handle, id] : wire.bound) {
      wire.down.push_back(DurableMessage{handle, sessions[id].durable});
    }
  }

  void Crash() {
    for (auto& [id, session] : sessions) {
      if (!durable_) session.lost = true;
      session.values.resize(session.durable);
    }
  }

 private:
  Replay::Attached OnAttach(Wire& wire, const AttachMessage& attach) {
    Replay::Attached attached{.handle = attach.handle};
    Remote& session = sessions[attach.session];
    if (session.lost) {
      attached.status = Refusal(absl::StatusCode::kNotFound, "session_lost");
    } else if (refuses && OneIn(random_, 8)) {
      attached.status = Passing();
    } else if (attach.acknowledged.value_or(0) > session.values.size()) {
      attached.status =
          Refusal(absl::StatusCode::kFailedPrecondition, "session_behind");
    } else {
      wire.bound[attach.handle] = attach.session;
      attached.durable = durable_;
      attached.resume_step = session.values.size() + 1;
      attached.durable_step = session.durable;
    }
    return attached;
  }

  absl::Status Passing() {
    switch (random_() % 3) {
      case 0:
        return Refusal(absl::StatusCode::kUnavailable, "session_moved");
      case 1:
        return Refusal(absl::StatusCode::kUnavailable, "store_down");
      default:
        return Refusal(absl::StatusCode::kResourceExhausted, "queue_full", 3);
    }
  }

  ReplyMessage OnItem(Wire& wire, const ItemMessage& message) {
    ReplyMessage out{.reply = {.item = message.number}};
    const auto bound = wire.bound.find(message.handle);
    EXPECT_NE(bound, wire.bound.end()) << "an item went before its attach";
    if (bound == wire.bound.end()) return out;
    Remote& session = sessions[bound->second];
    if (session.lost) {
      out.reply.status = Refusal(absl::StatusCode::kNotFound, "session_lost");
    } else if (refuses && OneIn(random_, 12)) {
      out.reply.status = Passing();
    } else {
      Apply(session, message.item, &out);
    }
    return out;
  }

  void Apply(Remote& session, const Item& item, ReplyMessage* out) {
    if (item.first_step > session.values.size() + 1) {
      out->reply.status =
          Refusal(absl::StatusCode::kFailedPrecondition, "step_gap");
      return;
    }
    for (uint32_t i = 0; i < item.steps; ++i) {
      const uint64_t step = item.first_step + i;
      if (step == session.values.size() + 1) {
        session.values.push_back(item.values[i]);
      } else {
        EXPECT_EQ(session.values[step - 1], item.values[i]);
      }
    }
    const bool in_window = item.last_step() + kWindow > session.values.size();
    if (item.want == Want::kForecast && in_window) {
      out->sum = session.SumAfter(item.last_step());
    }
    if (durable_) out->reply.durable_step = session.durable;
  }

  const bool durable_;
  Random& random_;
};

}  // namespace recur::client

#endif  // RECUR_TESTS_UNIT_CLIENT_REPLAY_MODEL_SERVER_H_
