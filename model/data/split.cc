#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
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
  void Shuffle(EqualExamples* values) {
    for (size_t i = values->size(); i > 1; --i) {
      std::swap((*values)[i - 1], (*values)[Next() % i]);
    }
  }

 private:
  uint64_t state_;
};

int CountOf(const EqualExamples& examples) {
  size_t count = 0;
  for (const std::vector<int>& equal : examples) count += equal.size();
  return static_cast<int>(count);
}

// A share of one label after the other, whose sum stays within one half of an
// example of the share of all, or of as many as are equal: what one label
// rounds away the next one gets.
class Share {
 public:
  explicit Share(double fraction) : fraction_(fraction) {}

  // Moves it from `from` to `to`, but not all of them, and not more than twice
  // their own share because equal ones go together.
  void MoveFrom(EqualExamples* from, std::vector<int>* to) {
    const double own = CountOf(*from) * fraction_;
    due_ += own;
    double taken = 0.0;
    size_t left = from->size();
    for (std::vector<int>& equal : *from) {
      if (due_ < 0.5 || left == 1) break;
      const auto size = static_cast<double>(equal.size());
      if (due_ < size / 2.0) continue;
      if (size > 1.0 && taken + size > 2.0 * own) continue;
      taken += size;
      to->insert(to->end(), equal.begin(), equal.end());
      due_ -= size;
      equal.clear();
      --left;
    }
    std::erase_if(*from, [](const auto& equal) { return equal.empty(); });
  }

 private:
  double fraction_;
  double due_ = 0.0;
};

ExampleSplit Draw(const std::map<std::string, EqualExamples>& by_label,
                  double validation, double test, uint64_t seed) {
  Random random(seed);
  Share test_share(test);
  Share validation_share(validation);
  ExampleSplit split;
  for (const auto& [label, own] : by_label) {
    EqualExamples left = own;
    random.Shuffle(&left);
    test_share.MoveFrom(&left, &split.test);
    validation_share.MoveFrom(&left, &split.validation);
    for (const std::vector<int>& equal : left) {
      split.train.insert(split.train.end(), equal.begin(), equal.end());
    }
  }
  for (std::vector<int>* part :
       {&split.train, &split.validation, &split.test}) {
    std::sort(part->begin(), part->end());
  }
  return split;
}

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

std::map<std::string, EqualExamples> GroupExamples(
    const std::vector<std::string>& labels,
    absl::Span<const absl::string_view> contents) {
  std::map<std::string, EqualExamples> by_label;
  absl::flat_hash_map<std::pair<absl::string_view, absl::string_view>, size_t>
      places;
  for (size_t i = 0; i < labels.size(); ++i) {
    EqualExamples& own = by_label[labels[i]];
    const auto [place, first] =
        places.try_emplace({labels[i], contents[i]}, own.size());
    if (first) own.emplace_back();
    own[place->second].push_back(static_cast<int>(i));
  }
  return by_label;
}

EqualExamples Parted(const EqualExamples& examples) {
  EqualExamples parted;
  for (const std::vector<int>& equal : examples) {
    for (int example : equal) parted.push_back({example});
  }
  return parted;
}

absl::StatusOr<ExampleSplit> SplitExamples(
    const std::map<std::string, EqualExamples>& by_label, double validation,
    double test, uint64_t seed) {
  int count = 0;
  for (const auto& [label, own] : by_label) count += CountOf(own);
  const auto sizes = SizesOf(count, validation, test);
  if (!sizes.ok()) return sizes.status();
  ExampleSplit split = Draw(by_label, validation, test, seed);
  const bool empty_part = (test > 0.0 && split.test.empty()) ||
                          (validation > 0.0 && split.validation.empty());
  if (!empty_part) return split;
  std::map<std::string, EqualExamples> parted = by_label;
  for (auto& [label, own] : parted) own = Parted(own);
  return Draw(parted, validation, test, seed);
}

}  // namespace recur
