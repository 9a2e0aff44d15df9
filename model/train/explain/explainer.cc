#include "model/train/explain/explainer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "model/network/onednn/onednn_trainable_network.h"
#include "model/train/explain/explained_answer.h"
#include "model/train/learning/serve_model.h"

namespace recur {

// What the features make of a question from one of its steps on.
struct Explainer::Walk {
  std::vector<float> inputs;         // [network steps, input_size]
  std::vector<float> future;         // [horizon, future_size]
  std::vector<FeatureState> states;  // before each step, and after the last
  std::vector<int> starts;           // network step with which each begins
};

// A question answered, and the answer's gradient.
struct Explainer::Gradient {
  Walk walk;
  std::vector<float> outputs;
  InputGradients by;
  double answer = 0.0;
  int label = -1;
};

namespace {

constexpr char kCalendar[] = "calendar";

int ColumnCount(const Servable& model) {
  return static_cast<int>(model.spec.features.columns.size());
}

Observation At(const Question& question, int columns, int step) {
  Observation observation;
  observation.values = absl::MakeConstSpan(
      question.values.data() + static_cast<size_t>(step) * columns, columns);
  if (!question.times.empty()) observation.time_us = question.times[step];
  return observation;
}

int StepCount(const Servable& model, const Question& question) {
  if (model.spec.takes_text) return static_cast<int>(question.tokens.size());
  return static_cast<int>(question.values.size()) / ColumnCount(model);
}

double Product(absl::Span<const float> gradient, absl::Span<const float> with,
               absl::Span<const float> without) {
  double sum = 0.0;
  for (size_t i = 0; i < gradient.size(); ++i) {
    sum += double{gradient[i]} * (double{with[i]} - without[i]);
  }
  return sum;
}

}  // namespace

Explainer::Explainer(Servable servable, Weights weights,
                     std::unique_ptr<TrainableNetwork> network)
    : servable_(std::move(servable)),
      weights_(std::move(weights)),
      network_(std::move(network)) {}

absl::StatusOr<Explainer> Explainer::Create(const Model& model) {
  auto servable = ServeModel(model);
  if (!servable.ok()) return servable.status();
  auto network =
      CreateOnednnTrainableNetwork(model.spec.network, model.weights);
  if (!network.ok()) return network.status();
  return Explainer(*std::move(servable), model.weights, *std::move(network));
}

std::vector<std::string> Explainer::ColumnNames() const {
  if (servable_.spec.takes_text) return {"text"};
  std::vector<std::string> names;
  for (const Column& column : servable_.spec.features.columns) {
    names.push_back(column.name);
  }
  if (servable_.spec.features.calendar.Any()) names.push_back(kCalendar);
  return names;
}

int Explainer::value_columns() const {
  return servable_.spec.takes_text ? 1 : ColumnCount(servable_);
}

void Explainer::Remove(int step, int column, Question* question) const {
  if (servable_.spec.takes_text) {
    question->tokens[step] = 0;
    return;
  }
  question
      ->values[static_cast<size_t>(step) * ColumnCount(servable_) + column] =
      question->baseline[column];
}

absl::StatusOr<Explainer::Walk> Explainer::WalkFrom(
    const Question& question, int first, const FeatureState& before) const {
  const Features& features = servable_.features;
  Walk walk;
  walk.states.push_back(before);
  const int steps = StepCount(servable_, question);
  for (int step = first; step < steps; ++step) {
    const Observation observation = At(question, ColumnCount(servable_), step);
    FeatureState state = walk.states.back();
    auto advance =
        features.Check(observation, state.last_time_us, servable_.name);
    if (!advance.ok()) {
      return absl::Status(
          advance.status().code(),
          absl::StrCat("step ", step + 1, ": ", advance.status().message()));
    }
    const size_t done = walk.inputs.size();
    walk.starts.push_back(static_cast<int>(done) / features.input_size());
    walk.inputs.resize(done + static_cast<size_t>(advance->intervals) *
                                  features.input_size());
    features.Apply(observation, *advance, &state, walk.inputs.data() + done);
    walk.states.push_back(std::move(state));
  }
  const int horizon = servable_.spec.network.horizon;
  walk.future.resize(static_cast<size_t>(horizon) * features.future_size());
  if (horizon > 0) {
    features.Future(walk.states.back(), horizon, {}, walk.future.data());
  }
  return walk;
}

SequenceBatch Explainer::BatchOf(const Question& question,
                                 const Walk& walk) const {
  const NetworkSpec& network = servable_.spec.network;
  SequenceBatch batch;
  batch.rows = 1;
  batch.inputs = walk.inputs;
  batch.tokens = question.tokens;
  batch.future = walk.future;
  batch.steps = static_cast<int>(network.vocabulary_size > 0
                                     ? question.tokens.size()
                                     : walk.inputs.size() / network.input_size);
  batch.lengths = {batch.steps};
  batch.points = {{batch.steps - 1, 0}};
  return batch;
}

absl::StatusOr<Explainer::Gradient> Explainer::Differentiate(
    const Question& question) {
  if (StepCount(servable_, question) == 0) {
    return absl::InvalidArgumentError("there is no step to explain");
  }
  Gradient gradient;
  if (!servable_.spec.takes_text) {
    auto walk = WalkFrom(question, 0, question.before);
    if (!walk.ok()) return walk.status();
    gradient.walk = *std::move(walk);
  }
  absl::Status status = network_->Forward(BatchOf(question, gradient.walk), {},
                                          &gradient.outputs);
  if (!status.ok()) return status;
  std::vector<float> d_outputs;
  if (servable_.spec.task == Task::kForecast) {
    const FeatureState& state = gradient.walk.states.back();
    gradient.answer =
        ForecastNumber(servable_, question, state, gradient.outputs);
    d_outputs = ForecastGradient(servable_, question, state, gradient.outputs);
  } else {
    const Margin margin = MarginOf(gradient.outputs, question.label);
    gradient.answer = margin.value;
    gradient.label = margin.label;
    d_outputs = MarginGradient(margin, gradient.outputs.size());
  }
  status = network_->BackwardToInputs(d_outputs, &gradient.by);
  if (!status.ok()) return status;
  return gradient;
}

absl::StatusOr<double> Explainer::Answer(const Question& question) {
  auto gradient = Differentiate(question);
  if (!gradient.ok()) return gradient.status();
  return gradient->answer;
}

double Explainer::InfluenceOf(const Question& question,
                              const Gradient& gradient, int first,
                              const Walk& without) const {
  const Walk& with = gradient.walk;
  const size_t from =
      static_cast<size_t>(with.starts[first]) * servable_.features.input_size();
  double sum =
      Product(absl::MakeConstSpan(gradient.by.inputs).subspan(from),
              absl::MakeConstSpan(with.inputs).subspan(from), without.inputs);
  sum += Product(gradient.by.future, with.future, without.future);
  if (servable_.spec.task == Task::kForecast) {
    sum += gradient.answer - ForecastNumber(servable_, question,
                                            without.states.back(),
                                            gradient.outputs);
  }
  return sum;
}

double Explainer::CalendarInfluence(const Gradient& gradient, int step) const {
  const int width = servable_.spec.features.calendar.Width();
  const int inputs = servable_.features.input_size();
  const std::vector<int>& starts = gradient.walk.starts;
  const bool last = step + 1 == static_cast<int>(starts.size());
  const int end = last ? static_cast<int>(gradient.walk.inputs.size()) / inputs
                       : starts[step + 1];
  double sum = 0.0;
  for (int row = starts[step]; row < end; ++row) {
    for (int i = (row + 1) * inputs - width; i < (row + 1) * inputs; ++i) {
      sum += double{gradient.by.inputs[i]} * gradient.walk.inputs[i];
    }
  }
  if (!last) return sum;
  const int future = servable_.features.future_size();
  for (int k = 0; k < servable_.spec.network.horizon; ++k) {
    for (int i = k * future; i < k * future + width; ++i) {
      sum += double{gradient.by.future[i]} * gradient.walk.future[i];
    }
  }
  return sum;
}

absl::Status Explainer::ExplainCells(const Question& question,
                                     const Gradient& gradient,
                                     Explanation* explanation) const {
  Question without = question;
  const int columns = ColumnCount(servable_);
  for (int step = 0; step < explanation->steps; ++step) {
    for (int column = 0; column < columns; ++column) {
      Remove(step, column, &without);
      auto walk = WalkFrom(without, step, gradient.walk.states[step]);
      if (!walk.ok()) return walk.status();
      explanation->influence.push_back(
          InfluenceOf(question, gradient, step, *walk));
      const size_t at = static_cast<size_t>(step) * columns + column;
      without.values[at] = question.values[at];
    }
    if (servable_.spec.features.calendar.Any()) {
      explanation->influence.push_back(CalendarInfluence(gradient, step));
    }
  }
  return absl::OkStatus();
}

// By the tokens' vectors, against that of the unknown token.
void Explainer::ExplainTokens(const Question& question,
                              const Gradient& gradient,
                              Explanation* explanation) const {
  const size_t width = servable_.spec.network.embedding_size;
  const auto vectors =
      absl::MakeConstSpan(weights_.find("embedding.weight")->second.values);
  for (size_t step = 0; step < question.tokens.size(); ++step) {
    explanation->influence.push_back(Product(
        absl::MakeConstSpan(gradient.by.inputs).subspan(step * width, width),
        vectors.subspan(question.tokens[step] * width, width),
        vectors.subspan(0, width)));
  }
}

absl::StatusOr<Explanation> Explainer::Explain(const Question& question) {
  auto gradient = Differentiate(question);
  if (!gradient.ok()) return gradient.status();
  Explanation explanation;
  explanation.columns = ColumnNames();
  explanation.steps = StepCount(servable_, question);
  explanation.answer = gradient->answer;
  explanation.label = gradient->label;
  explanation.outputs = gradient->outputs;
  if (servable_.spec.takes_text) {
    ExplainTokens(question, *gradient, &explanation);
    return explanation;
  }
  const absl::Status status = ExplainCells(question, *gradient, &explanation);
  if (!status.ok()) return status;
  return explanation;
}

absl::StatusOr<std::vector<double>> Explainer::ExplainColumns(
    const Question& question) {
  if (servable_.spec.takes_text) {
    return absl::InvalidArgumentError("text has no columns");
  }
  auto gradient = Differentiate(question);
  if (!gradient.ok()) return gradient.status();
  const int steps = StepCount(servable_, question);
  std::vector<double> influence;
  for (int column = 0; column < ColumnCount(servable_); ++column) {
    Question without = question;
    for (int step = 0; step < steps; ++step) Remove(step, column, &without);
    auto walk = WalkFrom(without, 0, question.before);
    if (!walk.ok()) return walk.status();
    influence.push_back(InfluenceOf(question, *gradient, 0, *walk));
  }
  if (servable_.spec.features.calendar.Any()) {
    double sum = 0.0;
    for (int step = 0; step < steps; ++step) {
      sum += CalendarInfluence(*gradient, step);
    }
    influence.push_back(sum);
  }
  return influence;
}

std::vector<double> Explanation::ByColumn() const {
  std::vector<double> sums(columns.size(), 0.0);
  for (size_t i = 0; i < influence.size(); ++i) {
    sums[i % columns.size()] += influence[i];
  }
  return sums;
}

}  // namespace recur
