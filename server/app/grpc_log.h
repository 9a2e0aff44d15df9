// gRPC's own log lines -> the server's log.
#ifndef RECUR_SERVER_APP_GRPC_LOG_H_
#define RECUR_SERVER_APP_GRPC_LOG_H_

namespace recur {

// Errors become warnings that name gRPC (what is wrong for the server is told
// by its own errors); the rest is for debugging. Before the first server.
void SendGrpcLogToOurs();

}  // namespace recur

#endif  // RECUR_SERVER_APP_GRPC_LOG_H_
