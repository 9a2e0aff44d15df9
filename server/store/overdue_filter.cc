#include "server/store/overdue_filter.h"

#include "absl/status/statusor.h"
#include "server/store/row_bytes.h"

namespace recur {

bool OverdueFilter::Filter(int /*level*/, const rocksdb::Slice& id,
                           const rocksdb::Slice& value,
                           std::string* /*new_value*/,
                           bool* /*value_changed*/) const {
  const absl::StatusOr<RowView> row =
      DecodeRow({id.data(), id.size()}, {value.data(), value.size()});
  return row.ok() && row->keep_until_us <= now_us_();
}

}  // namespace recur
