// What the generator must know of the models it loads.
#ifndef RECUR_CLIENT_LOAD_MODEL_FACTS_H_
#define RECUR_CLIENT_LOAD_MODEL_FACTS_H_

#include "absl/status/statusor.h"
#include "client/load/load_options.h"

namespace recur::load {

struct ModelFacts {
  int features = 0;         // values of an observation
  bool needs_time = false;  // so sessions are opened with a start
  int bulk_features = 0;    // of the bulk model, if there is one
};

// Asks the server, unless options.features says it all. Errors are for people:
// NOT_FOUND names the models there are; INVALID_ARGUMENT says why a model
// cannot be loaded so. Blocks, at most for options.timeout per call.
absl::StatusOr<ModelFacts> AskFacts(const LoadOptions& options);

}  // namespace recur::load

#endif  // RECUR_CLIENT_LOAD_MODEL_FACTS_H_
