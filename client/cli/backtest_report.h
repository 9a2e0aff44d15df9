// A backtest as text for people and for programs.
#ifndef RECUR_CLIENT_CLI_BACKTEST_REPORT_H_
#define RECUR_CLIENT_CLI_BACKTEST_REPORT_H_

#include <string>

#include "client/cli/backtest.h"

namespace recur::cli {

// A table with a line per target, and what its columns mean.
std::string BacktestReport(const Backtest& backtest);

// A JSON object per target, each on its line.
std::string BacktestJson(const Backtest& backtest);

}  // namespace recur::cli

#endif  // RECUR_CLIENT_CLI_BACKTEST_REPORT_H_
