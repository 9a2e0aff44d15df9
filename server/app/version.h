// The version of this build, as --version and the metrics tell it.
#ifndef RECUR_SERVER_APP_VERSION_H_
#define RECUR_SERVER_APP_VERSION_H_

namespace recur {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace recur

#endif  // RECUR_SERVER_APP_VERSION_H_
