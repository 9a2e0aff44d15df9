// The load generator as a function.
#ifndef RECUR_CLIENT_LOAD_LOAD_TOOL_H_
#define RECUR_CLIENT_LOAD_LOAD_TOOL_H_

#include <ostream>

namespace recur::load {

// Runs one load and returns the exit code: 0; 1 for an error, a wrong answer
// or if nothing was answered; 2 for a command line that makes no sense. The
// result goes to `out`, errors go to `err`, and so does a line of progress if
// it is a terminal.
int RunLoadTool(int argc, const char* const* argv, std::ostream& out,
                std::ostream& err, bool err_is_terminal);

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_LOAD_TOOL_H_
