// Connections to the server under load.
#ifndef RECUR_CLIENT_LOAD_LOAD_CHANNEL_H_
#define RECUR_CLIENT_LOAD_LOAD_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace recur::load {

// A channel with a connection of its own, made at its first call. Replies may
// have any size; HTTP proxies named in the environment are not used.
std::shared_ptr<grpc::Channel> NewChannel(const std::string& server);

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_LOAD_CHANNEL_H_
