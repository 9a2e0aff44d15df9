// The command line of recur-load.
#ifndef RECUR_CLIENT_LOAD_FLAGS_H_
#define RECUR_CLIENT_LOAD_FLAGS_H_

#include <optional>
#include <ostream>

#include "client/load/load_options.h"

namespace recur::load {

struct ParsedFlags {
  LoadOptions options;
  // Set if there is nothing to run: 0 after --help, 2 for a
  // command line that makes no sense; what to say about it is written.
  std::optional<int> exit_code;
};

ParsedFlags ParseLoadFlags(int argc, const char* const* argv, std::ostream& out,
                           std::ostream& err);

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_FLAGS_H_
