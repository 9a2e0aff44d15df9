// Check, Apply and Future run for every observation of every session: they
// must not touch the heap. This file counts all allocations of the program,
// which a sanitizer would not let it do.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <new>

#include "model/features/features.h"

namespace {
thread_local int64_t allocations = 0;
}  // namespace

// Not inlined: the compiler would otherwise pair this malloc with its own
// idea of delete and warn.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace recur {
namespace {

TEST(AllocationTest, CountsAllocations) {
  const int64_t before = allocations;
  int* volatile kept = new int(1);  // volatile: not optimized away
  delete kept;
  EXPECT_EQ(allocations, before + 1);
}

TEST(AllocationTest, ObservingAndLookingAheadAllocateNothing) {
  FeatureSpec spec;
  spec.columns = {{.name = "y", .may_be_missing = true},
                  {.name = "planned", .known_ahead = true}};
  spec.targets = {0};
  spec.output_scale = {1.0};
  spec.interval = std::chrono::hours(1);
  spec.max_gap_intervals = 3;
  spec.calendar = {
      .day_harmonics = 2, .week_harmonics = 1, .year_harmonics = 3};
  spec.changes = true;
  spec.seasons = {24, 168};
  spec.season_values = 2;
  spec.running_scale = true;
  spec.anchor = Anchor::kLast;
  spec.autoregression = {.lags = 30, .year_harmonics = 2};
  const TensorShape shape = FeatureWeightShapes(spec, 7)[0];
  const Features features = *Features::Create(
      spec,
      {{shape.name,
        {shape.dims, std::vector<float>(ElementCount(shape.dims), 0.1f)}}});
  FeatureState state = features.InitialState();
  std::vector<float> inputs(3 * features.input_size());
  std::vector<float> rows(7 * features.future_size());
  std::vector<double> values = {1.0, 2.0};
  std::vector<double> known(7, 2.0);

  const int64_t before = allocations;
  int64_t hours = 0;
  int failed = 0;
  for (int step = 0; step < 500; ++step) {
    hours += step % 10 == 0 ? 3 : 1;
    values[0] = step % 7 == 0 ? std::numeric_limits<double>::quiet_NaN() : step;
    const Observation observation{values, hours * 3600 * 1000000};
    const auto advance =
        features.Check(observation, state.last_time_us, "model");
    failed += !advance.ok() || !features.CheckKnown(7, known, "model").ok();
    features.Apply(observation, *advance, &state, inputs.data());
    features.Future(state, 7, known, rows.data());
  }
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(failed, 0);
}

}  // namespace
}  // namespace recur

#endif  // no sanitizer
