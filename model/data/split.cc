#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_format.h"
#include "model/data/dataset.h"

namespace recur {
namespace {

int Rounded(double value) { return static_cast<int>(std::floor(value + 0.5)); }

// Rows of each part when `count` are cut.
struct PartSizes {
  int train = 0;
  int validation = 0;
  int test = 0;
};

absl::StatusOr<PartSizes> SizesOf(int count, double validation, double test) {
  for (const auto& [name, fraction] :
       {std::pair("validation", validation), std::pair("test", test)}) {
    if (fraction >= 0.0 && fraction < 1.0) continue;
    return absl::InvalidArgumentError(absl::StrFormat(
        "the %s fraction is %g; it must be at least 0 and below 1", name,
        fraction));
  }
  PartSizes sizes;
  sizes.test = Rounded(count * test);
  sizes.validation = Rounded((count - sizes.test) * validation);
  sizes.train = count - sizes.test - sizes.validation;
  const bool empty_part = (test > 0.0 && sizes.test == 0) ||
                          (validation > 0.0 && sizes.validation == 0);
  if (!empty_part && sizes.train > 0) return sizes;
  return absl::InvalidArgumentError(absl::StrFormat(
      "%d rows are too few for a validation fraction of %g and a test fraction "
      "of %g: they would be %d to train on, %d to validate and %d to test",
      count, validation, test, sizes.train, sizes.validation, sizes.test));
}

// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine,
// which std::shuffle does not promise.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  // Fisher and Yates. The modulo's bias is below 2^-32 for any vector that
  // fits in memory.
  void Shuffle(std::vector<int>* values) {
    for (size_t i = values->size(); i > 1; --i) {
      std::swap((*values)[i - 1], (*values)[Next() % i]);
    }
  }

 private:
  uint64_t state_;
};

// Cuts a share from count after count so that the sum stays within one half
// of the share of the sum: what one count rounds away the next one gets.
class Share {
 public:
  explicit Share(double fraction) : fraction_(fraction) {}

  int Of(int count, int limit) {
    due_ += count * fraction_;
    const int taken = std::clamp(Rounded(due_), 0, limit);
    due_ -= taken;
    return taken;
  }

 private:
  double fraction_;
  double due_ = 0.0;
};

}  // namespace

std::vector<std::string> DistinctLabels(
    const std::vector<std::string>& labels) {
  const std::set<std::string> distinct(labels.begin(), labels.end());
  return {distinct.begin(), distinct.end()};
}

absl::StatusOr<SeriesSplit> SplitSeries(int rows, double validation,
                                        double test) {
  const absl::StatusOr<PartSizes> sizes = SizesOf(rows, validation, test);
  if (!sizes.ok()) return sizes.status();
  const int tuning_end = sizes->train + sizes->validation;
  return SeriesSplit{
      {0, sizes->train}, {sizes->train, tuning_end}, {tuning_end, rows}};
}

absl::StatusOr<ExampleSplit> SplitExamples(
    const std::vector<std::string>& labels, double validation, double test,
    uint64_t seed) {
  const auto sizes = SizesOf(static_cast<int>(labels.size()), validation, test);
  if (!sizes.ok()) return sizes.status();
  std::map<std::string, std::vector<int>> by_label;
  for (size_t i = 0; i < labels.size(); ++i) {
    by_label[labels[i]].push_back(static_cast<int>(i));
  }
  Random random(seed);
  Share test_share(test);
  Share validation_share(validation);
  ExampleSplit split;
  for (auto& [label, examples] : by_label) {
    random.Shuffle(&examples);
    const int count = static_cast<int>(examples.size());
    const int test_count = test_share.Of(count, count - 1);
    const int validation_count =
        validation_share.Of(count - test_count, count - test_count - 1);
    const auto test_end = examples.begin() + test_count;
    const auto validation_end = test_end + validation_count;
    split.test.insert(split.test.end(), examples.begin(), test_end);
    split.validation.insert(split.validation.end(), test_end, validation_end);
    split.train.insert(split.train.end(), validation_end, examples.end());
  }
  for (std::vector<int>* part :
       {&split.train, &split.validation, &split.test}) {
    std::sort(part->begin(), part->end());
  }
  return split;
}

}  // namespace recur
