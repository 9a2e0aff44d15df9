#include "tests/chaos/chaos_models.h"

#include <bit>

#include "model/format/model_directory.h"
#include "tests/bench/models.h"
#include "tests/unit/server/accumulator_model.h"

namespace recur::chaos {
namespace {

constexpr int kHidden = 32;
// FNV-1a's prime and offset, over words.
constexpr uint64_t kPrime = 0x100000001b3;
constexpr uint64_t kOffset = 0xcbf29ce484222325;

double ValueOf(int session, uint64_t step, int column) {
  const auto mixed = step * 5 + static_cast<uint64_t>(session) * 3 +
                     static_cast<uint64_t>(column) * step;
  return static_cast<double>(mixed % 9);
}

uint64_t Mixed(uint64_t digest, const std::vector<double>& values) {
  for (const double value : values) {
    digest = (digest ^ std::bit_cast<uint64_t>(value)) * kPrime;
    digest ^= digest >> 32;
  }
  return digest;
}

}  // namespace

const char* NameOf(ModelKind model) {
  return model == ModelKind::kAccumulator ? "accumulator" : "lstm";
}

absl::Status WriteModels(const std::filesystem::path& repository) {
  absl::Status status = WriteModel(
      AccumulatorModel(1), repository / NameOf(ModelKind::kAccumulator) / "1");
  if (!status.ok()) return status;
  return WriteModel(BenchForecaster({.kind = CellKind::kLstm}, kHidden),
                    repository / NameOf(ModelKind::kLstm) / "1");
}

std::vector<double> ObservationOf(ModelKind model, int session, uint64_t step) {
  const int columns = model == ModelKind::kAccumulator ? 1 : kBenchInputs;
  std::vector<double> values;
  for (int column = 0; column < columns; ++column) {
    values.push_back(ValueOf(session, step, column));
  }
  return values;
}

uint64_t BitsOf(const client::Forecast& forecast) {
  if (forecast.point.size() == 1) {
    return std::bit_cast<uint64_t>(forecast.point[0]);
  }
  return Mixed(Mixed(kOffset, forecast.point), forecast.quantiles);
}

std::vector<uint64_t> SumsOf(int session, uint64_t steps) {
  std::vector<uint64_t> sums;
  double sum = 0;
  for (uint64_t step = 1; step <= steps; ++step) {
    sum += ValueOf(session, step, 0);
    sums.push_back(std::bit_cast<uint64_t>(sum));
  }
  return sums;
}

}  // namespace recur::chaos
