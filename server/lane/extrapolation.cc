#include "server/lane/extrapolation.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/spec/error_reason.h"

namespace recur {
namespace {

// The first input that nothing could be fed to; null: there is none.
const Column* Obstacle(const FeatureSpec& spec) {
  for (size_t i = 0; i < spec.columns.size(); ++i) {
    const bool target = std::find(spec.targets.begin(), spec.targets.end(),
                                  static_cast<int>(i)) != spec.targets.end();
    if (!target && !spec.columns[i].known_ahead) return &spec.columns[i];
  }
  return nullptr;
}

// Why a forecast cannot be longer than LongestHorizon.
std::string Limit(const Servable& model) {
  const Column* obstacle = Obstacle(model.spec.features);
  if (obstacle != nullptr) {
    return absl::StrFormat(
        "it cannot be extrapolated, for its input \"%s\" is neither a target "
        "nor known ahead",
        obstacle->name);
  }
  if (model.spec.network.bidirectional) {
    return "it cannot be extrapolated, for it is bidirectional";
  }
  return absl::StrFormat(
      "it can be extrapolated to %d: to %d times its horizon, and to %d points "
      "(steps times targets)",
      LongestHorizon(model), kMaxExtrapolation, kMaxExtrapolatedPoints);
}

}  // namespace

int LongestHorizon(const Servable& model) {
  const NetworkSpec& network = model.spec.network;
  if (network.bidirectional || Obstacle(model.spec.features) != nullptr) {
    return network.horizon;
  }
  const int64_t points = int64_t{network.horizon} * network.targets;
  const int64_t times = std::clamp<int64_t>(kMaxExtrapolatedPoints / points, 1,
                                            kMaxExtrapolation);
  return static_cast<int>(network.horizon * times);
}

absl::Status CheckHorizon(const Servable& model, int64_t horizon) {
  if (horizon <= model.spec.network.horizon) return absl::OkStatus();
  const int longest = LongestHorizon(model);
  if (horizon <= longest) return absl::OkStatus();
  absl::Status status = ErrorWithReason(
      absl::StatusCode::kInvalidArgument, "bad_horizon",
      absl::StrFormat("horizon is %d; model \"%s\" has %d; %s", horizon,
                      model.name, model.spec.network.horizon, Limit(model)));
  SetDetail(&status, "horizon", absl::StrCat(model.spec.network.horizon));
  SetDetail(&status, "longest_horizon", absl::StrCat(longest));
  if (const Column* obstacle = Obstacle(model.spec.features)) {
    SetDetail(&status, "column", obstacle->name);
  }
  return status;
}

void FillUpKnown(const Servable& model, std::vector<double>* known) {
  const size_t row = model.features.known_count();
  const size_t part = row * std::max(0, model.spec.network.horizon);
  if (part == 0) return;
  known->reserve((known->size() + part - 1) / part * part);
  while (known->size() % part != 0) {
    known->push_back((*known)[known->size() - row]);
  }
}

void Append(const Forecast& part, Forecast* whole) {
  if (whole->point.empty()) {
    *whole = part;
    return;
  }
  whole->point.insert(whole->point.end(), part.point.begin(), part.point.end());
  whole->quantiles.insert(whole->quantiles.end(), part.quantiles.begin(),
                          part.quantiles.end());
}

}  // namespace recur
