#include "server/session/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xxhash.h>

#include <cstring>
#include <limits>
#include <random>

#include "absl/strings/escaping.h"
#include "server/session/answer_bytes.h"

namespace recur {
namespace {

using ::testing::HasSubstr;

SnapshotView ViewOf(const Snapshot& session) {
  return {.kind = session.kind,
          .applied_step = session.applied_step,
          .request_id = session.request_id,
          .model = session.model,
          .model_version = session.model_version,
          .fingerprint = session.fingerprint,
          .numerics = session.numerics,
          .idle_ttl_seconds = session.idle_ttl_seconds,
          .last_used_us = session.last_used_us,
          .start_us = session.start_us,
          .clock = session.clock,
          .feature_values = session.feature_values,
          .hidden = session.hidden,
          .digests = session.digests,
          .answers = session.answers};
}

std::string Encode(const Snapshot& session) {
  std::string bytes;
  AppendSnapshot(ViewOf(session), &bytes);
  return bytes;
}

template <typename T>
void ExpectSameBits(const std::vector<T>& a, const std::vector<T>& b) {
  ASSERT_EQ(a.size(), b.size());
  if (a.empty()) return;
  EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(T)), 0);
}

void ExpectSame(const Snapshot& a, const Snapshot& b) {
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.applied_step, b.applied_step);
  EXPECT_EQ(a.request_id, b.request_id);
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.model_version, b.model_version);
  EXPECT_EQ(a.fingerprint, b.fingerprint);
  EXPECT_EQ(a.numerics, b.numerics);
  EXPECT_EQ(a.idle_ttl_seconds, b.idle_ttl_seconds);
  EXPECT_EQ(a.last_used_us, b.last_used_us);
  EXPECT_EQ(a.start_us, b.start_us);
  EXPECT_EQ(a.clock, b.clock);
  ExpectSameBits(a.feature_values, b.feature_values);
  ExpectSameBits(a.hidden, b.hidden);
  EXPECT_EQ(a.digests, b.digests);
  ASSERT_EQ(a.answers.size(), b.answers.size());
  for (size_t i = 0; i < a.answers.size(); ++i) {
    EXPECT_EQ(a.answers[i].step, b.answers[i].step);
    EXPECT_EQ(*a.answers[i].answer, *b.answers[i].answer);
  }
}

// Random bits in every field: NaN and infinities among the values too.
class RandomSessions {
 public:
  explicit RandomSessions(int seed) : random_(seed) {}

  Snapshot Next() {
    Snapshot session;
    session.kind = static_cast<SnapshotKind>(Below(4));
    session.request_id = Text(128);
    session.model = Text(40);
    session.model_version = Number();
    session.fingerprint = Text(33);
    session.numerics = Text(80);
    session.idle_ttl_seconds = random_();
    session.last_used_us = Number();
    if (Below(2) == 1) session.start_us = Number();
    session.clock.last_time_us = Number();
    session.clock.observed = Number() & std::numeric_limits<int64_t>::max();
    session.feature_values = Values<double>(30);
    session.hidden = Values<float>(300);
    session.digests = Values<uint64_t>(5);
    session.applied_step = session.digests.size() + Below(1000);
    for (uint64_t age = session.digests.size(); age-- > 1;) {
      if (Below(3) == 0) continue;
      session.answers.push_back(
          {session.applied_step - age, std::make_shared<Answer>(AnAnswer())});
    }
    return session;
  }

 private:
  Answer AnAnswer() {
    if (Below(2) == 0) {
      return Classification{std::vector<float>(Below(9), Fraction())};
    }
    Forecast forecast{.point = std::vector<double>(Below(9), Fraction()),
                      .quantiles = std::vector<double>(Below(20), Fraction()),
                      .warming_up = Below(2) == 1};
    if (Below(2) == 1) forecast.start_us = Number();
    return forecast;
  }
  float Fraction() { return static_cast<float>(Below(1000)) / 7; }

  size_t Below(size_t limit) { return random_() % limit; }
  int64_t Number() { return static_cast<int64_t>(random_()); }

  std::string Text(size_t limit) {
    std::string text(Below(limit), ' ');
    for (char& c : text) c = static_cast<char>(random_());
    return text;
  }

  template <typename T>
  std::vector<T> Values(size_t limit) {
    std::vector<T> values(Below(limit));
    for (T& value : values) {
      const uint64_t bits = random_();
      std::memcpy(&value, &bits, sizeof(value));
    }
    return values;
  }

  std::mt19937_64 random_;
};

Snapshot SmallSession() {
  Snapshot session;
  session.applied_step = 3;
  session.request_id = "rq";
  session.model = "etth";
  session.model_version = 7;
  session.fingerprint = "fp1";
  session.numerics = "f32";
  session.idle_ttl_seconds = 86400;
  session.last_used_us = 1700000000000001;
  session.start_us = -5;
  session.clock.observed = 4;
  session.feature_values = {1.5};
  session.hidden = {1.0f, -2.0f, 0.5f};
  session.digests = {0x1122334455667788, 0x99aabbccddeeff00};
  return session;
}

// SmallSession() by hand, from SNAPSHOT.md; the checksum by another program.
std::string SmallBytes() {
  return absl::HexStringToBytes(
      "52534e50"          // "RSNP"
      "01000000"          // version 1
      "a800000000000000"  // 168 bytes
      "00000000"          // live
      "01000000"          // with a start
      "0300000000000000"  // applied step
      "0700000000000000"  // model version
      "01401e18240a0600"  // last used
      "fbffffffffffffff"  // start
      "0000000000000080"  // no last observation
      "0400000000000000"  // observed
      "80510100"          // a day
      "01000000"          // feature values
      "02000000"          // digests
      "03000000"          // hidden values
      "02000000"          // request id
      "04000000"          // model
      "03000000"          // fingerprint
      "03000000"          // numerics
      "000000000000f83f"
      "8877665544332211"
      "00ffeeddccbbaa99"
      "0000803f"
      "000000c0"
      "0000003f"
      "7271"
      "65747468"
      "667031"
      "663332"
      "ce81ddd02d8b80d41d2d6d3f5c58ddd9");
}

// Changes 4 bytes and makes the checksum right again.
std::string Forged(size_t place, uint32_t value) {
  std::string bytes = SmallBytes();
  std::memcpy(bytes.data() + place, &value, sizeof(value));
  const XXH128_hash_t checksum =
      XXH3_128bits(bytes.data(), bytes.size() - sizeof(checksum));
  std::memcpy(bytes.data() + bytes.size() - sizeof(checksum), &checksum,
              sizeof(checksum));
  return bytes;
}

void ExpectRefused(absl::string_view bytes, const std::string& words) {
  // A copy of the exact size, so that a read beyond it is noticed.
  const std::vector<char> copy(bytes.begin(), bytes.end());
  const absl::Status status =
      ParseSnapshot(absl::string_view(copy.data(), copy.size())).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr(words));
}

TEST(SnapshotTest, ComesBackAsItWas) {
  RandomSessions sessions(1);
  for (int i = 0; i < 500; ++i) {
    const Snapshot session = sessions.Next();
    const absl::StatusOr<Snapshot> back = ParseSnapshot(Encode(session));
    ASSERT_TRUE(back.ok()) << back.status();
    ExpectSame(*back, session);
  }
}

TEST(SnapshotTest, IsWrittenAsThePageSays) {
  EXPECT_EQ(absl::BytesToHexString(Encode(SmallSession())),
            absl::BytesToHexString(SmallBytes()));
}

TEST(SnapshotTest, IsReadAsThePageSays) {
  const absl::StatusOr<Snapshot> session = ParseSnapshot(SmallBytes());
  ASSERT_TRUE(session.ok()) << session.status();
  ExpectSame(*session, SmallSession());
}

TEST(SnapshotTest, AnEmptySessionIsASnapshot) {
  const std::string bytes = Encode(Snapshot());
  EXPECT_EQ(bytes.size(), 120u);
  const absl::StatusOr<Snapshot> back = ParseSnapshot(bytes);
  ASSERT_TRUE(back.ok()) << back.status();
  ExpectSame(*back, Snapshot());
}

TEST(SnapshotTest, IsAppendedToWhatIsThere) {
  std::string bytes = "before";
  AppendSnapshot(ViewOf(SmallSession()), &bytes);
  EXPECT_EQ(bytes, "before" + SmallBytes());
}

TEST(SnapshotTest, EveryShorterOneIsRefused) {
  const std::string bytes = SmallBytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    ExpectRefused(bytes.substr(0, size), "bytes");
  }
}

TEST(SnapshotTest, ALongerOneIsRefused) {
  ExpectRefused(SmallBytes() + '\0',
                "is said to have 168 bytes; there are 169");
}

TEST(SnapshotTest, EveryFlippedBitIsNoticed) {
  RandomSessions sessions(2);
  for (const std::string& bytes : {SmallBytes(), Encode(sessions.Next())}) {
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] ^= 1 << bit % 8;
      ExpectRefused(flipped, "snapshot ");
    }
  }
}

TEST(SnapshotTest, GarbageIsRefused) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes(random() % 300, ' ');
    for (char& c : bytes) c = static_cast<char>(random());
    // Some with a good beginning, to come further.
    if (i % 2 == 0)
      bytes.replace(0, std::min<size_t>(8, bytes.size()),
                    SmallBytes().substr(0, 8));
    if (i % 4 == 0 && bytes.size() >= 16) {
      const uint64_t size = bytes.size();
      std::memcpy(bytes.data() + 8, &size, sizeof(size));
    }
    ExpectRefused(bytes, "snapshot ");
  }
}

TEST(SnapshotTest, CountsThatAreForgedDoNotLeadOutside) {
  for (size_t place = 76; place < 104; place += 4) {
    for (const uint32_t value : {0u, 5u, 1u << 20, 0x7fffffffu, 0xffffffffu}) {
      ExpectRefused(Forged(place, value), "snapshot has");
    }
  }
  ExpectRefused(Forged(88, 5000),
                "has a text of 5000 bytes; the limit is 4096");
  ExpectRefused(Forged(84, 4), "has 168 bytes; its counts need 172");
}

TEST(SnapshotTest, TheOldestAnswersGoWhereAllWouldBeTooLong) {
  const auto answer = [](size_t values) {
    return std::make_shared<Answer>(
        Forecast{.point = std::vector<double>(values, 0.5)});
  };
  constexpr size_t kMax = kMaxAnswersBytes / sizeof(double);
  Snapshot session{.applied_step = 10, .digests = {7, 8, 9, 10}};
  const std::pair<size_t, size_t> kLengthsAndKept[] = {
      {1, 3}, {kMax / 3, 2}, {kMax - 100, 1}, {kMax, 0}, {4 * kMax, 0}};
  for (const auto& [values, kept] : kLengthsAndKept) {
    session.answers.clear();
    for (uint64_t step = 7; step < 10; ++step) {
      session.answers.push_back({step, answer(values)});
    }
    const auto read = ParseSnapshot(Encode(session));
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_EQ(read->answers.size(), kept) << values;
    for (size_t i = 0; i < kept; ++i) {
      EXPECT_EQ(read->answers[i].step, 10 - kept + i);
      EXPECT_EQ(*read->answers[i].answer, *answer(values));
    }
  }
}

TEST(SnapshotTest, ValuesThatAreForgedAreRefused) {
  ExpectRefused(Forged(16, 4), "is of kind 4; the last one known is 3");
  ExpectRefused(Forged(20, 4), "has flags 0x4; only 0x3 are known");
  ExpectRefused(Forged(20, 3), "its counts need 168, and its answers more");
  ExpectRefused(Forged(24, 1), "has 2 digests of 1 steps");
  ExpectRefused(Forged(68, 0xffffffff), "observations");
}

TEST(SnapshotTest, AnotherVersionIsNamed) {
  ExpectRefused(Forged(4, 2), "has version 2; only 1 is known here");
}

TEST(SnapshotTest, OtherBytesAreNamed) {
  ExpectRefused(Forged(0, 0), "does not begin with \"RSNP\"");
  ExpectRefused("", "has 0 bytes");
}

}  // namespace
}  // namespace recur
