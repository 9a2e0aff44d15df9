#include <iostream>

#include "server/app/flags.h"
#include "server/app/run_server.h"
#include "server/app/stop_signals.h"

int main(int argc, char** argv) {
  recur::HoldStopSignals();
  const recur::ParsedFlags parsed =
      recur::ParseServerFlags(argc, argv, std::cout, std::cerr);
  if (parsed.exit_code.has_value()) return *parsed.exit_code;
  return recur::RunServer(parsed.options);
}
