#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "model/data/dataset.h"

namespace recur {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(SplitSeriesTest, CutsTheTailsInOrder) {
  const auto split = SplitSeries(1000, 0.15, 0.2);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->train, (RowRange{0, 680}));
  EXPECT_EQ(split->validation, (RowRange{680, 800}));
  EXPECT_EQ(split->test, (RowRange{800, 1000}));
}

TEST(SplitSeriesTest, LeavesPartsOutThatAreNotAskedFor) {
  const auto split = SplitSeries(3, 0, 0);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->train, (RowRange{0, 3}));
  EXPECT_EQ(split->validation.size(), 0);
  EXPECT_EQ(split->test.size(), 0);
}

TEST(SplitSeriesTest, RefusesFractionsAndRowsThatMakeNoSense) {
  EXPECT_EQ(SplitSeries(10, 1.0, 0).status().message(),
            "the validation fraction is 1; it must be at least 0 and below 1");
  EXPECT_EQ(SplitSeries(10, 0, -0.1).status().message(),
            "the test fraction is -0.1; it must be at least 0 and below 1");
  EXPECT_FALSE(SplitSeries(10, std::nan(""), 0).ok());
  EXPECT_EQ(SplitSeries(4, 0.1, 0.25).status().message(),
            "4 rows are too few for a validation fraction of 0.1 and a test "
            "fraction of 0.25: they would be 3 to train on, 0 to validate and "
            "1 to test");
  EXPECT_EQ(SplitSeries(0, 0, 0).status().code(),
            absl::StatusCode::kInvalidArgument);
}

std::vector<std::string> Labels(const std::map<std::string, int>& counts) {
  std::vector<std::string> labels;
  for (const auto& [label, count] : counts)
    labels.insert(labels.end(), count, label);
  return labels;
}

std::map<std::string, int> Count(const std::vector<std::string>& labels,
                                 const std::vector<int>& part) {
  std::map<std::string, int> counts;
  for (int i : part) ++counts[labels[i]];
  return counts;
}

// No two examples are equal.
absl::StatusOr<ExampleSplit> SplitDistinct(
    const std::vector<std::string>& labels, double validation, double test,
    uint64_t seed) {
  std::vector<std::string> contents;
  for (size_t i = 0; i < labels.size(); ++i) {
    contents.push_back(std::to_string(i));
  }
  const std::vector<absl::string_view> views(contents.begin(), contents.end());
  return SplitExamples(GroupExamples(labels, views), validation, test, seed);
}

TEST(SplitExamplesTest, EveryExampleIsInOnePart) {
  const auto labels = Labels({{"a", 50}, {"b", 33}, {"c", 17}});
  const auto split = SplitDistinct(labels, 0.2, 0.3, 1);
  ASSERT_TRUE(split.ok()) << split.status();
  std::vector<int> all;
  for (const auto* part : {&split->train, &split->validation, &split->test}) {
    EXPECT_TRUE(std::is_sorted(part->begin(), part->end()));
    all.insert(all.end(), part->begin(), part->end());
  }
  std::sort(all.begin(), all.end());
  ASSERT_EQ(all.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(all[i], i);
}

TEST(SplitExamplesTest, KeepsTheSharesOfLabels) {
  const auto labels = Labels({{"a", 500}, {"b", 300}, {"c", 200}});
  const auto split = SplitDistinct(labels, 0.25, 0.2, 9);
  ASSERT_TRUE(split.ok()) << split.status();
  using Counts = std::map<std::string, int>;
  EXPECT_EQ(Count(labels, split->test),
            (Counts{{"a", 100}, {"b", 60}, {"c", 40}}));
  EXPECT_EQ(Count(labels, split->validation),
            (Counts{{"a", 100}, {"b", 60}, {"c", 40}}));
  EXPECT_EQ(Count(labels, split->train),
            (Counts{{"a", 300}, {"b", 180}, {"c", 120}}));
}

TEST(SplitExamplesTest, ManySmallLabelsStillFillTheParts) {
  std::map<std::string, int> counts;
  for (int i = 0; i < 40; ++i) counts["label" + std::to_string(i)] = 4;
  const auto labels = Labels(counts);
  const auto split = SplitDistinct(labels, 0.1, 0.1, 3);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_NEAR(split->test.size(), 16, 1);
  EXPECT_NEAR(split->validation.size(), 14.4, 1);
  EXPECT_EQ(Count(labels, split->train).size(), 40u);
}

TEST(SplitExamplesTest, ALabelWithOneExampleIsTrainedOn) {
  const auto labels = Labels({{"a", 1}, {"b", 60}, {"c", 1}});
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto split = SplitDistinct(labels, 0.4, 0.5, seed);
    ASSERT_TRUE(split.ok()) << split.status();
    EXPECT_EQ(Count(labels, split->train)["a"], 1);
    EXPECT_EQ(Count(labels, split->train)["c"], 1);
  }
}

TEST(SplitExamplesTest, TheSeedAloneDecides) {
  const auto labels = Labels({{"a", 40}, {"b", 40}});
  const auto first = SplitDistinct(labels, 0.2, 0.2, 1);
  const auto again = SplitDistinct(labels, 0.2, 0.2, 1);
  const auto other = SplitDistinct(labels, 0.2, 0.2, 2);
  ASSERT_TRUE(first.ok() && again.ok() && other.ok());
  EXPECT_EQ(first->test, again->test);
  EXPECT_EQ(first->validation, again->validation);
  EXPECT_NE(first->test, other->test);
}

TEST(SplitExamplesTest, DrawsEveryExampleAboutEquallyOften) {
  const auto labels = Labels({{"a", 10}, {"b", 10}});
  std::vector<int> drawn(20);
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const auto split = SplitDistinct(labels, 0, 0.2, seed);
    ASSERT_TRUE(split.ok()) << split.status();
    for (int i : split->test) ++drawn[i];
  }
  // 400 expected; 5 standard deviations are 90.
  for (int count : drawn) EXPECT_NEAR(count, 400, 90);
}

TEST(SplitExamplesTest, EqualExamplesOfALabelStayTogether) {
  const auto labels = Labels({{"a", 300}, {"b", 300}});
  std::vector<absl::string_view> contents;
  const std::vector<std::string> words = {
      "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"};
  for (size_t i = 0; i < labels.size(); ++i) {
    contents.push_back(words[i * i % words.size()]);
  }
  const auto groups = GroupExamples(labels, contents);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto split = SplitExamples(groups, 0.3, 0.2, seed);
    ASSERT_TRUE(split.ok()) << split.status();
    EXPECT_NEAR(split->test.size(), 120, 70) << seed;
    std::map<std::pair<std::string, absl::string_view>, int> parts;
    int part = 0;
    for (const auto* own : {&split->train, &split->validation, &split->test}) {
      for (int i : *own) {
        const auto [at, first] =
            parts.try_emplace({labels[i], contents[i]}, part);
        EXPECT_EQ(at->second, part) << i;
      }
      ++part;
    }
  }
}

TEST(SplitExamplesTest, WithoutTwoContentsOfALabelEqualOnesAreParted) {
  const std::vector<std::string> labels = {"a", "a", "a", "b", "b", "b"};
  const auto split = SplitExamples(
      GroupExamples(labels, {"x", "x", "x", "y", "y", "y"}), 0, 0.34, 0);
  ASSERT_TRUE(split.ok()) << split.status();
  EXPECT_EQ(split->test.size(), 2u);
  EXPECT_EQ(split->train.size(), 4u);
}

TEST(SplitExamplesTest, RefusesTooFewExamples) {
  EXPECT_THAT(
      std::string(SplitDistinct({"a", "b"}, 0.1, 0.1, 0).status().message()),
      HasSubstr("2 rows are too few"));
}

TEST(DistinctLabelsTest, AscendByBytes) {
  EXPECT_THAT(DistinctLabels({"sun", "Rain", "ß", "sun", "rain"}),
              ElementsAre("Rain", "rain", "sun", "ß"));
  EXPECT_THAT(DistinctLabels({}), IsEmpty());
}

}  // namespace
}  // namespace recur
