// Sessions in a directory of this machine, by RocksDB: durability local. They
// survive the process, and the machine as far as its disk does.
//
// A commit is one write ahead log record for all of its rows, synced once. A
// sync or write that fails ends the process: after it nobody knows what is on
// disk, and the page cache may show what is not. A restarted process reads
// what is really there. Only a full disk is outlived: rows are kUnknown, those
// of the commit that met it cannot be read (UNAVAILABLE), all others can, and
// the first call that needs it once 64 MiB are free makes the store whole.
//
// Rows are read again when they are asked for: opening costs the log since the
// last flush (at most 128 MiB), whatever the number of rows.
#ifndef RECUR_SERVER_STORE_ROCKSDB_STORE_H_
#define RECUR_SERVER_STORE_ROCKSDB_STORE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/session_store.h"
#include "server/store/wall_clock.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace recur {

// Says so on standard error and aborts.
void AbortStore(absl::string_view what);

struct RocksdbStoreOptions {
  std::string dir;  // made if it is missing

  WallClock now_us = &SystemTimeUs;

  // A write failed and the state on disk is not known. Must not return in a
  // server; if it does, nothing more is committed.
  std::function<void(absl::string_view what)> on_fatal = &AbortStore;

  // What files are read and written with; null: the machine's. Must outlive
  // the store.
  rocksdb::Env* env = nullptr;
};

// FAILED_PRECONDITION if another process has the directory open;
// PERMISSION_DENIED; DATA_LOSS if it cannot be read as a store; UNAVAILABLE if
// the disk says no. Threads of its own flush and compact in the background.
absl::StatusOr<std::unique_ptr<SessionStore>> CreateRocksdbStore(
    RocksdbStoreOptions options);

}  // namespace recur

#endif  // RECUR_SERVER_STORE_ROCKSDB_STORE_H_
