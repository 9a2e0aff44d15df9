// Tells the log what happens to models.
#ifndef RECUR_SERVER_APP_MODEL_LOG_H_
#define RECUR_SERVER_APP_MODEL_LOG_H_

#include "server/repository/repository.h"

namespace recur {

// One line: what a ready model is and how it answers, why one failed, which
// one is retired.
void LogModelChange(const ModelStatus& status);

}  // namespace recur

#endif  // RECUR_SERVER_APP_MODEL_LOG_H_
