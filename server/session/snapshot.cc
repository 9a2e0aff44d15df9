#include "server/session/snapshot.h"

#include <xxhash.h>

#include <bit>
#include <cstddef>
#include <cstring>

#include "absl/strings/str_format.h"
#include "server/session/answer_bytes.h"

namespace recur {
namespace {

// Numbers are copied as they are.
static_assert(std::endian::native == std::endian::little);

constexpr char kMagic[4] = {'R', 'S', 'N', 'P'};
constexpr uint32_t kVersion = 1;
constexpr uint32_t kHasStart = 1;
constexpr uint32_t kHasAnswers = 2;
constexpr size_t kMaxStringBytes = 4096;
constexpr uint32_t kMaxDigests = 1024;  // and of answers there are fewer

// Bytes 0 to 15: the same in every version.
struct Prologue {
  char magic[4];
  uint32_t version;
  uint64_t length;
};

// What follows them in version 1, in the order of the page. It has no holes.
struct Fixed {
  uint32_t kind;
  uint32_t flags;
  uint64_t applied_step;
  int64_t model_version;
  int64_t last_used_us;
  int64_t start_us;
  int64_t last_time_us;
  int64_t observed;
  uint32_t idle_ttl_seconds;
  uint32_t feature_values;
  uint32_t digests;
  uint32_t hidden;
  uint32_t request_id;
  uint32_t model;
  uint32_t fingerprint;
  uint32_t numerics;
};
static_assert(sizeof(Prologue) == 16 && sizeof(Fixed) == 88);

constexpr size_t kBodyBegin = sizeof(Prologue) + sizeof(Fixed);
constexpr size_t kChecksumBytes = sizeof(XXH128_hash_t);
static_assert(kChecksumBytes == 16);

// But for the answers.
size_t LengthOf(const Fixed& fixed) {
  // The counts have 32 bits: no sum of them overflows 64.
  return kBodyBegin + fixed.feature_values * sizeof(double) +
         fixed.digests * sizeof(uint64_t) + fixed.hidden * sizeof(float) +
         size_t{fixed.request_id} + fixed.model + fixed.fingerprint +
         fixed.numerics + kChecksumBytes;
}

Fixed FixedOf(const SnapshotView& session, bool has_answers) {
  return {
      .kind = static_cast<uint32_t>(session.kind),
      .flags = (session.start_us.has_value() ? kHasStart : 0) |
               (has_answers ? kHasAnswers : 0),
      .applied_step = session.applied_step,
      .model_version = session.model_version,
      .last_used_us = session.last_used_us,
      .start_us = session.start_us.value_or(0),
      .last_time_us = session.clock.last_time_us,
      .observed = session.clock.observed,
      .idle_ttl_seconds = session.idle_ttl_seconds,
      .feature_values = static_cast<uint32_t>(session.feature_values.size()),
      .digests = static_cast<uint32_t>(session.digests.size()),
      .hidden = static_cast<uint32_t>(session.hidden.size()),
      .request_id = static_cast<uint32_t>(session.request_id.size()),
      .model = static_cast<uint32_t>(session.model.size()),
      .fingerprint = static_cast<uint32_t>(session.fingerprint.size()),
      .numerics = static_cast<uint32_t>(session.numerics.size())};
}

template <typename Values>
char* Put(const Values& values, char* place) {
  const size_t bytes = values.size() * sizeof(*values.data());
  if (bytes > 0) std::memcpy(place, values.data(), bytes);
  return place + bytes;
}

template <typename Values>
void Take(absl::string_view* bytes, size_t count, Values* values) {
  values->resize(count);
  const size_t size = count * sizeof(*values->data());
  if (size > 0) std::memcpy(values->data(), bytes->data(), size);
  bytes->remove_prefix(size);
}

template <typename... Args>
absl::Status Broken(const absl::FormatSpec<Args...>& format,
                    const Args&... args) {
  return absl::DataLossError("snapshot " + absl::StrFormat(format, args...));
}

absl::Status CheckPrologue(absl::string_view bytes) {
  if (bytes.size() < sizeof(Prologue)) {
    return Broken("has %d bytes; its first part alone needs %d", bytes.size(),
                  sizeof(Prologue));
  }
  Prologue prologue;
  std::memcpy(&prologue, bytes.data(), sizeof(prologue));
  if (std::memcmp(prologue.magic, kMagic, sizeof(kMagic)) != 0) {
    return Broken("does not begin with \"RSNP\"");
  }
  if (prologue.version != kVersion) {
    return Broken("has version %d; only %d is known here", prologue.version,
                  kVersion);
  }
  if (bytes.size() > kMaxSnapshotBytes) {
    return Broken("has %d bytes; the limit is %d", bytes.size(),
                  kMaxSnapshotBytes);
  }
  if (prologue.length != bytes.size()) {
    return Broken("is said to have %d bytes; there are %d", prologue.length,
                  bytes.size());
  }
  if (bytes.size() >= kBodyBegin + kChecksumBytes) return absl::OkStatus();
  return Broken("has %d bytes; the shortest has %d", bytes.size(),
                kBodyBegin + kChecksumBytes);
}

absl::Status CheckSum(absl::string_view bytes) {
  const size_t covered = bytes.size() - kChecksumBytes;
  XXH128_hash_t stored;
  std::memcpy(&stored, bytes.data() + covered, kChecksumBytes);
  const XXH128_hash_t found = XXH3_128bits(bytes.data(), covered);
  if (XXH128_isEqual(stored, found)) return absl::OkStatus();
  return Broken("has checksum %016x%016x; its bytes have %016x%016x",
                stored.high64, stored.low64, found.high64, found.low64);
}

absl::Status CheckFixed(const Fixed& fixed, size_t length) {
  if (fixed.kind > static_cast<uint32_t>(SnapshotKind::kLost)) {
    return Broken("is of kind %d; the last one known is %d", fixed.kind,
                  SnapshotKind::kLost);
  }
  if ((fixed.flags & ~(kHasStart | kHasAnswers)) != 0) {
    return Broken("has flags %#x; only %#x are known", fixed.flags,
                  kHasStart | kHasAnswers);
  }
  for (const uint32_t size :
       {fixed.request_id, fixed.model, fixed.fingerprint, fixed.numerics}) {
    if (size <= kMaxStringBytes) continue;
    return Broken("has a text of %d bytes; the limit is %d", size,
                  kMaxStringBytes);
  }
  if (fixed.digests > fixed.applied_step || fixed.digests > kMaxDigests) {
    return Broken("has %d digests of %d steps; the limit is %d", fixed.digests,
                  fixed.applied_step, kMaxDigests);
  }
  if (fixed.observed < 0) {
    return Broken("has %d observations", fixed.observed);
  }
  const bool answers = (fixed.flags & kHasAnswers) != 0;
  if (answers ? LengthOf(fixed) < length : LengthOf(fixed) == length) {
    return absl::OkStatus();
  }
  return Broken("has %d bytes; its counts need %d%s", length, LengthOf(fixed),
                answers ? ", and its answers more" : "");
}

}  // namespace

void AppendSnapshot(const SnapshotView& session, std::string* out) {
  std::string answers;
  AppendAnswers(session.answers, session.applied_step, &answers);
  const Fixed fixed = FixedOf(session, /*has_answers=*/!answers.empty());
  const size_t begin = out->size();
  const size_t length = LengthOf(fixed) + answers.size();
  out->resize(begin + length);
  char* const bytes = out->data() + begin;
  Prologue prologue = {.version = kVersion, .length = length};
  std::memcpy(prologue.magic, kMagic, sizeof(kMagic));
  std::memcpy(bytes, &prologue, sizeof(prologue));
  std::memcpy(bytes + sizeof(prologue), &fixed, sizeof(fixed));
  char* place = bytes + kBodyBegin;
  place = Put(session.feature_values, place);
  place = Put(session.digests, place);
  place = Put(session.hidden, place);
  place = Put(session.request_id, place);
  place = Put(session.model, place);
  place = Put(session.fingerprint, place);
  place = Put(session.numerics, place);
  place = Put(answers, place);
  const XXH128_hash_t checksum = XXH3_128bits(bytes, place - bytes);
  std::memcpy(place, &checksum, kChecksumBytes);
}

absl::StatusOr<Snapshot> ParseSnapshot(absl::string_view bytes) {
  if (absl::Status status = CheckPrologue(bytes); !status.ok()) return status;
  if (absl::Status status = CheckSum(bytes); !status.ok()) return status;
  Fixed fixed;
  std::memcpy(&fixed, bytes.data() + sizeof(Prologue), sizeof(fixed));
  if (absl::Status status = CheckFixed(fixed, bytes.size()); !status.ok()) {
    return status;
  }
  Snapshot session = {.kind = static_cast<SnapshotKind>(fixed.kind),
                      .applied_step = fixed.applied_step,
                      .model_version = fixed.model_version,
                      .idle_ttl_seconds = fixed.idle_ttl_seconds,
                      .last_used_us = fixed.last_used_us,
                      .clock = {.last_time_us = fixed.last_time_us,
                                .observed = fixed.observed}};
  if ((fixed.flags & kHasStart) != 0) session.start_us = fixed.start_us;
  absl::string_view body = bytes.substr(kBodyBegin);
  Take(&body, fixed.feature_values, &session.feature_values);
  Take(&body, fixed.digests, &session.digests);
  Take(&body, fixed.hidden, &session.hidden);
  Take(&body, fixed.request_id, &session.request_id);
  Take(&body, fixed.model, &session.model);
  Take(&body, fixed.fingerprint, &session.fingerprint);
  Take(&body, fixed.numerics, &session.numerics);
  if ((fixed.flags & kHasAnswers) == 0) return session;
  body.remove_suffix(kChecksumBytes);
  auto answers = ParseAnswers(body, fixed.applied_step, fixed.digests);
  if (!answers.ok()) return answers.status();
  session.answers = *std::move(answers);
  return session;
}

}  // namespace recur
