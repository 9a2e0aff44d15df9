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
constexpr double kWorst = std::numeric_limits<double>::infinity();

template <typename T, size_t kCount>
T OneOf(const T (&values)[kCount], Random* random) {
  return values[random->Below(kCount)];
}

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// A candidate's errors on the parts where it was tried, from the first part on.
struct Tried {
  Candidate candidate;
  std::vector<double> errors;
  double seconds = 0.0;

  double MeanOf(size_t parts) const {
    double sum = 0.0;
    for (size_t i = 0; i < parts; ++i) sum += errors[i];
    return sum / static_cast<double>(parts);
  }
};

class Search {
 public:
  Search(const SearchOptions& options, EvaluateCandidate evaluate)
      : options_(options), evaluate_(evaluate), start_(options.clock()) {}

  bool HasTime() const {
    if (evaluations_ == 0) return true;
    const double passed = Seconds(options_.clock() - start_);
    return !options_.stop() &&
           passed + passed / evaluations_ <= options_.budget.count();
  }

  // On one part after the other, as long as there is time and its mean is below
  // `share` of that of `to_beat` on the same parts.
  absl::StatusOr<Tried> Try(const Candidate& candidate, const Tried* to_beat,
                            double share) {
    Tried tried{candidate};
    const auto began = options_.clock();
    const int parts = to_beat == nullptr
                          ? options_.parts
                          : static_cast<int>(to_beat->errors.size());
    for (int part = 0; part < parts && (part == 0 || HasTime()); ++part) {
      auto error = evaluate_(candidate, part);
      if (absl::IsInternal(error.status()) && evaluations_ > 0) error = kWorst;
      const bool few = absl::IsInvalidArgument(error.status());
      const bool none = few || (error.ok() && !std::isfinite(*error));
      if (to_beat == nullptr && part > 0 && none) break;
      if (!error.ok()) return error.status();
      ++evaluations_;
      tried.errors.push_back(*error);
      if (to_beat != nullptr && !Beats(tried, *to_beat, share)) break;
    }
    tried.seconds = Seconds(options_.clock() - began);
    return tried;
  }

  static bool Beats(const Tried& tried, const Tried& other, double share) {
    const size_t parts = tried.errors.size();
    return tried.MeanOf(parts) < share * other.MeanOf(parts);
  }

 private:
  const SearchOptions& options_;
  EvaluateCandidate evaluate_;
  std::chrono::steady_clock::time_point start_;
  int evaluations_ = 0;
};

Trial TrialOf(const Tried& tried, const Tried& first) {
  const size_t parts = tried.errors.size();
  const double ratio = tried.MeanOf(parts) / first.MeanOf(parts);
  return {tried.candidate.Text(), ratio * first.MeanOf(first.errors.size()),
          tried.seconds};
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

absl::StatusOr<SearchResult> SearchCandidates(const Candidate& first,
                                              const SearchOptions& options,
                                              EvaluateCandidate evaluate) {
  Search search(options, evaluate);
  auto given = search.Try(first, nullptr, 1.0);
  if (!given.ok()) return given.status();
  SearchResult result{first, {TrialOf(*given, *given)}};
  Random random(options.seed);
  Tried best = *given;
  size_t chosen = 0;
  while (result.trials.size() < kMaxTrials && search.HasTime()) {
    // The first one has to be beaten clearly, any other just beaten.
    const double share = chosen == 0 ? 1.0 - options.least_gain : 1.0;
    auto tried = search.Try(DrawCandidate(first, &random), &best, share);
    if (!tried.ok()) return tried.status();
    result.trials.push_back(TrialOf(*tried, *given));
    const bool whole = tried->errors.size() == best.errors.size();
    if (!whole || !Search::Beats(*tried, best, share)) continue;
    chosen = result.trials.size() - 1;
    result.best = tried->candidate;
    best = *std::move(tried);
  }
  result.trials[chosen].chosen = true;
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
