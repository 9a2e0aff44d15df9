#include "tests/sim/lab.h"

#include <stdlib.h>

#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "model/format/model_directory.h"
#include "model/network/random_weights.h"
#include "model/network/reference/reference_engine.h"
#include "server/lane/lane.h"
#include "tests/sim/dice.h"
#include "tests/unit/server/accumulator_model.h"

namespace recur::sim {
namespace {

// Of the sums of a later version.
constexpr double kFactor = 3;

Model SumModel(int64_t version) {
  Model model = AccumulatorModel(1);
  if (version == Lab::kLatest) {
    model.weights["layers.0.forward.weight_input"].values = {kFactor};
  }
  return model;
}

Model LstmModel(int64_t version) {
  Model model = AccumulatorModel(1);
  NetworkSpec& network = model.spec.network;
  network.cell = {.kind = CellKind::kLstm};
  network.hidden_size = 4;
  network.decoder_size = 3;
  model.weights =
      RandomWeights(network, static_cast<uint64_t>(version) + 40, 0.8f);
  return model;
}

class LastAnswer : public ItemSink {
 public:
  void ItemsDone(const std::shared_ptr<ItemBatch>& batch,
                 absl::Span<const uint32_t> /*indices*/) override {
    value = std::get<Forecast>(*batch->results[0].answer).point[0];
  }
  double value = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Lab>> Lab::Create() {
  std::unique_ptr<Lab> lab(new Lab);
  std::string name =
      (std::filesystem::temp_directory_path() / "recur_sim_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    return absl::InternalError(absl::StrCat("cannot make ", name));
  }
  lab->root_ = name;
  for (int64_t version = 1; version <= kLatest; ++version) {
    const std::string number = absl::StrCat(version);
    for (const auto& [model, of] :
         {std::make_pair(SumModel(version), NameOf(ModelKind::kSum)),
          std::make_pair(LstmModel(version), NameOf(ModelKind::kLstm))}) {
      auto written = WriteModel(model, lab->root_ / of / number);
      if (!written.ok()) return written;
    }
  }
  auto repository =
      Repository::Create({.root = lab->root_,
                          .all_versions = true,
                          .max_batch_rows = 4,
                          .create_engine = CreateReferenceEngine});
  if (!repository.ok()) return repository.status();
  lab->repository_ = *std::move(repository);
  lab->repository_->Poll();
  return lab;
}

Lab::~Lab() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

double Lab::Value(ModelKind kind, int sequence, uint64_t step) {
  Dice dice(static_cast<uint64_t>(sequence) * 1'000'003 + step);
  const double value = static_cast<double>(dice.Below(16) + 1);
  return kind == ModelKind::kSum ? value : value / 8 - 1;
}

double Lab::Answer(ModelKind kind, int64_t version, int sequence,
                   uint64_t steps) {
  if (kind == ModelKind::kLstm) return LstmAnswers(version, sequence)[steps];
  double sum = 0;
  for (uint64_t step = 1; step <= steps; ++step) {
    sum += Value(kind, sequence, step);
  }
  return version == kLatest ? kFactor * sum : sum;
}

const std::vector<double>& Lab::LstmAnswers(int64_t version, int sequence) {
  std::vector<double>& answers = lstm_answers_[{version, sequence}];
  if (!answers.empty()) return answers;
  const TimePoint now{std::chrono::hours(1)};
  Lane lane({});
  auto model = repository_->Find(NameOf(ModelKind::kLstm), version);
  auto opened = lane.Open(
      OpenRequest{
          .id = "alone", .model = *model, .idle_ttl = std::chrono::hours(1)},
      now);
  auto last = std::make_shared<LastAnswer>();
  for (uint64_t step = 0; step <= kSteps; ++step) {
    auto batch = std::make_shared<ItemBatch>();
    batch->items.push_back({.session = opened->record,
                            .steps = step == 0 ? 0 : 1,
                            .want = Want::kForecast});
    if (step > 0) batch->values = {Value(ModelKind::kLstm, sequence, step)};
    batch->sink = last;
    if (!batch->Seal().ok()) std::abort();
    const uint32_t first = 0;
    lane.Submit(batch, {&first, 1}, now);
    while (lane.Tick(now)) {
    }
    answers.push_back(last->value);
  }
  return answers;
}

}  // namespace recur::sim
