#include "server/core/store_identity.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "model/spec/error_reason.h"

namespace recur {
namespace {

// The end of the year 9999, beyond which not every store can count.
constexpr int64_t kForeverUs = int64_t{253'402'300'799} * 1'000'000;
constexpr int kAttempts = 3;

}  // namespace

absl::StatusOr<StoreIdentity> IdentityOf(SessionStore* store) {
  for (int i = 0; i < kAttempts; ++i) {
    auto row = store->Load(kIdentityRow, SessionStore::Access::kRead);
    if (!row.ok()) return row.status();
    if (row->has_value()) {
      StoreIdentity identity;
      const std::string& bytes = (*row)->snapshot;
      if (bytes.size() != sizeof(identity.boot_tag) + identity.key.size()) {
        return ErrorWithReason(absl::StatusCode::kDataLoss, "bad_snapshot",
                               "the store's identity is not one");
      }
      std::memcpy(&identity.boot_tag, bytes.data(), sizeof(identity.boot_tag));
      std::copy(bytes.begin() + sizeof(identity.boot_tag), bytes.end(),
                identity.key.begin());
      return identity;
    }
    const uint32_t tag = RandomBootTag();
    const SessionNames::Key key = SessionNames::RandomKey();
    std::string bytes(reinterpret_cast<const char*>(&tag), sizeof(tag));
    bytes.append(key.begin(), key.end());
    // Whoever is first wins; everybody reads what is there.
    const CommitRow mine{.id = kIdentityRow,
                         .epoch = uint64_t{RandomBootTag()} + 1,
                         .keep_until_us = kForeverUs,
                         .snapshot = bytes,
                         .create = true};
    store->Commit({&mine, 1});
  }
  return ErrorWithReason(absl::StatusCode::kUnavailable, "store_unavailable",
                         "the store does not keep its identity");
}

}  // namespace recur
