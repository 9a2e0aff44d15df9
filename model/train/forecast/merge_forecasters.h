// Several networks of the same cell -> one network that answers a mix of them.
//
// Their layers lie side by side: every matrix is block-diagonal, zero between
// the members and where a member does not see an input. The decoder's last
// layer is linear, so units and trust go into its weights, and what
// a member's reference and its errors add goes into the skip and into one more
// decoder unit each. A server needs to know nothing of it.
#ifndef RECUR_MODEL_TRAIN_FORECAST_MERGE_FORECASTERS_H_
#define RECUR_MODEL_TRAIN_FORECAST_MERGE_FORECASTERS_H_

#include <vector>

#include "model/spec/model_spec.h"
#include "model/train/forecast/forecast_member.h"

namespace recur {

struct TrainedMember {
  Member member;
  MemberUnits units;
  Weights weights;  // of member.network
  // How much of the model's forecast is the member's, and how much its
  // reference's with the quantiles of its errors. [targets] Over all members
  // they sum to 1.
  std::vector<double> trust;
  std::vector<double> reference_trust;
};

// `spec` is that of ChooseMembers. The model forecasts, but for rounding, the
// sum of MemberForecasts, those with share 1 times `trust` and those with share
// 0 times `reference_trust`. At least one member.
Model MergeForecasters(const ModelSpec& spec, const Weights& feature_weights,
                       const std::vector<TrainedMember>& members);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_FORECAST_MERGE_FORECASTERS_H_
