#include "model/network/onednn/onednn_status.h"

#include <new>

#include "absl/strings/str_cat.h"
#include "oneapi/dnnl/dnnl.hpp"
#include "oneapi/dnnl/dnnl_debug.h"

namespace recur {
namespace {

absl::StatusCode CodeOf(dnnl_status_t status) {
  switch (status) {
    case dnnl_out_of_memory:
      return absl::StatusCode::kResourceExhausted;
    case dnnl_unimplemented:
      return absl::StatusCode::kUnimplemented;
    default:
      return absl::StatusCode::kInternal;
  }
}

}  // namespace

absl::Status CatchOnednn(absl::FunctionRef<void()> body) {
  try {
    body();
  } catch (const dnnl::error& error) {
    return absl::Status(CodeOf(error.status),
                        absl::StrCat("oneDNN: ", error.what(), " (",
                                     dnnl_status2str(error.status), ")"));
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("oneDNN: out of memory");
  }
  return absl::OkStatus();
}

}  // namespace recur
