// recur-server's flags and environment variables.
#ifndef RECUR_SERVER_APP_FLAGS_H_
#define RECUR_SERVER_APP_FLAGS_H_

#include <optional>
#include <ostream>

#include "server/app/server_options.h"

namespace recur {

struct ParsedFlags {
  ServerOptions options;
  std::optional<int> exit_code;  // the program has done what it was asked
};

// Every flag can also be given as RECUR_<FLAG>; the flag wins. --help and
// --version print to `out` and exit 0; what cannot be understood is explained
// on `err`, exit code 2.
ParsedFlags ParseServerFlags(int argc, const char* const* argv,
                             std::ostream& out, std::ostream& err);

}  // namespace recur

#endif  // RECUR_SERVER_APP_FLAGS_H_
