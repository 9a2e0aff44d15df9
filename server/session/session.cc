#include "server/session/session.h"

namespace recur {

size_t Session::bytes() const {
  // The strings' own buffers count only beyond what fits inside them, but the
  // id stands in the lane's index as well.
  return sizeof(*this) + 2 * id.capacity() + request_id.capacity() +
         state.bytes() - sizeof(state) + window.bytes();
}

}  // namespace recur
