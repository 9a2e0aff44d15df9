#include "tests/bench/core_rates.h"

#include "tests/bench/fma_peak.h"

namespace recur {
namespace {

using Clock = std::chrono::steady_clock;

// Threads are told a moment ahead, so that they begin together.
constexpr auto kLead = std::chrono::microseconds(500);

// `portion` from begin to end; what it returns, per second.
template <typename Portion>
double RateOf(const Portion& portion, Clock::time_point begin,
              Clock::time_point end) {
  while (Clock::now() < begin) {
  }
  double done = 0;
  Clock::time_point now = Clock::now();
  const Clock::time_point began = now;
  while (now < end) {
    done += portion();
    now = Clock::now();
  }
  return done / std::chrono::duration<double>(now - began).count();
}

}  // namespace

absl::StatusOr<std::unique_ptr<CoreRates>> CoreRates::Create(
    const std::shared_ptr<const Engine>& engine, const std::vector<int>& cpus,
    const EngineLoad::Options& options) {
  std::unique_ptr<CoreRates> rates(new CoreRates);
  for (const int cpu : cpus) {
    auto core = std::make_unique<Core>(cpu);
    absl::Status status;
    core->thread.Start([&] {
      auto load = EngineLoad::Create(engine, options);
      status = load.status();
      if (load.ok()) core->load = *std::move(load);
    });
    core->thread.Wait();
    if (!status.ok()) return status;
    rates->cores_.push_back(std::move(core));
  }
  return rates;
}

// A workspace belongs to its thread, to the end.
CoreRates::~CoreRates() {
  for (const auto& core : cores_) {
    core->thread.Start([&core] { core->load.reset(); });
    core->thread.Wait();
  }
}

std::vector<double> CoreRates::Measure(CoreWork work,
                                       const std::vector<int>& chosen,
                                       std::chrono::milliseconds window) {
  const auto begin = Clock::now() + kLead;
  const auto end = begin + window;
  for (const int index : chosen) {
    Core* core = cores_[index].get();
    core->thread.Start([=] {
      core->rate =
          work == CoreWork::kMultiplyAdd
              ? RateOf(RunFmaPortion, begin, end)
              : RateOf([core] { return core->load->StepBatch(); }, begin, end);
    });
  }
  std::vector<double> rates;
  for (const int index : chosen) {
    cores_[index]->thread.Wait();
    rates.push_back(cores_[index]->rate);
  }
  return rates;
}

}  // namespace recur
