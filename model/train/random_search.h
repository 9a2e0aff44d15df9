// Tries settings of a network within a time budget and keeps the one that does
// best on several validation parts. Random search (Bergstra and Bengio 2012):
// each setting is drawn by itself, so that any number of them is a fair sample.
//
// The first is always the one given: what comes out is never worse on the
// validation parts. One that does no better on the first part is not tried on
// the others, in the manner of a race (Maron and Moore 1994). The order follows
// from the seed; only how far it comes depends on the machine. What is tried
// never sees the test part.
#ifndef RECUR_MODEL_TRAIN_RANDOM_SEARCH_H_
#define RECUR_MODEL_TRAIN_RANDOM_SEARCH_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "model/train/learning/random.h"
#include "model/train/report/report.h"

namespace recur {

// What is searched over.
struct Candidate {
  int hidden = 48;
  int layers = 1;
  double learning_rate = 4e-3;
  double dropout = 0.3;

  std::string Text() const;  // "hidden 48, layers 1, rate 0.004, dropout 0.3"

  friend bool operator==(const Candidate&, const Candidate&) = default;
};

// Another one around `first`: a size of 16 to 128, one or two layers, a rate
// within a factor of 4 of its, a dropout of 0 to 0.5.
Candidate DrawCandidate(const Candidate& first, Random* random);

struct SearchOptions {
  std::chrono::duration<double> budget{0.0};
  uint64_t seed = 0;
  // Validation parts that one must be better on; without those from one on
  // which the first one cannot be trained (too few rows) or diverges.
  int parts = 3;
  // Part of the first one's error that another must save to be chosen: many
  // that are tried find luck too.
  double least_gain = 0.02;
  std::function<std::chrono::steady_clock::time_point()> clock =
      std::chrono::steady_clock::now;
  // Whether to stop before the time is over.
  std::function<bool()> stop = [] { return false; };
};

struct SearchResult {
  Candidate best;
  // In the order in which they were tried. Their errors are those that the
  // first one would have had on all parts, if it had been as much better or
  // worse on those where they were tried.
  std::vector<Trial> trials;
};

// Trains and returns the error on a validation part, 0 to parts - 1.
using EvaluateCandidate =
    absl::FunctionRef<absl::StatusOr<double>(const Candidate&, int part)>;

// Evaluates one candidate after the other, until the next evaluation would
// probably exceed the budget: it is taken to last as long as those before did
// on average. One that diverges (INTERNAL) is the worst; any other error ends
// the search. The first one's error, of whatever kind, is returned.
absl::StatusOr<SearchResult> SearchCandidates(const Candidate& first,
                                              const SearchOptions& options,
                                              EvaluateCandidate evaluate);

// A table of what was tried, the best first: for people.
std::string TrialsText(const std::vector<Trial>& trials);

}  // namespace recur

#endif  // RECUR_MODEL_TRAIN_RANDOM_SEARCH_H_
