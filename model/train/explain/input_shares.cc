#include "model/train/explain/input_shares.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/types/span.h"
#include "model/train/explain/explainer.h"
#include "model/train/explain/question.h"

namespace recur {
namespace {

constexpr int kOrigins = 24;
constexpr int kExamples = 300;
constexpr double kNewest = 0.15;

using Influences = std::map<std::string, double>;

std::vector<InputShare> Shares(const Influences& influences) {
  double sum = 0.0;
  for (const auto& [name, influence] : influences) sum += influence;
  std::vector<InputShare> shares;
  for (const auto& [name, influence] : influences) {
    shares.push_back({name, sum > 0.0 ? influence / sum : 0.0});
  }
  std::stable_sort(shares.begin(), shares.end(),
                   [](const InputShare& a, const InputShare& b) {
                     return a.share > b.share;
                   });
  return shares;
}

absl::Status AddColumns(Explainer* explainer, const Question& question,
                        Influences* influences) {
  auto columns = explainer->ExplainColumns(question);
  if (!columns.ok()) return columns.status();
  const std::vector<std::string> names = explainer->ColumnNames();
  for (size_t i = 0; i < names.size(); ++i) {
    (*influences)[names[i]] += std::abs((*columns)[i]);
  }
  return absl::OkStatus();
}

// `count` numbers spread evenly over [begin, end), the last one included.
std::vector<int> Spread(int begin, int end, int count) {
  std::set<int> chosen;
  for (int i = 1; i <= count; ++i) {
    const int64_t width = end - begin;
    chosen.insert(begin + static_cast<int>(width * i / count) - 1);
  }
  chosen.erase(begin - 1);
  return {chosen.begin(), chosen.end()};
}

// The sequence `seen` with all that is asked about its end.
absl::Status AddForecasts(Explainer* explainer,
                          absl::Span<const Observation> seen, int targets,
                          int horizon, Influences* influences) {
  const Servable& model = explainer->servable();
  int refused = 0;
  auto question =
      QuestionAfter(model, seen, StepsToExplain(model.spec), &refused);
  if (!question.ok()) return question.status();
  for (int target = 0; target < targets; ++target) {
    for (int ahead : std::set<int>{1, (horizon + 1) / 2, horizon}) {
      question->target = target;
      question->ahead = ahead;
      if (auto s = AddColumns(explainer, *question, influences); !s.ok()) {
        return s;
      }
    }
  }
  return absl::OkStatus();
}

// From origins in the newest part of what the series has to train on.
absl::Status AddSeries(Explainer* explainer, const ForecastData& data,
                       const ForecastSeries& own, int origins,
                       Influences* influences) {
  std::vector<Observation> rows;
  for (int row = 0; row < own.train_rows(); ++row) {
    rows.push_back(own.At(row));
  }
  const int count = static_cast<int>(rows.size());
  const int first =
      std::min(count - 1, static_cast<int>((1.0 - kNewest) * count));
  for (int origin : Spread(first, count, origins)) {
    const absl::Status status = AddForecasts(
        explainer, absl::MakeConstSpan(rows).subspan(0, origin + 1),
        data.targets, data.horizon, influences);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status AddText(Explainer* explainer, const std::string& text,
                     Influences* influences) {
  const Servable& model = explainer->servable();
  Question question;
  question.tokens = model.tokenizer->Encode(text);
  if (question.tokens.empty()) return absl::OkStatus();
  auto explanation = explainer->Explain(question);
  if (!explanation.ok()) return explanation.status();
  const std::vector<std::string> units = SplitText(model.spec.text, text);
  for (size_t i = 0; i < units.size(); ++i) {
    (*influences)[units[i]] += std::abs(explanation->influence[i]);
  }
  return absl::OkStatus();
}

// After the last step, or, of a stream, after some.
absl::Status AddSequence(Explainer* explainer, const LabelledSequence& sequence,
                         bool stream, Influences* influences) {
  const Servable& model = explainer->servable();
  const size_t columns = model.spec.features.columns.size();
  std::vector<Observation> seen(sequence.values.size() / columns);
  for (size_t i = 0; i < seen.size(); ++i) {
    seen[i].values =
        absl::MakeConstSpan(sequence.values.data() + i * columns, columns);
    if (!sequence.times.empty()) seen[i].time_us = sequence.times[i];
  }
  const int count = static_cast<int>(seen.size());
  for (int last : Spread(0, count, stream ? std::min(count, kOrigins) : 1)) {
    int refused = 0;
    auto question =
        QuestionAfter(model, absl::MakeConstSpan(seen).subspan(0, last + 1),
                      StepsToExplain(model.spec), &refused);
    if (!question.ok()) return question.status();
    if (auto s = AddColumns(explainer, *question, influences); !s.ok()) {
      return s;
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<InputShare>> ForecastInputShares(
    const Model& model, const ForecastData& data) {
  auto explainer = Explainer::Create(model);
  if (!explainer.ok()) return explainer.status();
  const int series = static_cast<int>(data.series.size());
  const std::vector<int> chosen = Spread(0, series, std::min(series, kOrigins));
  const int origins = kOrigins / static_cast<int>(chosen.size());
  Influences influences;
  for (int index : chosen) {
    Influences own;
    const absl::Status status =
        AddSeries(&*explainer, data, data.series[index], origins, &own);
    if (!status.ok()) return status;
    for (const InputShare& input : Shares(own)) {
      influences[input.name] += input.share;
    }
  }
  return Shares(influences);
}

absl::StatusOr<std::vector<InputShare>> ClassifierInputShares(
    const Model& model, const ClassifyData& data) {
  auto explainer = Explainer::Create(model);
  if (!explainer.ok()) return explainer.status();
  Influences influences;
  const std::vector<int>& known = data.train.empty() ? data.test : data.train;
  const int count = static_cast<int>(known.size());
  for (int index : Spread(0, count, std::min(count, kExamples))) {
    const int example = known[index];
    const absl::Status status =
        data.is_text()
            ? AddText(&*explainer, data.texts[example].text, &influences)
            : AddSequence(&*explainer, data.sequences[example],
                          data.label_per_step, &influences);
    if (!status.ok()) return status;
  }
  return Shares(influences);
}

}  // namespace recur
