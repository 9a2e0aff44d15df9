// What a store says about itself: the same to every server on it, and to every
// run of one.
#ifndef RECUR_SERVER_CORE_STORE_IDENTITY_H_
#define RECUR_SERVER_CORE_STORE_IDENTITY_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/core/session_names.h"
#include "server/store/session_store.h"

namespace recur {

// The row it is kept in. No session can have this id.
inline constexpr absl::string_view kIdentityRow = " identity";

struct StoreIdentity {
  // Of the ids made here: a session of another store is known to be lost.
  uint32_t boot_tag = 0;
  SessionNames::Key key{};  // of the ids that follow from request ids
};

// Drawn by the first who asks and kept in the store. Blocks. What the store
// says if it cannot be read or written; DATA_LOSS if the row is not one.
absl::StatusOr<StoreIdentity> IdentityOf(SessionStore* store);

}  // namespace recur

#endif  // RECUR_SERVER_CORE_STORE_IDENTITY_H_
