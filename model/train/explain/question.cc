#include "model/train/explain/question.h"

#include <algorithm>
#include <cmath>

namespace recur {
namespace {

constexpr int kUsualSteps = 200;
constexpr int kMostSteps = 1000;
constexpr double kNoCategory = -1.0;

// Of what has been seen of a column; `otherwise` if that is nothing.
double MeanOf(absl::Span<const Observation> seen, int column,
              double otherwise) {
  double mean = 0.0;
  double count = 0.0;
  for (const Observation& observation : seen) {
    const double value = observation.values[column];
    if (std::isnan(value)) continue;
    count += 1.0;
    mean += (value - mean) / count;
  }
  return count > 0.0 ? mean : otherwise;
}

std::vector<double> BaselineOf(const FeatureSpec& spec,
                               absl::Span<const Observation> seen) {
  std::vector<double> baseline;
  for (const Column& column : spec.columns) {
    baseline.push_back(column.categories > 0 ? kNoCategory : column.mean);
  }
  if (!spec.running_scale) return baseline;
  for (int target : spec.targets) {
    baseline[target] = MeanOf(seen, target, baseline[target]);
  }
  return baseline;
}

}  // namespace

int StepsToExplain(const ModelSpec& spec) {
  return std::clamp(PastValues(spec.features) + spec.network.horizon,
                    kUsualSteps, kMostSteps);
}

absl::StatusOr<Question> QuestionAfter(const Servable& model,
                                       absl::Span<const Observation> seen,
                                       int steps, int* refused) {
  const int count = static_cast<int>(seen.size());
  const int first = std::max(0, count - steps);
  Question question;
  FeatureState state = model.features.InitialState();
  std::vector<float> inputs;
  for (int i = 0; i < count; ++i) {
    if (i == first) question.before = state;
    auto advance =
        model.features.Check(seen[i], state.last_time_us, model.name);
    if (!advance.ok()) {
      *refused = i;
      return advance.status();
    }
    inputs.resize(static_cast<size_t>(advance->intervals) *
                  model.features.input_size());
    model.features.Apply(seen[i], *advance, &state, inputs.data());
    if (i < first) continue;
    question.values.insert(question.values.end(), seen[i].values.begin(),
                           seen[i].values.end());
    if (seen[i].time_us.has_value()) {
      question.times.push_back(*seen[i].time_us);
    }
  }
  question.baseline = BaselineOf(model.spec.features, seen);
  return question;
}

}  // namespace recur
