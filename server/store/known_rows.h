// The versions of the rows that were written last, so that the next commit of
// one need not read it. Bounded: of rows that were not written for long it
// knows nothing. Pure; one thread at a time.
#ifndef RECUR_SERVER_STORE_KNOWN_ROWS_H_
#define RECUR_SERVER_STORE_KNOWN_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/store/commit_rule.h"

namespace recur {

class KnownRows {
 public:
  struct Row {
    RowVersion version;
    int64_t keep_until_us = 0;
  };

  // Knows at least the `least` rows that were written last, and at most twice
  // as many; about 100 bytes each.
  explicit KnownRows(size_t least) : least_(least) {}

  void Wrote(absl::string_view id, const Row& row) {
    newer_.insert_or_assign(id, row);
    if (newer_.size() < least_) return;
    older_ = std::exchange(newer_, {});
  }

  // Null if the row is not known. Holds until the next change.
  const Row* Find(absl::string_view id) const {
    for (const Rows* rows : {&newer_, &older_}) {
      const auto found = rows->find(id);
      if (found != rows->end()) return &found->second;
    }
    return nullptr;
  }

  void ForgetAll() {
    newer_.clear();
    older_.clear();
  }

 private:
  using Rows = absl::flat_hash_map<std::string, Row>;

  const size_t least_;
  Rows newer_;  // those in both are newer here
  Rows older_;
};

}  // namespace recur

#endif  // RECUR_SERVER_STORE_KNOWN_ROWS_H_
