#include "model/train/random_search.h"

#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace recur {
namespace {

using testing::HasSubstr;

// Each trial lasts ten seconds of this clock.
struct Trials {
  std::chrono::steady_clock::time_point now{};
  std::vector<Candidate> seen;

  SearchOptions Options(double budget, uint64_t seed = 1) {
    SearchOptions options;
    options.budget = std::chrono::duration<double>(budget);
    options.seed = seed;
    options.clock = [this] { return now; };
    return options;
  }
  absl::StatusOr<double> Run(const Candidate& candidate, double error) {
    now += std::chrono::seconds(10);
    seen.push_back(candidate);
    return error;
  }
};

TEST(RandomSearchTest, TriesTheFirstFirstAndAsManyAsFit) {
  Trials trials;
  const Candidate first{20, 1, 0.01, 0.25};
  const auto result =
      SearchCandidates(first, trials.Options(45.0), [&](const Candidate& c) {
        return trials.Run(c, c == first ? 1.0 : 2.0);
      });
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(trials.seen.size(), 4u);
  EXPECT_EQ(trials.seen[0], first);
  EXPECT_EQ(result->best, first);
  EXPECT_TRUE(result->trials[0].chosen);
}

TEST(RandomSearchTest, TheFirstIsTriedWhateverTheBudget) {
  Trials trials;
  const auto result =
      SearchCandidates({}, trials.Options(0.0),
                       [&](const Candidate& c) { return trials.Run(c, 1.0); });
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->trials.size(), 1u);
}

TEST(RandomSearchTest, KeepsTheLowestError) {
  Trials trials;
  const auto error = [](const Candidate& c) {
    return std::abs(c.hidden - 64) + 1.0;
  };
  const auto result = SearchCandidates(
      {}, trials.Options(1000.0),
      [&](const Candidate& c) { return trials.Run(c, error(c)); });
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->best.hidden, 64);
  EXPECT_THAT(TrialsText(result->trials), HasSubstr("* hidden 64"));
}

TEST(RandomSearchTest, AHairsBreadthIsNoGain) {
  Trials trials;
  const auto result =
      SearchCandidates({}, trials.Options(1000.0), [&](const Candidate& c) {
        return trials.Run(c, trials.seen.empty() ? 1.0 : 0.995);
      });
  EXPECT_EQ(result->best, Candidate());
}

TEST(RandomSearchTest, TheSeedGivesTheOrder) {
  Trials one;
  Trials same;
  Trials other;
  const auto run = [](Trials* trials, uint64_t seed) {
    EXPECT_TRUE(SearchCandidates(
                    {}, trials->Options(100.0, seed),
                    [&](const Candidate& c) { return trials->Run(c, 1.0); })
                    .ok());
  };
  run(&one, 1);
  run(&same, 1);
  run(&other, 2);
  EXPECT_EQ(one.seen, same.seen);
  EXPECT_NE(one.seen, other.seen);
}

TEST(RandomSearchTest, OneThatDivergesIsTheWorstAndOtherErrorsEnd) {
  Trials trials;
  auto result =
      SearchCandidates({}, trials.Options(100.0),
                       [&](const Candidate& c) -> absl::StatusOr<double> {
                         const auto error = trials.Run(c, 1.0);
                         if (trials.seen.size() == 2)
                           return absl::InternalError("diverged");
                         return error;
                       });
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(std::isinf(result->trials[1].validation));
  result = SearchCandidates({}, trials.Options(100.0), [](const Candidate&) {
    return absl::StatusOr<double>(absl::InvalidArgumentError("no rows"));
  });
  EXPECT_EQ(result.status().message(), "no rows");
}

TEST(RandomSearchTest, DrawsStayInTheirRanges) {
  Random random(5);
  const Candidate first{48, 1, 0.004, 0.3};
  for (int i = 0; i < 1000; ++i) {
    const Candidate drawn = DrawCandidate(first, &random);
    EXPECT_GE(drawn.hidden, 16);
    EXPECT_LE(drawn.hidden, 128);
    EXPECT_GE(drawn.learning_rate, 0.001);
    EXPECT_LE(drawn.learning_rate, 0.016);
    EXPECT_LE(drawn.dropout, 0.5);
  }
}

}  // namespace
}  // namespace recur
