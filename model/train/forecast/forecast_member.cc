#include "model/train/forecast/forecast_member.h"

#include <algorithm>
#include <cmath>

#include "model/features/layout.h"
#include "model/train/forecast/forecast_floors.h"
#include "model/train/forecast/ridge.h"

namespace recur {
namespace {

constexpr float kTargetClip = 20.0f;
constexpr size_t kMostMeasured = 4000;
constexpr int kFolds = 5;

bool IsPast(SlotKind kind) {
  return kind == SlotKind::kSeason || kind == SlotKind::kSecondSeason ||
         kind == SlotKind::kLastSeason || kind == SlotKind::kAutoregression;
}

template <typename Wanted>
std::vector<int> Pick(const std::vector<Slot>& slots, Wanted wanted) {
  std::vector<int> picked;
  for (size_t i = 0; i < slots.size(); ++i) {
    if (wanted(slots[i].kind)) picked.push_back(static_cast<int>(i));
  }
  return picked;
}

Member MakeMember(const ModelSpec& spec, bool corrects) {
  Member member{corrects ? "correcting the linear forecast"
                         : "from the seasons"};
  member.corrects = corrects;
  member.inputs = Pick(InputSlots(spec.features), [corrects](SlotKind kind) {
    return !corrects || !IsPast(kind);
  });
  member.future = Pick(FutureSlots(spec.features), [corrects](SlotKind kind) {
    if (corrects) {
      return kind != SlotKind::kSecondSeason && kind != SlotKind::kLastSeason;
    }
    return kind != SlotKind::kAutoregression;
  });
  member.network = spec.network;
  member.network.input_size = static_cast<int>(member.inputs.size());
  member.network.future_size = static_cast<int>(member.future.size());
  return member;
}

std::vector<int> Thinned(absl::Span<const int> origins) {
  const size_t stride = 1 + origins.size() / kMostMeasured;
  std::vector<int> thinned;
  for (size_t i = 0; i < origins.size(); i += stride) {
    thinned.push_back(origins[i]);
  }
  return thinned;
}

double Deviation(const ForecastTrace& trace, const std::vector<int>& origins,
                 int column) {
  double sum = 0.0;
  double squares = 0.0;
  double count = 0.0;
  for (int origin : origins) {
    for (int k = 0; k < trace.horizon; ++k) {
      const double value = trace.future.At(origin, k, column);
      sum += value;
      squares += value * value;
      count += 1.0;
    }
  }
  if (count == 0.0) return 1.0;
  const double mean = sum / count;
  const double variance = squares / count - mean * mean;
  return variance > 1e-12 ? std::sqrt(variance) : 1.0;
}

// The target's linear forecast, in features' units.
std::vector<ReferenceTerm> LinearForecast(const FeatureSpec& features,
                                          int target) {
  const std::vector<Slot> slots = FutureSlots(features);
  const int column = features.targets[target];
  const double scale =
      features.running_scale ? 1.0 : features.columns[column].scale;
  for (size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].kind != SlotKind::kAutoregression) continue;
    if (slots[i].column != column) continue;
    return {{static_cast<int>(i), scale / features.output_scale[target]}};
  }
  return {};
}

// The mix of its values whole seasons before.
std::vector<ReferenceTerm> FitSeasons(const Member& member,
                                      const FeatureSpec& features,
                                      const ForecastTrace& trace,
                                      const std::vector<int>& origins,
                                      int target) {
  const std::vector<Slot> slots = FutureSlots(features);
  std::vector<ReferenceTerm> terms;
  for (int column : member.future) {
    const Slot& slot = slots[column];
    if (!IsPast(slot.kind) || slot.column != features.targets[target]) continue;
    terms.push_back({column});
  }
  if (terms.empty() || origins.empty()) return {};
  RidgeSums sums(static_cast<int>(terms.size()), 1, kFolds);
  std::vector<double> x(terms.size());
  for (size_t i = 0; i < origins.size(); ++i) {
    const auto fold = static_cast<int>(i * kFolds / origins.size());
    for (int k = 0; k < trace.horizon; ++k) {
      const size_t row = static_cast<size_t>(origins[i]) * trace.horizon + k;
      const double y = trace.targets[row * trace.target_count + target];
      if (std::isnan(y)) continue;
      for (size_t t = 0; t < terms.size(); ++t) {
        x[t] = trace.future.At(origins[i], k, terms[t].column);
      }
      sums.Add(fold, x, {std::clamp<double>(y, -kTargetClip, kTargetClip)});
    }
  }
  const RidgeFit fit = sums.Fit();
  for (size_t t = 0; t < terms.size(); ++t) terms[t].weight = fit.all[t];
  return terms;
}

double ReferenceAt(const MemberUnits& units, const ForecastTrace& trace,
                   int origin, int k, int target) {
  double sum = 0.0;
  for (const ReferenceTerm& term : units.reference[target]) {
    sum += term.weight * trace.future.At(origin, k, term.column);
  }
  return sum;
}

// What an origin's target differs from the reference by, in features' units.
double Residual(const MemberUnits& units, const ForecastTrace& trace,
                int origin, int k, int target) {
  const size_t row = static_cast<size_t>(origin) * trace.horizon + k;
  return trace.targets[row * trace.target_count + target] -
         ReferenceAt(units, trace, origin, k, target);
}

void MeasureErrors(const std::vector<double>& levels,
                   const ForecastTrace& trace, const std::vector<int>& origins,
                   int target, MemberUnits* units) {
  std::vector<double> errors;
  for (int k = 0; k < trace.horizon; ++k) {
    double sum = 0.0;
    double count = 0.0;
    const size_t first = errors.size();
    for (int origin : origins) {
      const double own =
          Residual(*units, trace, origin, k, target) / units->size[target];
      if (std::isnan(own)) continue;
      errors.push_back(own);
      sum += std::abs(own);
      count += 1.0;
    }
    const double spread = sum > 0.0 ? sum / count : 1.0;
    units->spread[static_cast<size_t>(k) * trace.target_count + target] =
        spread;
    for (size_t i = first; i < errors.size(); ++i) errors[i] /= spread;
  }
  std::sort(errors.begin(), errors.end());
  for (double level : levels) {
    units->shape.push_back(errors.empty() ? 0.0
                                          : EmpiricalQuantile(errors, level));
  }
}

double MeanSize(const MemberUnits& units, const ForecastTrace& trace,
                const std::vector<int>& origins, int target) {
  double sum = 0.0;
  double count = 0.0;
  for (int origin : origins) {
    for (int k = 0; k < trace.horizon; ++k) {
      const double own = std::abs(Residual(units, trace, origin, k, target));
      if (std::isnan(own)) continue;
      sum += own;
      count += 1.0;
    }
  }
  return sum > 0.0 ? sum / count : 1.0;
}

}  // namespace

std::vector<Member> ChooseMembers(const ModelSpec& spec) {
  std::vector<Member> members;
  if (spec.features.autoregression.lags > 0) {
    members.push_back(MakeMember(spec, true));
  }
  members.push_back(MakeMember(spec, false));
  return members;
}

MemberUnits MeasureUnits(const ModelSpec& spec, const Member& member,
                         const ForecastTrace& trace,
                         absl::Span<const int> origins) {
  const std::vector<int> measured = Thinned(origins);
  const FeatureSpec& features = spec.features;
  const std::vector<Slot> slots = FutureSlots(features);
  MemberUnits units;
  for (int column : member.future) {
    units.divisors.push_back(
        IsPast(slots[column].kind) ? Deviation(trace, measured, column) : 1.0);
  }
  for (int target = 0; target < trace.target_count; ++target) {
    units.reference.push_back(
        member.corrects
            ? LinearForecast(features, target)
            : FitSeasons(member, features, trace, measured, target));
  }
  units.size.assign(trace.target_count, 1.0);
  units.spread.assign(static_cast<size_t>(trace.horizon) * trace.target_count,
                      0.0);
  for (int target = 0; target < trace.target_count; ++target) {
    units.size[target] = MeanSize(units, trace, measured, target);
    MeasureErrors(spec.quantiles, trace, measured, target, &units);
  }
  return units;
}

ForecastTrace TraceForMember(const Member& member, const MemberUnits& units,
                             const ForecastTrace& trace) {
  ForecastTrace own;
  own.input_size = static_cast<int>(member.inputs.size());
  own.horizon = trace.horizon;
  own.target_count = trace.target_count;
  own.first_step = trace.first_step;
  own.origins = trace.origins;
  own.first_origin = trace.first_origin;
  own.origin_at = trace.origin_at;
  const size_t steps = trace.origin_at.size();
  own.inputs.reserve(steps * own.input_size);
  for (size_t step = 0; step < steps; ++step) {
    const float* row = trace.inputs.data() + step * trace.input_size;
    for (int column : member.inputs) own.inputs.push_back(row[column]);
  }
  const size_t rows = trace.origins.size() * trace.horizon;
  own.future = trace.future.Pick(member.future, units.divisors);
  own.targets.reserve(rows * own.target_count);
  for (size_t i = 0; i < rows; ++i) {
    for (int target = 0; target < trace.target_count; ++target) {
      const double residual =
          Residual(units, trace, static_cast<int>(i / trace.horizon),
                   static_cast<int>(i % trace.horizon), target);
      // A NaN passes through.
      own.targets.push_back(
          std::clamp(static_cast<float>(residual / units.size[target]),
                     -kTargetClip, kTargetClip));
    }
  }
  return own;
}

std::vector<float> MemberForecasts(const Member& member,
                                   const MemberUnits& units,
                                   const ForecastTrace& trace,
                                   absl::Span<const int> origins, double share,
                                   absl::Span<const float> outputs) {
  const int levels = member.network.levels;
  std::vector<float> forecasts;
  forecasts.reserve(outputs.size());
  for (int origin : origins) {
    for (int k = 0; k < trace.horizon; ++k) {
      for (int target = 0; target < trace.target_count; ++target) {
        const double reference = ReferenceAt(units, trace, origin, k, target);
        const double spread =
            units.spread[static_cast<size_t>(k) * trace.target_count + target];
        for (int q = 0; q < levels; ++q) {
          const double error = units.shape.empty()
                                   ? 0.0
                                   : spread * units.shape[target * levels + q];
          const double own = outputs[forecasts.size()];
          forecasts.push_back(static_cast<float>(
              reference +
              units.size[target] * (share * own + (1.0 - share) * error)));
        }
      }
    }
  }
  return forecasts;
}

}  // namespace recur
