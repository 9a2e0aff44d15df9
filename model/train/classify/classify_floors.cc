#include "model/train/classify/classify_floors.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "model/train/classify/classify_answers.h"
#include "model/train/classify/linear_classifier.h"

namespace recur {
namespace {

constexpr int kBuckets = 1 << 18;  // of hashed n-grams
constexpr int kTextPasses = 12;
constexpr int kStreamPasses = 30;
constexpr double kMostProducts = 3e9;  // of nearest neighbours

// N-grams of tokens hashed into kBuckets (FNV-1a), with a mark at both ends.
// The row has length 1, so that texts of any length weigh alike.
SparseRow NGrams(const std::vector<int32_t>& tokens, int longest) {
  std::vector<int32_t> marked = {-1};
  marked.insert(marked.end(), tokens.begin(), tokens.end());
  marked.push_back(-1);
  std::vector<int32_t> buckets;
  for (size_t begin = 0; begin < marked.size(); ++begin) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (int n = 0; n < longest && begin + n < marked.size(); ++n) {
      hash = (hash ^ static_cast<uint32_t>(marked[begin + n])) * 0x100000001b3u;
      buckets.push_back(static_cast<int32_t>((hash ^ hash >> 29) % kBuckets));
    }
  }
  std::sort(buckets.begin(), buckets.end());
  buckets.erase(std::unique(buckets.begin(), buckets.end()), buckets.end());
  const float value = 1.0f / std::sqrt(static_cast<float>(buckets.size()));
  SparseRow row;
  for (int32_t bucket : buckets) row.push_back({bucket, value});
  return row;
}

SparseRow InputsAt(const ClassifyExample& example, int step, int width) {
  SparseRow row;
  for (int i = 0; i < width; ++i) {
    row.push_back({i, example.inputs[static_cast<size_t>(step) * width + i]});
  }
  return row;
}

std::vector<SparseRow> RowsOf(const ModelSpec& spec,
                              const std::vector<ClassifyExample>& examples,
                              absl::Span<const int> chosen) {
  const int longest = spec.text.unit == TokenUnit::kWord ? 2 : 4;
  std::vector<SparseRow> rows;
  for (int index : chosen) {
    const ClassifyExample& example = examples[index];
    for (const LabelledStep& labelled : example.labelled) {
      rows.push_back(spec.takes_text ? NGrams(example.tokens, longest)
                                     : InputsAt(example, labelled.step,
                                                spec.network.input_size));
    }
  }
  return rows;
}

std::vector<int> CallLinear(const ModelSpec& spec, const ClassifyData& data,
                            const std::vector<ClassifyExample>& examples) {
  LinearClassifier classifier(
      static_cast<int>(data.labels.size()),
      spec.takes_text ? kBuckets : spec.network.input_size);
  classifier.Train(RowsOf(spec, examples, data.train),
                   TruthOf(examples, data.train),
                   spec.takes_text ? kTextPasses : kStreamPasses, 0);
  std::vector<int> called;
  for (const SparseRow& row : RowsOf(spec, examples, data.test)) {
    called.push_back(classifier.Call(row));
  }
  return called;
}

// Stretched to `steps` by taking the nearest step.
std::vector<float> Stretched(const ClassifyExample& example, int width,
                             int steps) {
  std::vector<float> values;
  for (int64_t step = 0; step < steps; ++step) {
    const int64_t from = step * example.steps / steps;
    const auto begin = example.inputs.begin() + from * width;
    values.insert(values.end(), begin, begin + width);
  }
  return values;
}

float Distance(const std::vector<float>& a, const std::vector<float>& b) {
  float sum = 0.0f;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

std::vector<int> CallNearest(const ModelSpec& spec, const ClassifyData& data,
                             const std::vector<ClassifyExample>& examples) {
  const int width = spec.network.input_size;
  int64_t steps = 0;
  for (int index : data.train) steps += examples[index].steps;
  steps = std::max<int64_t>(1, steps / static_cast<int64_t>(data.train.size()));
  const double products = static_cast<double>(steps) * width *
                          static_cast<double>(data.train.size()) *
                          static_cast<double>(data.test.size());
  const auto stride =
      static_cast<size_t>(std::max(1.0, std::ceil(products / kMostProducts)));
  std::vector<std::vector<float>> known;
  std::vector<int> classes;
  for (size_t i = 0; i < data.train.size(); i += stride) {
    const ClassifyExample& example = examples[data.train[i]];
    known.push_back(Stretched(example, width, static_cast<int>(steps)));
    classes.push_back(example.labelled[0].truth);
  }
  std::vector<int> called;
  for (int index : data.test) {
    const std::vector<float> own =
        Stretched(examples[index], width, static_cast<int>(steps));
    float least = std::numeric_limits<float>::infinity();
    int nearest = classes[0];
    for (size_t i = 0; i < known.size(); ++i) {
      const float distance = Distance(own, known[i]);
      if (distance >= least) continue;
      least = distance;
      nearest = classes[i];
    }
    called.push_back(nearest);
  }
  return called;
}

}  // namespace

std::vector<ClassificationScore> ClassifyFloors(
    const ModelSpec& spec, const ClassifyData& data,
    const std::vector<ClassifyExample>& examples) {
  const std::vector<int> truth = TruthOf(examples, data.test);
  const std::vector<int> trained = TruthOf(examples, data.train);
  const int majority = MajorityClass(static_cast<int>(data.labels.size()),
                                     trained.empty() ? truth : trained);
  std::vector<ClassificationScore> floors = {
      ScoreClasses("majority class", data.labels, truth,
                   std::vector<int>(truth.size(), majority))};
  if (trained.empty()) return floors;
  const auto add = [&](const char* name, const std::vector<int>& called) {
    floors.push_back(ScoreClasses(name, data.labels, truth, called));
  };
  if (spec.takes_text) {
    add("linear, n-grams", CallLinear(spec, data, examples));
  } else if (data.label_per_step) {
    add("linear, this step", CallLinear(spec, data, examples));
  } else {
    add("nearest neighbour", CallNearest(spec, data, examples));
  }
  return floors;
}

}  // namespace recur
