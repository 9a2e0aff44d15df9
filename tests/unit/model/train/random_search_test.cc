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
  const auto result = SearchCandidates(
      first, trials.Options(45.0), [&](const Candidate& c, int /*part*/) {
        return trials.Run(c, c == first ? 1.0 : 2.0);
      });
  ASSERT_TRUE(result.ok()) << result.status();
  // On each of the three parts, and one other on the first part.
  ASSERT_EQ(trials.seen.size(), 4u);
  EXPECT_EQ(trials.seen[0], first);
  EXPECT_EQ(trials.seen[2], first);
  EXPECT_EQ(result->trials.size(), 2u);
  EXPECT_EQ(result->best, first);
  EXPECT_TRUE(result->trials[0].chosen);
}

TEST(RandomSearchTest, TheFirstIsTriedWhateverTheBudget) {
  Trials trials;
  const auto result = SearchCandidates(
      {}, trials.Options(0.0),
      [&](const Candidate& c, int /*part*/) { return trials.Run(c, 1.0); });
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->trials.size(), 1u);
}

TEST(RandomSearchTest, KeepsTheLowestError) {
  Trials trials;
  const auto error = [](const Candidate& c) {
    return std::abs(c.hidden - 64) + 1.0;
  };
  const auto result = SearchCandidates({}, trials.Options(1000.0),
                                       [&](const Candidate& c, int /*part*/) {
                                         return trials.Run(c, error(c));
                                       });
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->best.hidden, 64);
  EXPECT_THAT(TrialsText(result->trials), HasSubstr("* hidden 64"));
}

TEST(RandomSearchTest, AHairsBreadthIsNoGain) {
  Trials trials;
  const auto result = SearchCandidates(
      {}, trials.Options(1000.0), [&](const Candidate& c, int /*part*/) {
        return trials.Run(c, c == Candidate() ? 1.0 : 0.995);
      });
  EXPECT_EQ(result->best, Candidate());
}

TEST(RandomSearchTest, LuckOnOnePartIsNotEnough) {
  Trials trials;
  const auto result = SearchCandidates(
      {}, trials.Options(1000.0), [&](const Candidate& c, int part) {
        // Much better on the first part, worse on the others.
        const double luck = part == 0 ? 0.5 : 1.4;
        return trials.Run(c, c == Candidate() ? 1.0 : luck);
      });
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->best, Candidate());
  EXPECT_TRUE(result->trials[0].chosen);
  // The mean over the three parts, by which each was given up.
  EXPECT_NEAR(result->trials[1].validation, 3.3 / 3.0, 1e-9);
}

TEST(RandomSearchTest, OneThatIsWorseOnTheFirstPartIsNotTriedOnOthers) {
  Trials trials;
  // The first part is twice as hard as the others.
  const auto result = SearchCandidates(
      {}, trials.Options(1000.0), [&](const Candidate& c, int part) {
        const double error = part == 0 ? 2.0 : 1.0;
        return trials.Run(c, c == Candidate() ? error : 1.5 * error);
      });
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(trials.seen.size(), 2 + result->trials.size());
  EXPECT_NEAR(result->trials[0].validation, 4.0 / 3.0, 1e-9);
  EXPECT_NEAR(result->trials[1].validation, 2.0, 1e-9);
}

TEST(RandomSearchTest, PartsWhereTheFirstOneCannotBeJudgedAreLeftOut) {
  for (const absl::Status& status : {absl::InvalidArgumentError("too few rows"),
                                     absl::InternalError("diverged")}) {
    Trials trials;
    const auto result = SearchCandidates(
        {}, trials.Options(200.0),
        [&](const Candidate& c, int part) -> absl::StatusOr<double> {
          if (part > 0) return status;
          return trials.Run(c, c.hidden == 64 ? 0.5 : 1.0);
        });
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->trials[0].validation, 1.0) << status;
    EXPECT_EQ(result->best.hidden, 64) << status;
  }
}

TEST(RandomSearchTest, TheSeedGivesTheOrder) {
  Trials one;
  Trials same;
  Trials other;
  const auto run = [](Trials* trials, uint64_t seed) {
    EXPECT_TRUE(SearchCandidates({}, trials->Options(100.0, seed),
                                 [&](const Candidate& c, int /*part*/) {
                                   return trials->Run(c, 1.0);
                                 })
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
  auto result = SearchCandidates(
      {}, trials.Options(100.0),
      [&](const Candidate& c, int /*part*/) -> absl::StatusOr<double> {
        const auto error = trials.Run(c, 1.0);
        if (trials.seen.size() == 4) return absl::InternalError("diverged");
        return error;
      });
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(std::isinf(result->trials[1].validation));
  result = SearchCandidates(
      {}, trials.Options(100.0), [](const Candidate&, int /*part*/) {
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
