// The columns of a server's replies -> one value per reply.
#ifndef RECUR_CLIENT_SDK_REPLY_COLUMNS_H_
#define RECUR_CLIENT_SDK_REPLY_COLUMNS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "client/sdk/stream.h"
#include "recur/v1/recur.pb.h"

namespace recur::client {

// INTERNAL `protocol_broken` if columns are of different lengths or an index
// lies outside them: the server is not one of ours.
absl::StatusOr<std::vector<StreamReply>> ToReplies(
    const v1::ItemReplies& message);

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_REPLY_COLUMNS_H_
