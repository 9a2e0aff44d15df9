// What came of many seeds.
#ifndef RECUR_TESTS_SIM_REPORT_H_
#define RECUR_TESTS_SIM_REPORT_H_

#include <array>
#include <cstdint>
#include <string>

#include "tests/sim/plan.h"
#include "tests/sim/simulation.h"

namespace recur::sim {

class Report {
 public:
  void Add(const Plan& plan, const Outcome& outcome);

  int64_t seeds() const { return seeds_; }
  int64_t violations() const { return violations_; }

  // A table for people.
  std::string Text(double seconds) const;
  // sim_seeds, sim_violations, faults_by_kind and the like.
  std::string Json(double seconds) const;

 private:
  int64_t seeds_ = 0;
  int64_t calm_ = 0;  // seeds without faults
  int64_t violations_ = 0;
  int64_t observations_ = 0;
  int64_t answers_ = 0;
  int64_t events_ = 0;
  double virtual_seconds_ = 0;
  uint64_t digest_ = 0;
  std::array<int64_t, kFaultKinds> planned_{};
  std::array<int64_t, kFaultKinds> fired_{};
};

// A violation as it is told: the seed, what must not be, and why it came.
std::string Describe(const Plan& shortest, const Violation& violation);

}  // namespace recur::sim

#endif  // RECUR_TESTS_SIM_REPORT_H_
