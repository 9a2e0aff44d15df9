// The only place where oneDNN's exceptions end. Code in this room may throw
// dnnl::error below a call of CatchOnednn and nowhere else.
#ifndef RECUR_MODEL_NETWORK_ONEDNN_ONEDNN_STATUS_H_
#define RECUR_MODEL_NETWORK_ONEDNN_ONEDNN_STATUS_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

namespace recur {

// Runs `body`. A dnnl::error becomes INTERNAL, or RESOURCE_EXHAUSTED when
// memory ran out (std::bad_alloc too), UNIMPLEMENTED when oneDNN has no
// kernel; the message names oneDNN's status. Other exceptions pass.
absl::Status CatchOnednn(absl::FunctionRef<void()> body);

}  // namespace recur

#endif  // RECUR_MODEL_NETWORK_ONEDNN_ONEDNN_STATUS_H_
