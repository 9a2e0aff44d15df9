// What spreads the retries of many clients.
#ifndef RECUR_CLIENT_SDK_CHANCE_H_
#define RECUR_CLIENT_SDK_CHANCE_H_

namespace recur::client {

// Uniform in [0, 1), seeded by the system. Thread safe.
double Chance();

}  // namespace recur::client

#endif  // RECUR_CLIENT_SDK_CHANCE_H_
