#include "server/store/rocksdb_store.h"

#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/store/commit_rule.h"
#include "server/store/known_rows.h"
#include "server/store/overdue_filter.h"
#include "server/store/row_bytes.h"

namespace recur {
namespace {

constexpr size_t kMiB = size_t{1} << 20;
constexpr size_t kWriteBufferBytes = 64 * kMiB;
constexpr uint64_t kBytesToOpen = kWriteBufferBytes;  // free, after a full disk
constexpr size_t kKnownRows = 32'768;

rocksdb::Slice ToSlice(absl::string_view text) {
  return {text.data(), text.size()};
}

absl::string_view ToView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

absl::Status ToStatus(const rocksdb::Status& status, absl::string_view doing) {
  const std::string message = absl::StrCat(doing, ": ", status.ToString());
  if (status.IsCorruption()) return absl::DataLossError(message);
  if (status.IsIOError() || status.IsBusy() || status.IsTimedOut()) {
    return absl::UnavailableError(message);
  }
  return absl::InternalError(message);
}

// For many small rows that are written over and over, and little memory.
rocksdb::Options TunedOptions(const RocksdbStoreOptions& options,
                              const OverdueFilter* filter) {
  rocksdb::Options tuned;
  if (options.env != nullptr) tuned.env = options.env;
  tuned.create_if_missing = true;
  tuned.write_buffer_size = kWriteBufferBytes;
  tuned.max_write_buffer_number = 2;
  // A row that is in memory already is written over there. That wants one
  // writer at a time, and neither snapshots nor range deletions.
  tuned.inplace_update_support = true;
  tuned.allow_concurrent_memtable_write = false;
  tuned.max_total_wal_size = 128 * kMiB;
  tuned.max_background_jobs = 2;
  tuned.max_open_files = 512;
  tuned.bytes_per_sync = kMiB;
  tuned.compression = rocksdb::kNoCompression;  // states are near to noise
  tuned.compaction_filter = filter;
  tuned.periodic_compaction_seconds = 24 * 60 * 60;  // so that it comes round
  tuned.info_log_level = rocksdb::WARN_LEVEL;
  tuned.max_log_file_size = kMiB;
  tuned.keep_log_file_num = 2;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(64 * kMiB);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  tuned.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return tuned;
}

absl::Status OpenError(const std::string& dir, const rocksdb::Status& status) {
  if (status.IsIOError() && absl::StrContains(status.ToString(), "/LOCK")) {
    return absl::FailedPreconditionError(
        absl::StrCat("session store ", dir, " is in use: ", status.ToString()));
  }
  return ToStatus(status, absl::StrCat("opening session store ", dir));
}

absl::Status MakeDirectory(const std::string& dir) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (!error) return absl::OkStatus();
  return absl::ErrnoToStatus(error.value(),
                             absl::StrCat("making session store ", dir));
}

// A database that has met a full disk is not written again: its log has a torn
// end, and RocksDB 7 would go on behind it (its issues 11643 and 12998). It is
// closed and opened anew instead. Until then it may be read.
class KeepStopped : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/,
                            rocksdb::Status error,
                            bool* auto_recovery) override {
    if (error.severity() >= rocksdb::Status::kHardError) *auto_recovery = false;
  }
};

class RocksdbStore : public SessionStore {
 public:
  explicit RocksdbStore(RocksdbStoreOptions options)
      : options_(std::move(options)),
        filter_(options_.now_us),
        tuned_(TunedOptions(options_, &filter_)) {
    tuned_.listeners.push_back(std::make_shared<KeepStopped>());
  }

  absl::Status Open() {
    if (absl::Status made = MakeDirectory(options_.dir); !made.ok()) {
      return made;
    }
    const rocksdb::Status opened = OpenDatabase();
    if (!opened.ok()) return OpenError(options_.dir, opened);
    return absl::OkStatus();
  }

  Durability durability() const override { return Durability::kLocal; }

  absl::StatusOr<std::optional<StoredSession>> Load(absl::string_view id,
                                                    Access access) override {
    if (access == Access::kRead) {
      std::shared_lock lock(opening_);
      if (db_ != nullptr && !doubtful_.contains(id)) return Read(id);
    }
    std::lock_guard lock(writing_);
    if (!CanWrite()) return DiskIsFull();
    return access == Access::kRead ? Read(id) : Claim(id);
  }

  std::vector<CommitOutcome> Commit(absl::Span<const CommitRow> rows) override {
    std::lock_guard lock(writing_);
    if (!CanWrite()) return {rows.size(), CommitOutcome::kUnknown};
    std::vector<CommitOutcome> outcomes = Judge(rows);
    std::vector<CommitRow> accepted;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (outcomes[i] == CommitOutcome::kCommitted) accepted.push_back(rows[i]);
    }
    if (accepted.empty() || Write(std::move(accepted), /*sync=*/true).ok()) {
      return outcomes;
    }
    for (CommitOutcome& outcome : outcomes) {
      if (outcome == CommitOutcome::kCommitted) {
        outcome = CommitOutcome::kUnknown;
      }
    }
    return outcomes;
  }

  absl::StatusOr<std::vector<std::string>> Scan(absl::string_view after,
                                                size_t limit) override {
    std::shared_lock lock(opening_);
    if (db_ == nullptr) return DiskIsFull();
    rocksdb::ReadOptions reading;
    reading.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> place(db_->NewIterator(reading));
    std::vector<std::string> ids;
    place->Seek(ToSlice(after));
    if (place->Valid() && ToView(place->key()) == after) place->Next();
    for (; place->Valid() && ids.size() < limit; place->Next()) {
      ids.push_back(place->key().ToString());
    }
    if (place->status().ok()) return ids;
    return ToStatus(place->status(), "scanning sessions");
  }

 private:
  rocksdb::Status OpenDatabase() {
    rocksdb::DB* db = nullptr;
    const rocksdb::Status opened = rocksdb::DB::Open(tuned_, options_.dir, &db);
    db_.reset(db);
    return opened;
  }

  // False while the disk is full; opens the database again when it no longer
  // is. Only with `writing_` held.
  bool CanWrite() {
    if (!full_) return true;
    uint64_t free_bytes = 0;
    tuned_.env->GetFreeSpace(options_.dir, &free_bytes).PermitUncheckedError();
    if (free_bytes < kBytesToOpen) return false;
    std::lock_guard lock(opening_);
    known_.ForgetAll();
    db_ = nullptr;
    const rocksdb::Status opened = OpenDatabase();
    if (opened.ok()) {
      full_ = false;
      doubtful_.clear();
    } else if (!opened.IsNoSpace()) {
      options_.on_fatal(std::string(OpenError(options_.dir, opened).message()));
    }
    return opened.ok();
  }

  absl::Status DiskIsFull() const {
    return absl::UnavailableError(absl::StrCat(
        "session store ", options_.dir, " cannot be written: no space left"));
  }

  // With `opening_` or `writing_` held, as whatever uses the database.
  absl::StatusOr<std::optional<StoredSession>> Read(absl::string_view id) {
    rocksdb::PinnableSlice value;
    const rocksdb::Status got =
        db_->Get(rocksdb::ReadOptions(), db_->DefaultColumnFamily(),
                 ToSlice(id), &value);
    if (got.IsNotFound()) return std::nullopt;
    if (!got.ok()) return ToStatus(got, "reading a session");
    const absl::StatusOr<RowView> row = DecodeRow(id, ToView(value));
    if (!row.ok()) return row.status();
    if (IsOver(row->keep_until_us)) return std::nullopt;
    return StoredSession{.epoch = row->epoch,
                         .step = row->step,
                         .keep_until_us = row->keep_until_us,
                         .snapshot = std::string(row->snapshot)};
  }

  absl::StatusOr<std::optional<StoredSession>> Claim(absl::string_view id) {
    auto session = Read(id);
    if (!session.ok() || !session->has_value()) return session;
    StoredSession& row = **session;
    ++row.epoch;
    // Not synced: an owner before this one is of this process or dead, and
    // what the new one commits is synced together with this.
    const rocksdb::Status written = Write({{.id = id,
                                            .epoch = row.epoch,
                                            .step = row.step,
                                            .keep_until_us = row.keep_until_us,
                                            .snapshot = row.snapshot}},
                                          /*sync=*/false);
    if (!written.ok()) return ToStatus(written, "claiming a session");
    return session;
  }

  // The outcomes if what may be written is.
  std::vector<CommitOutcome> Judge(absl::Span<const CommitRow> rows) {
    std::vector<CommitOutcome> outcomes(rows.size());
    std::vector<size_t> unknown;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (const KnownRows::Row* row = known_.Find(rows[i].id)) {
        outcomes[i] = JudgeOne(rows[i], *row);
      } else {
        unknown.push_back(i);
      }
    }
    if (!unknown.empty()) JudgeByReading(rows, unknown, &outcomes);
    return outcomes;
  }

  // A row in the way that cannot be read leaves its outcome unknown, and is
  // left as it is.
  void JudgeByReading(absl::Span<const CommitRow> rows,
                      absl::Span<const size_t> which,
                      std::vector<CommitOutcome>* outcomes) {
    std::vector<rocksdb::Slice> ids;
    ids.reserve(which.size());
    for (const size_t i : which) ids.push_back(ToSlice(rows[i].id));
    std::vector<rocksdb::PinnableSlice> values(which.size());
    std::vector<rocksdb::Status> got(which.size());
    db_->MultiGet(rocksdb::ReadOptions(), db_->DefaultColumnFamily(),
                  ids.size(), ids.data(), values.data(), got.data());
    for (size_t k = 0; k < which.size(); ++k) {
      const CommitRow& row = rows[which[k]];
      CommitOutcome& outcome = (*outcomes)[which[k]];
      outcome = CommitOutcome::kUnknown;
      if (got[k].IsNotFound()) outcome = JudgeOne(row, std::nullopt);
      if (!got[k].ok()) continue;
      const auto there = DecodeRow(row.id, ToView(values[k]));
      if (!there.ok()) continue;
      outcome = JudgeOne(row, KnownRows::Row{{there->epoch, there->step},
                                             there->keep_until_us});
    }
  }

  CommitOutcome JudgeOne(const CommitRow& row,
                         const std::optional<KnownRows::Row>& there) const {
    const int64_t now_us = options_.now_us();
    if (!there.has_value() || there->keep_until_us <= now_us) {
      return JudgeCommit(std::nullopt, row, now_us);
    }
    return JudgeCommit(there->version, row, now_us);
  }

  rocksdb::Status Write(std::vector<CommitRow> rows, bool sync) {
    // Their places in memory are found faster one after the other.
    std::sort(rows.begin(), rows.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    rocksdb::WriteBatch batch(BytesOf(rows));
    for (const CommitRow& row : rows) Put(row, &batch);
    rocksdb::WriteOptions how;
    how.sync = sync;
    const rocksdb::Status written = db_->Write(how, &batch);
    if (written.ok()) {
      for (const CommitRow& row : rows) {
        known_.Wrote(row.id, {{row.epoch, row.step}, row.keep_until_us});
      }
    }
    if (written.IsNoSpace()) {
      std::lock_guard lock(opening_);
      full_ = true;
      for (const CommitRow& row : rows) doubtful_.emplace(row.id);
    } else if (!written.ok()) {
      options_.on_fatal(
          absl::StrCat("session store ", options_.dir,
                       " cannot be written: ", written.ToString()));
    }
    return written;
  }

  static void Put(const CommitRow& row, rocksdb::WriteBatch* batch) {
    const RowHeader header = EncodeRowHeader(
        row.id, {row.epoch, row.step, row.keep_until_us, row.snapshot});
    const rocksdb::Slice key = ToSlice(row.id);
    const rocksdb::Slice parts[] = {{header.data(), header.size()},
                                    ToSlice(row.snapshot)};
    // It can only fail for what is longer than 4 GiB.
    batch->Put(rocksdb::SliceParts(&key, 1), rocksdb::SliceParts(parts, 2))
        .PermitUncheckedError();
  }

  // Of a batch of them, about.
  static size_t BytesOf(absl::Span<const CommitRow> rows) {
    constexpr size_t kBeside = kRowHeaderBytes + 16;
    size_t bytes = 0;
    for (const CommitRow& row : rows) {
      bytes += kBeside + row.id.size() + row.snapshot.size();
    }
    return bytes;
  }

  bool IsOver(int64_t keep_until_us) const {
    return keep_until_us <= options_.now_us();
  }

  const RocksdbStoreOptions options_;
  const OverdueFilter filter_;  // outlives the database
  rocksdb::Options tuned_;

  std::mutex writing_;  // held from reading rows until they are written
  bool full_ = false;   // guarded by writing_
  // Likewise. Nobody else writes: what is known is what is there.
  KnownRows known_{kKnownRows};

  // Whoever changes these holds both.
  std::shared_mutex opening_;
  std::unique_ptr<rocksdb::DB> db_;  // null if it could not be opened again
  // Rows that met the full disk. They may be in the log without being seen.
  std::set<std::string, std::less<>> doubtful_;
};

}  // namespace

void AbortStore(absl::string_view what) {
  std::fprintf(stderr, "fatal: %.*s\n", static_cast<int>(what.size()),
               what.data());
  std::abort();
}

absl::StatusOr<std::unique_ptr<SessionStore>> CreateRocksdbStore(
    RocksdbStoreOptions options) {
  auto store = std::make_unique<RocksdbStore>(std::move(options));
  if (absl::Status opened = store->Open(); !opened.ok()) return opened;
  return store;
}

}  // namespace recur
