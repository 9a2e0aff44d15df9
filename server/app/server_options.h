// What recur-server can be told, with its defaults.
#ifndef RECUR_SERVER_APP_SERVER_OPTIONS_H_
#define RECUR_SERVER_APP_SERVER_OPTIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace recur {

struct ServerOptions {
  std::string models;                     // the repository's directory
  std::string listen = "127.0.0.1:8001";  // gRPC; port 0: any free one
  std::string http = "127.0.0.1:8002";    // metrics and health; the same

  int lanes = 0;                                   // 0: one per core
  int max_batch = 64;                              // rows of one step
  size_t max_sessions = 1'000'000;                 // of all lanes together
  uint64_t max_session_bytes = uint64_t{4} << 30;  // the same
  std::chrono::seconds idle_ttl = std::chrono::hours(24);
  int max_message_bytes = 16 << 20;

  std::chrono::seconds model_poll{5};  // 0: the directory is read once
  bool all_versions = false;
  std::string precision;  // PrecisionChoice; empty: as the models' specs say
  std::string store = "memory";  // OpenSessionStore
  std::chrono::milliseconds commit_interval{50};
  std::chrono::seconds spill_after{0};  // 0: only when memory is short
  bool strict_numerics = false;

  std::chrono::seconds grace{25};  // for calls in progress when it stops
  std::string log_level = "info";
  std::string log_format = "text";
};

}  // namespace recur

#endif  // RECUR_SERVER_APP_SERVER_OPTIONS_H_
