#include "server/store/rocksdb_store.h"

#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/store/commit_rule.h"
#include "server/store/overdue_filter.h"
#include "server/store/row_bytes.h"

namespace recur {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

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
  tuned.write_buffer_size = 64 * kMiB;
  tuned.max_write_buffer_number = 2;
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

class RocksdbStore : public SessionStore {
 public:
  explicit RocksdbStore(RocksdbStoreOptions options)
      : options_(std::move(options)), filter_(options_.now_us) {}

  ~RocksdbStore() override {
    if (db_ != nullptr) db_->Close();
  }

  absl::Status Open() {
    if (absl::Status made = MakeDirectory(options_.dir); !made.ok()) {
      return made;
    }
    rocksdb::DB* db = nullptr;
    const rocksdb::Status opened =
        rocksdb::DB::Open(TunedOptions(options_, &filter_), options_.dir, &db);
    if (!opened.ok()) return OpenError(options_.dir, opened);
    db_.reset(db);
    return absl::OkStatus();
  }

  Durability durability() const override { return Durability::kLocal; }

  absl::StatusOr<std::optional<StoredSession>> Load(absl::string_view id,
                                                    Access access) override {
    if (access == Access::kRead) return Read(id);
    std::lock_guard lock(mutex_);
    auto session = Read(id);
    if (!session.ok() || !session->has_value()) return session;
    StoredSession& row = **session;
    ++row.epoch;
    rocksdb::WriteBatch batch;
    Put(id, {row.epoch, row.step, row.keep_until_us, row.snapshot}, &batch);
    // Not synced: an owner before this one is of this process or dead, and
    // what the new one commits is synced together with this.
    const rocksdb::Status written = Write(&batch, /*sync=*/false);
    if (!written.ok()) return ToStatus(written, "claiming a session");
    return session;
  }

  std::vector<CommitOutcome> Commit(absl::Span<const CommitRow> rows) override {
    std::lock_guard lock(mutex_);
    std::vector<CommitOutcome> outcomes = Judge(rows);
    rocksdb::WriteBatch batch;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (outcomes[i] != CommitOutcome::kCommitted) continue;
      const CommitRow& row = rows[i];
      Put(row.id, {row.epoch, row.step, row.keep_until_us, row.snapshot},
          &batch);
    }
    if (batch.Count() == 0 || Write(&batch, /*sync=*/true).ok()) {
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
    rocksdb::ReadOptions reading;
    reading.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> place(db_->NewIterator(reading));
    std::vector<std::string> ids;
    place->Seek(ToSlice(after));
    if (place->Valid() && ToView(place->key()) == after) place->Next();
    for (; place->Valid() && ids.size() < limit; place->Next()) {
      ids.push_back(place->key().ToString());
    }
    if (!place->status().ok()) {
      return ToStatus(place->status(), "scanning sessions");
    }
    return ids;
  }

 private:
  absl::StatusOr<std::optional<StoredSession>> Read(absl::string_view id) {
    rocksdb::PinnableSlice value;
    const rocksdb::Status got =
        db_->Get(rocksdb::ReadOptions(), db_->DefaultColumnFamily(),
                 ToSlice(id), &value);
    if (got.IsNotFound()) return std::nullopt;
    if (!got.ok()) return ToStatus(got, "reading a session");
    const absl::StatusOr<RowView> row = DecodeRow(id, ToView(value));
    if (!row.ok()) return row.status();
    if (IsOver(*row)) return std::nullopt;
    return StoredSession{.epoch = row->epoch,
                         .step = row->step,
                         .keep_until_us = row->keep_until_us,
                         .snapshot = std::string(row->snapshot)};
  }

  // The outcomes if what may be written is. A row in the way that cannot be
  // read leaves its outcome unknown, and is left as it is.
  std::vector<CommitOutcome> Judge(absl::Span<const CommitRow> rows) {
    std::vector<rocksdb::Slice> ids;
    ids.reserve(rows.size());
    for (const CommitRow& row : rows) ids.push_back(ToSlice(row.id));
    std::vector<rocksdb::PinnableSlice> values(rows.size());
    std::vector<rocksdb::Status> got(rows.size());
    db_->MultiGet(rocksdb::ReadOptions(), db_->DefaultColumnFamily(),
                  ids.size(), ids.data(), values.data(), got.data());
    std::vector<CommitOutcome> outcomes;
    outcomes.reserve(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      outcomes.push_back(JudgeOne(rows[i], got[i], values[i]));
    }
    return outcomes;
  }

  CommitOutcome JudgeOne(const CommitRow& row, const rocksdb::Status& got,
                         const rocksdb::PinnableSlice& value) {
    if (got.IsNotFound()) return JudgeCommit(std::nullopt, row);
    if (!got.ok()) return CommitOutcome::kUnknown;
    const absl::StatusOr<RowView> there = DecodeRow(row.id, ToView(value));
    if (!there.ok()) return CommitOutcome::kUnknown;
    if (IsOver(*there)) return JudgeCommit(std::nullopt, row);
    return JudgeCommit(RowVersion{there->epoch, there->step}, row);
  }

  static void Put(absl::string_view id, const RowView& row,
                  rocksdb::WriteBatch* batch) {
    const RowHeader header = EncodeRowHeader(id, row);
    const rocksdb::Slice key = ToSlice(id);
    const rocksdb::Slice parts[] = {{header.data(), header.size()},
                                    ToSlice(row.snapshot)};
    batch->Put(rocksdb::SliceParts(&key, 1), rocksdb::SliceParts(parts, 2));
  }

  rocksdb::Status Write(rocksdb::WriteBatch* batch, bool sync) {
    rocksdb::WriteOptions how;
    how.sync = sync;
    const rocksdb::Status written = db_->Write(how, batch);
    if (!written.ok() && !written.IsNoSpace()) {
      options_.on_fatal(
          absl::StrCat("session store ", options_.dir,
                       " cannot be written: ", written.ToString()));
    }
    return written;
  }

  bool IsOver(const RowView& row) const {
    return row.keep_until_us <= options_.now_us();
  }

  const RocksdbStoreOptions options_;
  const OverdueFilter filter_;  // outlives the database
  std::unique_ptr<rocksdb::DB> db_;
  std::mutex mutex_;  // held from reading rows until they are written
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
