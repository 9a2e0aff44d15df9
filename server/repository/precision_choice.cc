#include "server/repository/precision_choice.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "model/spec/error_reason.h"
#include "server/repository/model_disk.h"

namespace recur {
namespace {

absl::Status Bad(absl::string_view message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, "bad_option",
                         message);
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, 128)), "\"");
}

}  // namespace

absl::StatusOr<PrecisionChoice> PrecisionChoice::Parse(absl::string_view text) {
  PrecisionChoice choice;
  if (text.empty()) return choice;
  for (const absl::string_view untrimmed : absl::StrSplit(text, ',')) {
    const absl::string_view part = absl::StripAsciiWhitespace(untrimmed);
    const size_t equals = part.rfind('=');
    const bool named = equals != absl::string_view::npos;
    const auto precision =
        ParsePrecision(named ? part.substr(equals + 1) : part);
    if (!precision.ok()) {
      return Bad(absl::StrCat(precision.status().message(),
                              ", for one model MODEL=bf16"));
    }
    if (!named) {
      if (choice.all_.has_value()) {
        return Bad(absl::StrCat("the precision of all models is given twice: ",
                                PrecisionName(*choice.all_), " and ", part));
      }
      choice.all_ = *precision;
      continue;
    }
    const absl::string_view model = part.substr(0, equals);
    if (!IsModelName(model)) {
      return Bad(absl::StrCat(Quoted(model), " is no name of a model"));
    }
    if (!choice.models_.emplace(model, *precision).second) {
      return Bad(absl::StrCat("the precision of model ", Quoted(model),
                              " is given twice"));
    }
  }
  return choice;
}

Precision PrecisionChoice::For(const std::string& model,
                               Precision of_spec) const {
  const auto found = models_.find(model);
  return found != models_.end() ? found->second : all_.value_or(of_spec);
}

}  // namespace recur
