// recur-train as a call: what main() hands its arguments to.
#ifndef RECUR_MODEL_TRAIN_TRAIN_TOOL_H_
#define RECUR_MODEL_TRAIN_TRAIN_TOOL_H_

#include <ostream>

namespace recur {

// Where the tool writes.
struct Console {
  std::ostream& out;      // results
  std::ostream& err;      // progress and errors
  bool terminal = false;  // err is one: progress may rewrite its line
};

// Parses the command line and runs what it asks for. Returns the exit code: 0,
// 1 when the work failed (the message on err says what to do), 2 when the
// command line is wrong. Keeps oneDNN on the calling thread from then on.
int RunTrainTool(int argc, const char* const* argv, const Console& console);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_TRAIN_TOOL_H_
