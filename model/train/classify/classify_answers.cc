#include "model/train/classify/classify_answers.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace recur {
namespace {

constexpr int kRows = 32;  // examples that are stepped together
constexpr double kLeastProbability = 1e-7;  // an answer is a float

// Up to kRows examples on their way through a network that steps.
class SteppedExamples {
 public:
  SteppedExamples(const Servable& model,
                  const std::vector<ClassifyExample>& examples,
                  absl::Span<const int> chosen)
      : spec_(model.spec), next_(chosen.size()), outputs_(chosen.size()) {
    for (int index : chosen) {
      examples_.push_back(&examples[index]);
      states_.push_back(InitialState(model).hidden);
    }
  }

  absl::Status Run(Workspace* workspace) {
    int longest = 0;
    for (const ClassifyExample* example : examples_) {
      longest = std::max(longest, example->steps);
    }
    for (int step = 0; step < longest; ++step) {
      if (auto s = Step(step, workspace); !s.ok()) return s;
      if (auto s = Answer(step, workspace); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

  void Append(std::vector<Classification>* answers) const {
    for (const std::vector<Classification>& outputs : outputs_) {
      answers->insert(answers->end(), outputs.begin(), outputs.end());
    }
  }

 private:
  absl::Status Step(int step, Workspace* workspace) {
    const int width = spec_.network.input_size;
    std::vector<StepRow> rows;
    for (size_t i = 0; i < examples_.size(); ++i) {
      const ClassifyExample& example = *examples_[i];
      if (step >= example.steps) continue;
      StepRow row{nullptr, 0, states_[i].data()};
      if (example.tokens.empty()) {
        row.input = example.inputs.data() + static_cast<size_t>(step) * width;
      } else {
        row.token = example.tokens[step];
      }
      rows.push_back(row);
    }
    return workspace->Step(rows);
  }

  // Of those that are labelled at this step.
  absl::Status Answer(int step, Workspace* workspace) {
    std::vector<size_t> asked;
    for (size_t i = 0; i < examples_.size(); ++i) {
      const std::vector<LabelledStep>& labelled = examples_[i]->labelled;
      if (next_[i] == labelled.size() || labelled[next_[i]].step != step) {
        continue;
      }
      ++next_[i];
      asked.push_back(i);
    }
    std::vector<float> output(asked.size() * spec_.network.classes);
    std::vector<HeadRow> rows;
    for (size_t i = 0; i < asked.size(); ++i) {
      rows.push_back({states_[asked[i]].data(), nullptr,
                      output.data() + i * spec_.network.classes});
    }
    if (auto s = workspace->RunHead(rows); !s.ok()) return s;
    for (size_t i = 0; i < asked.size(); ++i) {
      outputs_[asked[i]].push_back(ToClassification(
          spec_, {rows[i].output, static_cast<size_t>(spec_.network.classes)}));
    }
    return absl::OkStatus();
  }

  const ModelSpec& spec_;
  std::vector<const ClassifyExample*> examples_;
  std::vector<std::vector<float>> states_;
  std::vector<size_t> next_;  // labelled step of each example
  std::vector<std::vector<Classification>> outputs_;
};

absl::Status RunWhole(const ModelSpec& spec,
                      const std::vector<ClassifyExample>& examples,
                      absl::Span<const int> chosen, Workspace* workspace,
                      std::vector<Classification>* answers) {
  const auto classes = static_cast<size_t>(spec.network.classes);
  std::vector<float> output(chosen.size() * classes);
  std::vector<SequenceRow> rows;
  for (int index : chosen) {
    const ClassifyExample& example = examples[index];
    rows.push_back({example.steps, example.inputs.data(), example.tokens.data(),
                    output.data() + rows.size() * classes});
  }
  if (auto s = workspace->RunSequences(rows); !s.ok()) return s;
  for (const SequenceRow& row : rows) {
    answers->push_back(ToClassification(spec, {row.output, classes}));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Classification>> ClassifyExamples(
    const Servable& model, const std::vector<ClassifyExample>& examples,
    absl::Span<const int> chosen) {
  auto workspace = model.engine->CreateWorkspace(kRows);
  if (!workspace.ok()) return workspace.status();
  std::vector<Classification> answers;
  for (size_t at = 0; at < chosen.size(); at += kRows) {
    const auto piece = chosen.subspan(at, kRows);
    if (model.spec.network.bidirectional) {
      const absl::Status status =
          RunWhole(model.spec, examples, piece, workspace->get(), &answers);
      if (!status.ok()) return status;
      continue;
    }
    SteppedExamples stepped(model, examples, piece);
    if (auto s = stepped.Run(workspace->get()); !s.ok()) return s;
    stepped.Append(&answers);
  }
  return answers;
}

std::vector<int> TruthOf(const std::vector<ClassifyExample>& examples,
                         absl::Span<const int> chosen) {
  std::vector<int> truth;
  for (int index : chosen) {
    for (const LabelledStep& labelled : examples[index].labelled) {
      truth.push_back(labelled.truth);
    }
  }
  return truth;
}

int TopClass(const Classification& answer) {
  return static_cast<int>(std::max_element(answer.probabilities.begin(),
                                           answer.probabilities.end()) -
                          answer.probabilities.begin());
}

std::vector<int> TopClasses(const std::vector<Classification>& answers) {
  std::vector<int> classes;
  for (const Classification& answer : answers) {
    classes.push_back(TopClass(answer));
  }
  return classes;
}

double CrossEntropy(const std::vector<Classification>& answers,
                    absl::Span<const int> truth) {
  double sum = 0.0;
  for (size_t i = 0; i < answers.size(); ++i) {
    sum -= std::log(std::max<double>(answers[i].probabilities[truth[i]],
                                     kLeastProbability));
  }
  return sum / static_cast<double>(std::max<size_t>(1, answers.size()));
}

}  // namespace recur
