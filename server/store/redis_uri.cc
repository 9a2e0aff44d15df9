#include "server/store/redis_uri.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

constexpr size_t kMaxPrefixBytes = 128;
constexpr int kMaxDatabase = 1 << 20;
constexpr int kMaxTimeoutMs = 60000;

// Quotes nothing of the address: a password that is not escaped may be cut
// anywhere.
absl::Status Bad(absl::string_view what) {
  return ErrorWithReason(
      absl::StatusCode::kInvalidArgument, "bad_option",
      absl::StrCat("the address of the Redis ", what,
                   "; it is redis://[user:password@]host[:port][/database]"
                   "[?prefix=recur:&ca=FILE&timeout_ms=2000], or rediss://"));
}

absl::Status ReadNumber(absl::string_view name, absl::string_view text, int low,
                        int high, int* number) {
  if (absl::SimpleAtoi(text, number) && *number >= low && *number <= high) {
    return absl::OkStatus();
  }
  return Bad(absl::StrCat("has a ", name, " that is no number from ", low,
                          " to ", high));
}

absl::Status Unescape(absl::string_view name, absl::string_view text,
                      std::string* out) {
  out->clear();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out->push_back(text[i]);
      continue;
    }
    const absl::string_view digits = text.substr(i + 1, 2);
    if (digits.size() != 2 || !absl::ascii_isxdigit(digits[0]) ||
        !absl::ascii_isxdigit(digits[1])) {
      return Bad(absl::StrCat("has a % in its ", name,
                              " that two hexadecimal digits do not follow"));
    }
    out->append(absl::HexStringToBytes(digits));
    i += 2;
  }
  return absl::OkStatus();
}

absl::Status ReadUser(absl::string_view text, RedisUri* uri) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  if (absl::Status s = Unescape("user", parts.first, &uri->user); !s.ok()) {
    return s;
  }
  if (absl::Status s = Unescape("password", parts.second, &uri->password);
      !s.ok()) {
    return s;
  }
  if (!uri->password.empty() || uri->user.empty()) return absl::OkStatus();
  return Bad("has a user without a password");
}

absl::Status ReadHost(absl::string_view text, RedisUri* uri) {
  absl::string_view port;
  if (absl::ConsumePrefix(&text, "[")) {
    const size_t end = text.find(']');
    if (end == text.npos) return Bad("has a [ without a ]");
    uri->host = std::string(text.substr(0, end));
    port = text.substr(end + 1);
    if (!port.empty() && !absl::ConsumePrefix(&port, ":")) {
      return Bad("has something between ] and the port");
    }
  } else {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(text, absl::MaxSplits(':', 1));
    uri->host = std::string(parts.first);
    port = parts.second;
  }
  if (uri->host.empty()) return Bad("has no host");
  if (port.empty()) return absl::OkStatus();
  return ReadNumber("port", port, 1, 65535, &uri->port);
}

absl::Status CheckPrefix(absl::string_view prefix) {
  bool printable = !prefix.empty() && prefix.size() <= kMaxPrefixBytes;
  for (const char c : prefix) printable &= c > 0x20 && c < 0x7f;
  if (printable) return absl::OkStatus();
  return Bad(absl::StrCat("has a prefix that is not 1 to ", kMaxPrefixBytes,
                          " printable bytes without spaces"));
}

absl::Status ReadValue(absl::string_view text, RedisUri* uri) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (parts.first == "ca") return Unescape("ca", parts.second, &uri->ca_file);
  if (parts.first == "prefix") {
    absl::Status read = Unescape("prefix", parts.second, &uri->prefix);
    return read.ok() ? CheckPrefix(uri->prefix) : read;
  }
  if (parts.first == "timeout_ms") {
    int timeout = 0;
    absl::Status read =
        ReadNumber("timeout_ms", parts.second, 1, kMaxTimeoutMs, &timeout);
    uri->timeout = std::chrono::milliseconds(timeout);
    return read;
  }
  return Bad("has a value other than prefix, ca and timeout_ms");
}

// What follows the host: the database, and the values.
absl::Status ReadRest(absl::string_view path, absl::string_view query,
                      RedisUri* uri) {
  if (!path.empty()) {
    absl::Status read =
        ReadNumber("database", path, 0, kMaxDatabase, &uri->database);
    if (!read.ok()) return read;
  }
  for (const absl::string_view value :
       absl::StrSplit(query, '&', absl::SkipEmpty())) {
    if (absl::Status read = ReadValue(value, uri); !read.ok()) return read;
  }
  if (uri->tls || uri->ca_file.empty()) return absl::OkStatus();
  return Bad("has a ca, which only rediss:// uses");
}

}  // namespace

std::string RedisUri::Name() const {
  const bool brackets = absl::StrContains(host, ':');
  return absl::StrCat(tls ? "rediss://" : "redis://", user,
                      user.empty() ? "" : "@", brackets ? "[" : "", host,
                      brackets ? "]" : "", ":", port, "/", database);
}

absl::StatusOr<RedisUri> ParseRedisUri(absl::string_view text) {
  RedisUri uri;
  if (absl::ConsumePrefix(&text, "rediss://")) {
    uri.tls = true;
  } else if (!absl::ConsumePrefix(&text, "redis://")) {
    return Bad("begins with neither redis:// nor rediss://");
  }
  // A password may have any byte but these, unless it is escaped.
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('?', 1));
  absl::string_view place = parts.first;
  if (const size_t at = place.rfind('@'); at != place.npos) {
    absl::Status read = ReadUser(place.substr(0, at), &uri);
    if (!read.ok()) return read;
    place.remove_prefix(at + 1);
  }
  const std::pair<absl::string_view, absl::string_view> host_and_path =
      absl::StrSplit(place, absl::MaxSplits('/', 1));
  if (absl::Status read = ReadHost(host_and_path.first, &uri); !read.ok()) {
    return read;
  }
  absl::Status read = ReadRest(host_and_path.second, parts.second, &uri);
  if (!read.ok()) return read;
  return uri;
}

}  // namespace recur
