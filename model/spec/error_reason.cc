#include "model/spec/error_reason.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace recur {
namespace {

constexpr absl::string_view kReasonUrl = "recur/reason";
constexpr absl::string_view kDetailPrefix = "recur/detail.";

}  // namespace

void SetReason(absl::Status* status, absl::string_view reason) {
  status->SetPayload(kReasonUrl, absl::Cord(reason));
}

void SetDetail(absl::Status* status, absl::string_view key,
               absl::string_view value) {
  status->SetPayload(absl::StrCat(kDetailPrefix, key), absl::Cord(value));
}

std::optional<std::string> ReasonOf(const absl::Status& status) {
  const absl::optional<absl::Cord> reason = status.GetPayload(kReasonUrl);
  if (!reason.has_value()) return std::nullopt;
  return std::string(*reason);
}

std::vector<std::pair<std::string, std::string>> DetailsOf(
    const absl::Status& status) {
  std::vector<std::pair<std::string, std::string>> details;
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& value) {
    if (!absl::StartsWith(url, kDetailPrefix)) return;
    url.remove_prefix(kDetailPrefix.size());
    details.emplace_back(std::string(url), std::string(value));
  });
  // absl visits payloads in an order that it randomizes on purpose.
  std::sort(details.begin(), details.end());
  return details;
}

absl::Status ErrorWithReason(absl::StatusCode code, absl::string_view reason,
                             absl::string_view message) {
  absl::Status status(code, message);
  SetReason(&status, reason);
  return status;
}

absl::Status WithPrefix(absl::string_view prefix, const absl::Status& status) {
  absl::Status prefixed(status.code(), absl::StrCat(prefix, status.message()));
  if (const auto reason = ReasonOf(status)) SetReason(&prefixed, *reason);
  for (const auto& [key, value] : DetailsOf(status)) {
    SetDetail(&prefixed, key, value);
  }
  return prefixed;
}

}  // namespace recur
