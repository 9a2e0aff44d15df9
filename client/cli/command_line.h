// The command line client as a function.
#ifndef RECUR_CLIENT_CLI_COMMAND_LINE_H_
#define RECUR_CLIENT_CLI_COMMAND_LINE_H_

#include <istream>
#include <ostream>

namespace recur::cli {

// Runs one command and returns the exit code: 0, 1 for an error, 2 for a
// command line that makes no sense. Answers go to `out`; errors, as one line
// (with --json one object), to `err`.
int Run(int argc, const char* const* argv, std::istream& in, std::ostream& out,
        std::ostream& err);

}  // namespace recur::cli

#endif  // RECUR_CLIENT_CLI_COMMAND_LINE_H_
