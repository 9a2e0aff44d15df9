// The bytes of one saved session. SNAPSHOT.md beside this file describes them
// byte by byte.
//
// A snapshot is versioned and checksummed, and names the weights and the
// numerics that its hidden state came from. It holds everything that a session
// is, but for the answer that the state itself gives. The checksum finds
// accidents, not forgeries: whoever takes snapshots from outside checks that
// the session, its answers included, fits its model.
#ifndef RECUR_SERVER_SESSION_SNAPSHOT_H_
#define RECUR_SERVER_SESSION_SNAPSHOT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "model/spec/sequence_state.h"
#include "server/session/answer_window.h"

namespace recur {

// A whole snapshot. The state of the largest model and kMaxAnswersBytes of
// answers are well below.
inline constexpr size_t kMaxSnapshotBytes = 64u << 20;

// How a stored session stands.
enum class SnapshotKind : uint8_t {
  kLive = 0,
  // Ended: kept for a while without its state, so that whoever asks is told.
  kClosed = 1,
  kExpired = 2,
  kLost = 3,
};

// What is written; borrowed for the call. A text has at most 4,096 bytes.
struct SnapshotView {
  SnapshotKind kind = SnapshotKind::kLive;
  uint64_t applied_step = 0;
  absl::string_view request_id;
  absl::string_view model;
  int64_t model_version = 0;
  absl::string_view fingerprint;  // of the model's spec and weights
  absl::string_view numerics;     // of the engine that computed the state
  uint32_t idle_ttl_seconds = 0;
  int64_t last_used_us = 0;  // since the epoch
  std::optional<int64_t> start_us;
  FeatureClock clock;
  absl::Span<const double> feature_values;
  absl::Span<const float> hidden;
  // Digests of the newest steps, the last one applied_step's; at most as many
  // as the answer window has, and 1,024.
  absl::Span<const uint64_t> digests;
  // AnswerWindow::EarlierAnswers; of many long ones the oldest are left out.
  absl::Span<const StepAnswer> answers;
};

// What is read.
struct Snapshot {
  SnapshotKind kind = SnapshotKind::kLive;
  uint64_t applied_step = 0;
  std::string request_id;
  std::string model;
  int64_t model_version = 0;
  std::string fingerprint;
  std::string numerics;
  uint32_t idle_ttl_seconds = 0;
  int64_t last_used_us = 0;
  std::optional<int64_t> start_us;
  FeatureClock clock;
  std::vector<double> feature_values;
  std::vector<float> hidden;
  std::vector<uint64_t> digests;
  std::vector<StepAnswer> answers;  // to steps before the newest, in order
};

// Appends a snapshot to *out. Costs a copy of the state and its checksum; no
// allocation if *out has room.
void AppendSnapshot(const SnapshotView& session, std::string* out);

// DATA_LOSS if the bytes are not a snapshot of a version known here, whole and
// unchanged; any bytes are safe to hand in. What is returned has no more
// digests than steps and no negative count.
absl::StatusOr<Snapshot> ParseSnapshot(absl::string_view bytes);

}  // namespace recur

#endif  // RECUR_SERVER_SESSION_SNAPSHOT_H_
