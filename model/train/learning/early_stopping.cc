#include "model/train/learning/early_stopping.h"

#include <cmath>

namespace recur {
namespace {

constexpr int kFirstLook = 8;

}  // namespace

std::vector<int> ValidationSteps(int cap, int points) {
  std::vector<int> steps;
  for (int j = 1; j < points; ++j) {
    const int step = static_cast<int>(
        std::lround(cap * std::pow(static_cast<double>(j) / points, 1.5)));
    const int least = steps.empty() ? kFirstLook : steps.back() + 1;
    if (step >= least && step < cap) steps.push_back(step);
  }
  steps.push_back(cap);
  return steps;
}

bool EarlyStopping::Add(int step, double error) {
  last_step_ = step;
  if (!(error < best_error_)) {
    ++since_best_;
    return false;
  }
  since_best_ = 0;
  best_step_ = step;
  best_error_ = error;
  return true;
}

}  // namespace recur
