// A Replay on a connection, with what tests of it say shortly.
#ifndef RECUR_TESTS_UNIT_CLIENT_REPLAY_REPLAY_FIXTURE_H_
#define RECUR_TESTS_UNIT_CLIENT_REPLAY_REPLAY_FIXTURE_H_

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "client/replay/replay.h"
#include "model/spec/error_reason.h"

namespace recur::client {

inline absl::Status Said(absl::StatusCode code, const std::string& reason) {
  return ErrorWithReason(code, reason, reason);
}
class ReplayTest : public ::testing::Test {
 protected:
  explicit ReplayTest(
      Replay::Options options = {.silence = std::chrono::milliseconds(5'000)})
      : replay_(options, now_) {
    replay_.Connected(now_);
  }

  // Attached and answered: goes on from `resume_step`.
  void AttachLive(uint32_t handle, bool durable = false,
                  uint64_t resume_step = 1) {
    replay_.Attach(handle, "s" + std::to_string(handle), std::nullopt);
    Written();
    Attached(handle, durable, resume_step);
    replay_.TakeEvents();
  }

  void Attached(uint32_t handle, bool durable = false, uint64_t resume_step = 1,
                uint64_t durable_step = 0) {
    ASSERT_TRUE(replay_
                    .OnAttached({.handle = handle,
                                 .durable = durable,
                                 .resume_step = resume_step,
                                 .durable_step = durable_step},
                                now_, 0.5)
                    .ok());
  }

  void RefuseAttach(uint32_t handle, const absl::Status& status) {
    ASSERT_TRUE(
        replay_.OnAttached({.handle = handle, .status = status}, now_, 0.5)
            .ok());
  }

  void Push(uint32_t handle, uint64_t step) {
    ASSERT_TRUE(replay_.CheckHandle(handle).ok());
    replay_.Push(handle, {.number = step, .first_step = step, .values = {1.0}});
  }

  // What goes out: "a1" attaches handle 1, "d1" detaches it, "1:7" is step 7
  // of it.
  std::vector<std::string> Written() {
    std::vector<std::string> out;
    while (const auto next = replay_.Next(now_)) {
      const std::string handle = std::to_string(next->handle);
      if (next->kind == Replay::Outgoing::Kind::kAttach) {
        out.push_back("a" + handle);
      } else if (next->kind == Replay::Outgoing::Kind::kDetach) {
        out.push_back("d" + handle);
      } else {
        out.push_back(handle + ":" + std::to_string(next->item->first_step));
      }
    }
    return out;
  }

  std::optional<uint64_t> Reply(uint64_t item, absl::Status status = {},
                                std::optional<uint64_t> durable = {}) {
    const auto number = replay_.OnReply(
        {.item = item, .status = status, .durable_step = durable}, now_, 0.5);
    EXPECT_TRUE(number.ok()) << number.status();
    return number.value_or(std::nullopt);
  }

  std::optional<Replay::Duration> Lost(const absl::Status& status) {
    return replay_.Lost(status, now_, 0.5);
  }

  void Reconnect() {
    ASSERT_TRUE(Lost(absl::UnavailableError("reset")).has_value());
    replay_.Connected(now_);
  }

  Replay::TimePoint now_;
  Replay replay_;
};

}  // namespace recur::client

#endif  // RECUR_TESTS_UNIT_CLIENT_REPLAY_REPLAY_FIXTURE_H_
