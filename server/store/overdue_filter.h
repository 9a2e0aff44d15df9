// Drops rows whose time is over, when RocksDB rewrites its files anyway.
#ifndef RECUR_SERVER_STORE_OVERDUE_FILTER_H_
#define RECUR_SERVER_STORE_OVERDUE_FILTER_H_

#include <rocksdb/compaction_filter.h>

#include <string>
#include <utility>

#include "server/store/wall_clock.h"

namespace recur {

// Thread-safe. Rows that cannot be decoded are kept, to be told of.
class OverdueFilter : public rocksdb::CompactionFilter {
 public:
  explicit OverdueFilter(WallClock now_us) : now_us_(std::move(now_us)) {}

  const char* Name() const override { return "recur.OverdueFilter"; }
  bool Filter(int level, const rocksdb::Slice& id, const rocksdb::Slice& value,
              std::string* new_value, bool* value_changed) const override;

 private:
  const WallClock now_us_;
};

}  // namespace recur

#endif  // RECUR_SERVER_STORE_OVERDUE_FILTER_H_
