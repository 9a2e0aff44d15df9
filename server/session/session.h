// One session, as its lane sees it. The values that come in many are spans of
// memory that somebody else owns, so that a session can lie in one piece (see
// server/lane/session_record.h). One thread reads and writes it; only the ids
// never change and may be read by any.
#ifndef RECUR_SERVER_SESSION_SESSION_H_
#define RECUR_SERVER_SESSION_SESSION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/spec/sequence_state.h"
#include "server/session/answer_window.h"

namespace recur {

using TimePoint = std::chrono::steady_clock::time_point;

struct Session {
  static constexpr uint32_t kNotQueued = UINT32_MAX;

  static constexpr int64_t kNoStart = FeatureClock::kNoTime;

  absl::string_view id;
  uint32_t request_id_bytes = 0;   // of the request id, which follows the id
  int32_t stored_use_seconds = 0;  // last_used as a store has it (the lane's)

  uint64_t applied_step = 0;
  FeatureClock clock;
  absl::Span<double> feature_values;
  absl::Span<float> hidden;  // [layers, h (and c), hidden_size]

  int64_t start_us = kNoStart;  // time of step 1, if items carry none
  TimePoint last_used;
  std::chrono::duration<uint32_t> idle_ttl{0};
  uint32_t expiry_place = kNotQueued;  // the ExpiryQueue's
  AnswerWindow window{4};

  absl::string_view request_id() const {
    return {id.data() + id.size(), request_id_bytes};
  }
  TimePoint deadline() const { return last_used + idle_ttl; }
  FeatureView features() const { return {clock, feature_values.data()}; }
  FeatureSlot features() { return {&clock, feature_values.data()}; }
};

}  // namespace recur

#endif  // RECUR_SERVER_SESSION_SESSION_H_
