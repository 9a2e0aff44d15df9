#include "server/store/redis_store.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/store/redis_connection.h"

namespace recur {
namespace {

// Numbers are copied as they are.
static_assert(std::endian::native == std::endian::little);

constexpr size_t kRowsPerCall = 512;
constexpr size_t kBytesPerCall = size_t{4} << 20;  // of rows, or one row
constexpr size_t kIdsPerCall = 4096;
constexpr size_t kIdleConnections = 8;

// A row in Redis is this and the snapshot; see recur.lua. Unlike rocksdb's
// (row_bytes.h) it has no checksum of its epoch, its step and its id: the
// functions raise the epoch in place, and Lua has no hash to make it anew. That
// what is in memory is what was written is Redis's to see to; the snapshot has
// a checksum of its own.
constexpr size_t kHeaderBytes = 24;

std::array<char, kHeaderBytes> EncodeHeader(const CommitRow& row) {
  std::array<char, kHeaderBytes> header;
  std::memcpy(header.data(), &row.epoch, 8);
  std::memcpy(header.data() + 8, &row.step, 8);
  std::memcpy(header.data() + 16, &row.keep_until_us, 8);
  return header;
}

absl::StatusOr<StoredSession> DecodeRow(absl::string_view id,
                                        absl::string_view bytes) {
  if (bytes.size() < kHeaderBytes) {
    return absl::DataLossError(
        absl::StrCat("the row of session \"", id, "\" has ", bytes.size(),
                     " bytes; its header alone needs ", kHeaderBytes));
  }
  StoredSession row;
  std::memcpy(&row.epoch, bytes.data(), 8);
  std::memcpy(&row.step, bytes.data() + 8, 8);
  std::memcpy(&row.keep_until_us, bytes.data() + 16, 8);
  row.snapshot = std::string(bytes.substr(kHeaderBytes));
  return row;
}

// In milliseconds, as Redis wants it: it knows no time before the epoch.
std::string ExpiryOf(const CommitRow& row) {
  return absl::StrCat(std::max<int64_t>(row.keep_until_us / 1000, 1));
}

// How many of them go in one call: at least one.
size_t RowsOfOneCall(absl::Span<const CommitRow> rows) {
  size_t bytes = 0;
  size_t count = 0;
  for (; count < std::min(rows.size(), kRowsPerCall); ++count) {
    bytes += kHeaderBytes + rows[count].snapshot.size();
    if (count > 0 && bytes > kBytesPerCall) break;
  }
  return count;
}

CommitOutcome OutcomeOf(const RedisReply& reply) {
  if (reply.kind != RedisReply::Kind::kInteger) return CommitOutcome::kUnknown;
  switch (reply.integer) {
    case 0:
      return CommitOutcome::kCommitted;
    case 1:
      return CommitOutcome::kFenced;
    case 2:
      return CommitOutcome::kStale;
    default:  // 3: what is there is no row; 4: no memory for a longer one;
              // 5: its time is over
      return CommitOutcome::kUnknown;
  }
}

class RedisStore : public SessionStore {
 public:
  explicit RedisStore(const RedisUri& uri)
      : uri_(uri),
        ids_key_(absl::StrCat(uri.prefix, "ids")),
        row_prefix_(absl::StrCat(uri.prefix, "s:")) {}

  absl::Status Connect() {
    auto connection = Borrow(NewDeadline());
    if (!connection.ok()) return connection.status();
    Return(*std::move(connection));
    return absl::OkStatus();
  }

  Durability durability() const override { return Durability::kShared; }

  absl::StatusOr<std::optional<StoredSession>> Load(absl::string_view id,
                                                    Access access) override {
    const bool claims = access == Access::kClaim;
    const auto reply = Call({claims ? "FCALL" : "FCALL_RO",
                             claims ? "recur_claim" : "recur_load", "1",
                             absl::StrCat(row_prefix_, id)});
    if (!reply.ok()) return reply.status();
    if (reply->kind == RedisReply::Kind::kNil) return std::nullopt;
    if (reply->kind == RedisReply::Kind::kText)
      return DecodeRow(id, reply->text);
    return Unexpected(*reply);
  }

  std::vector<CommitOutcome> Commit(absl::Span<const CommitRow> rows) override {
    std::vector<CommitOutcome> outcomes(rows.size(), CommitOutcome::kUnknown);
    size_t begin = 0;
    while (begin < rows.size()) {
      const auto rest = rows.subspan(begin);
      const auto part = rest.first(RowsOfOneCall(rest));
      auto reply = Call(CommitCommand("recur_commit", part));
      if (absl::IsResourceExhausted(reply.status())) {
        reply = Call(CommitCommand("recur_commit_when_full", part));
      }
      if (!reply.ok() || reply->elements.size() != part.size()) break;
      for (size_t i = 0; i < part.size(); ++i) {
        outcomes[begin++] = OutcomeOf(reply->elements[i]);
      }
    }
    return outcomes;
  }

  absl::StatusOr<std::vector<std::string>> Scan(absl::string_view after,
                                                size_t limit) override {
    std::vector<std::string> ids;
    std::string last(after);
    while (ids.size() < limit) {
      const size_t wanted = std::min(limit - ids.size(), kIdsPerCall);
      const auto reply = Call({"FCALL_RO", "recur_scan", "1", ids_key_, last,
                               absl::StrCat(wanted)});
      if (!reply.ok()) return reply.status();
      if (reply->kind != RedisReply::Kind::kArray) return Unexpected(*reply);
      for (const RedisReply& id : reply->elements) {
        // In order, or a scan would have no end.
        if (id.kind != RedisReply::Kind::kText || id.text <= last) {
          return Unexpected(id);
        }
        ids.push_back(last = id.text);
      }
      if (reply->elements.size() < wanted) break;
    }
    return ids;
  }

 private:
  using Connection = std::unique_ptr<RedisConnection>;

  RedisCommand CommitCommand(absl::string_view function,
                             absl::Span<const CommitRow> rows) const {
    RedisCommand command(5 + 4 * rows.size());
    command.Add("FCALL");
    command.Add(function);
    command.Add(absl::StrCat(1 + rows.size()));
    command.Add(ids_key_);
    for (const CommitRow& row : rows) command.Add(row_prefix_, row.id);
    command.Add(row_prefix_);
    for (const CommitRow& row : rows) {
      const std::array<char, kHeaderBytes> header = EncodeHeader(row);
      command.Add({header.data(), header.size()}, row.snapshot);
      command.Add(ExpiryOf(row));
      command.Add(row.create ? "1" : "0");
    }
    return command;
  }

  absl::StatusOr<RedisReply> Call(const RedisCommand& command) {
    const Deadline deadline = NewDeadline();
    absl::StatusOr<Connection> connection = Borrow(deadline);
    if (!connection.ok()) return connection.status();
    absl::StatusOr<RedisReply> reply = (*connection)->Call(command, deadline);
    Return(*std::move(connection));
    return reply;
  }

  // One that nobody uses, or a new one.
  absl::StatusOr<Connection> Borrow(Deadline deadline) {
    {
      std::lock_guard lock(mutex_);
      while (!idle_.empty()) {
        Connection connection = std::move(idle_.back());
        idle_.pop_back();
        if (connection->IsUsable()) return connection;
      }
    }
    return RedisConnection::Open(uri_, deadline);
  }

  // Where one is of no more use, those to the same place are no better.
  void Return(Connection connection) {
    std::lock_guard lock(mutex_);
    if (!connection->IsUsable()) return idle_.clear();
    if (idle_.size() < kIdleConnections) idle_.push_back(std::move(connection));
  }

  Deadline NewDeadline() const {
    return std::chrono::steady_clock::now() + uri_.timeout;
  }

  absl::Status Unexpected(const RedisReply& reply) const {
    return absl::UnavailableError(absl::StrCat(
        uri_.Name(), ": it answers with ", Describe(reply),
        ", which the functions of deploy/redis/recur.lua never do"));
  }

  const RedisUri uri_;
  const std::string ids_key_;
  const std::string row_prefix_;
  std::mutex mutex_;
  std::vector<Connection> idle_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SessionStore>> CreateRedisStore(
    const RedisUri& uri) {
  auto store = std::make_unique<RedisStore>(uri);
  if (absl::Status connected = store->Connect(); !connected.ok()) {
    return connected;
  }
  return store;
}

}  // namespace recur
