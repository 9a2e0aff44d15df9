// The networks whose mean becomes a forecaster.
//
// They are trained apart, each on a part of the features and in units of its
// own, and err in different ways, so that their mean is better than most of
// them. Two are made where there is an autoregression: one corrects it, the
// other knows nothing of it and corrects a mix of the seasons instead.
//
// "Features' units" are those of the model: a network output of 1 is
// output_scale. A member's forecast of them, for target step k and target t, is
//   reference[k, t] + size[t] * (its output)
// where the reference is the autoregression, or the mix of the target's values
// whole seasons before that fits best (ridge regression), 0 without seasons.
#ifndef RECUR_MODEL_TRAIN_FORECAST_FORECAST_MEMBER_H_
#define RECUR_MODEL_TRAIN_FORECAST_FORECAST_MEMBER_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "model/spec/model_spec.h"
#include "model/train/forecast/forecast_windows.h"

namespace recur {

struct Member {
  std::string name;         // for progress
  std::vector<int> inputs;  // those of the features' inputs that it is given
  std::vector<int> future;  // and of the values of a future row
  bool corrects = false;    // its reference is the autoregression
  NetworkSpec network;
};

// `spec` is a model whose network is that of one member given everything.
std::vector<Member> ChooseMembers(const ModelSpec& spec);

// `weight` times a value of the features' future rows.
struct ReferenceTerm {
  int column = 0;
  double weight = 0.0;
};

// Measured on the origins that the member is trained on.
struct MemberUnits {
  // What the values of the past in its future rows are divided by, so that
  // they vary by 1; 1 for the others. [member.future]
  std::vector<double> divisors;
  std::vector<double> size;  // [targets], the mean of |target - reference|
  // Each target's reference is the sum of these. [targets]
  std::vector<std::vector<ReferenceTerm>> reference;
  // The reference's errors: spread[k, t] * shape[t, l] is about their quantile
  // at level l, in units of size; empty without levels.
  std::vector<double> spread;
  std::vector<double> shape;
};

// Of `origins` of the trace, at most four thousand of them, evenly spaced.
MemberUnits MeasureUnits(const ModelSpec& spec, const Member& member,
                         const ForecastTrace& trace,
                         absl::Span<const int> origins);

// The trace as the member sees it; targets are those of its outputs, clipped to
// +- 20 so that no outlier leads a minibatch.
ForecastTrace TraceForMember(const Member& member, const MemberUnits& units,
                             const ForecastTrace& trace);

// What the model forecasts, in the features' units, when it trusts the member
// by `share` and its reference, with the quantiles of its errors, by the rest.
// `outputs` are the member's at the origins and the result is laid out as they
// are, [origins, horizon, targets, levels].
std::vector<float> MemberForecasts(const Member& member,
                                   const MemberUnits& units,
                                   const ForecastTrace& trace,
                                   absl::Span<const int> origins, double share,
                                   absl::Span<const float> outputs);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_FORECAST_MEMBER_H_
