// recur-server, from its flags to its exit code.
#ifndef RECUR_SERVER_APP_RUN_SERVER_H_
#define RECUR_SERVER_APP_RUN_SERVER_H_

#include "server/app/server_options.h"

namespace recur {

// Serves until SIGTERM or SIGINT. 0, or 1 if it could not start, with the
// reason in the log. HoldStopSignals must have been called.
int RunServer(const ServerOptions& options);

}  // namespace recur

#endif  // RECUR_SERVER_APP_RUN_SERVER_H_
