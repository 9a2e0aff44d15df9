#include "model/train/random_search.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/str_format.h"

namespace recur {
namespace {

constexpr int kHidden[] = {16, 24, 32, 48, 64, 96, 128};
constexpr int kLayers[] = {1, 1, 2};  // one is right more often
constexpr double kDropout[] = {0.0, 0.1, 0.2, 0.3, 0.4, 0.5};
constexpr double kRateFactor = 4.0;
constexpr int kMaxTrials = 1000;

template <typename T, size_t kCount>
T OneOf(const T (&values)[kCount], Random* random) {
  return values[random->Below(kCount)];
}

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::string Candidate::Text() const {
  return absl::StrFormat("hidden %d, layers %d, rate %.2g, dropout %g", hidden,
                         layers, learning_rate, dropout);
}

Candidate DrawCandidate(const Candidate& first, Random* random) {
  Candidate drawn;
  drawn.hidden = OneOf(kHidden, random);
  drawn.layers = OneOf(kLayers, random);
  drawn.learning_rate = first.learning_rate *
                        std::pow(kRateFactor, 2.0 * random->Uniform() - 1.0);
  drawn.dropout = OneOf(kDropout, random);
  return drawn;
}

absl::StatusOr<SearchResult> SearchCandidates(
    const Candidate& first, const SearchOptions& options,
    absl::FunctionRef<absl::StatusOr<double>(const Candidate&)> evaluate) {
  SearchResult result{first};
  Random random(options.seed);
  Candidate candidate = first;
  double to_beat = std::numeric_limits<double>::infinity();
  size_t best = 0;
  const auto start = options.clock();
  while (result.trials.size() < kMaxTrials) {
    const auto began = options.clock();
    auto error = evaluate(candidate);
    const bool diverged =
        absl::IsInternal(error.status()) && !result.trials.empty();
    if (!error.ok() && !diverged) return error.status();
    const double own =
        diverged ? std::numeric_limits<double>::infinity() : *error;
    const auto now = options.clock();
    result.trials.push_back({candidate.Text(), own, Seconds(now - began)});
    if (own < to_beat) {
      best = result.trials.size() - 1;
      result.best = candidate;
      // The first one has to be beaten clearly, any other just beaten.
      to_beat = best == 0 ? own * (1.0 - options.least_gain) : own;
    }
    const double passed = Seconds(now - start);
    const double next = passed / static_cast<double>(result.trials.size());
    if (options.stop() || passed + next > options.budget.count()) break;
    candidate = DrawCandidate(first, &random);
  }
  result.trials[best].chosen = true;
  return result;
}

std::string TrialsText(const std::vector<Trial>& trials) {
  std::vector<Trial> sorted = trials;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Trial& a, const Trial& b) {
                     return a.validation < b.validation;
                   });
  std::string text =
      absl::StrFormat("  %-48s %10s %8s\n", "tried", "validation", "seconds");
  for (const Trial& trial : sorted) {
    absl::StrAppendFormat(&text, "%c %-48s %10.4f %8.1f\n",
                          trial.chosen ? '*' : ' ', trial.settings,
                          trial.validation, trial.seconds);
  }
  return text;
}

}  // namespace recur
