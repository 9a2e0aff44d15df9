// A session and what its lane needs beside it, in one block of memory: the
// hidden state, then this struct, the ids and the feature values. An idle
// session costs this block and its places in the lane's indexes.
//
// Records are shared: the lane's table holds one owner, a stream that a handle
// attaches to it another, and so does an item on its way. The memory goes with
// the last of them, on any thread; the lane alone looks at anything but what
// never changes (the ids, the model).
#ifndef RECUR_SERVER_LANE_SESSION_RECORD_H_
#define RECUR_SERVER_LANE_SESSION_RECORD_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/string_view.h"
#include "model/servable/servable.h"
#include "server/session/session.h"
#include "server/session/snapshot.h"

namespace recur {

inline constexpr size_t kCacheLineBytes = 64;

struct SessionRecord;

// Owns a share of a record.
class SessionPtr {
 public:
  SessionPtr() = default;
  SessionPtr(const SessionPtr& other) noexcept;
  SessionPtr(SessionPtr&& other) noexcept
      : record_(std::exchange(other.record_, nullptr)) {}
  SessionPtr& operator=(SessionPtr other) noexcept {
    std::swap(record_, other.record_);
    return *this;
  }
  ~SessionPtr();

  SessionRecord* get() const { return record_; }
  SessionRecord* operator->() const { return record_; }
  SessionRecord& operator*() const { return *record_; }
  explicit operator bool() const { return record_ != nullptr; }
  friend bool operator==(const SessionPtr&, const SessionPtr&) = default;

 private:
  friend struct SessionRecord;
  // Takes over the record's first share.
  explicit SessionPtr(SessionRecord* record) : record_(record) {}

  SessionRecord* record_ = nullptr;
};

struct SessionRecord {
  static constexpr uint32_t kNoRun = UINT32_MAX;

  // A session that has seen nothing.
  static SessionPtr Create(absl::string_view id, absl::string_view request_id,
                           std::shared_ptr<const Servable> model,
                           int answer_window_steps);

  SessionRecord(const SessionRecord&) = delete;
  SessionRecord& operator=(const SessionRecord&) = delete;

  // What it takes now, kept answers included.
  size_t bytes() const { return block_bytes_ + session.window.bytes(); }

  // Whether one of its items is in progress.
  bool running() const { return first_run != kNoRun; }

  // Whether nobody but the lane's table owns it. For the lane alone: then
  // nobody else can come to.
  bool unshared() const { return owners_.load(std::memory_order_acquire) == 1; }

  // The store gets the last use that there is now.
  void UseGoesToStore() {
    session.stored_use_seconds = SecondsOf(session.last_used);
  }
  // Whether the last use that the store has is so far behind that a restart
  // would end the session noticeably early: by an eighth of its time to live.
  bool StoredUseLags() const {
    const int64_t lag = int64_t{SecondsOf(session.last_used)} -
                        int64_t{session.stored_use_seconds};
    return lag > session.idle_ttl.count() / 8;
  }

  // Brings what a step reads first nearer; for any thread.
  static void Prefetch(const SessionRecord* record);

  Session session;
  const std::shared_ptr<const Servable> model;
  // How it stands with the store, where there is one (CommitQueue's business).
  uint64_t epoch = 0;         // as its owner
  uint64_t durable_step = 0;  // committed
  TimePoint owned_at;         // when it was, as the store has said since
  bool ended = false;         // no longer in the table
  // Given up here, for another server may have it: nothing of it is stored or
  // answered any more.
  bool moved = false;
  SnapshotKind kind = SnapshotKind::kLive;  // what is to be stored of it
  bool dirty : 1 = false;                   // it waits to be committed
  bool in_flight : 1 = false;               // a commit has no result yet
  // Where its lane has the model's engine: good as long as the model is held.
  uint32_t engine_slot = 0;
  // The lane's runs of this session: the one in progress, then those that wait.
  uint32_t first_run = kNoRun;
  uint32_t last_run = kNoRun;

 private:
  friend class SessionPtr;

  SessionRecord(std::shared_ptr<const Servable> its_model, size_t block_bytes,
                int answer_window_steps);
  ~SessionRecord() = default;

  static int32_t SecondsOf(TimePoint at) {
    return static_cast<int32_t>(
        std::chrono::floor<std::chrono::seconds>(at.time_since_epoch())
            .count());
  }

  // Frees the block of a record that nobody owns any more.
  static void Destroy(SessionRecord* record);

  std::atomic<uint32_t> owners_{1};
  uint32_t block_bytes_;
};

}  // namespace recur

#endif  // RECUR_SERVER_LANE_SESSION_RECORD_H_
