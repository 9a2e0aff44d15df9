#include "model/train/classify_examples.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"

namespace recur {
namespace {

Observation ObservationAt(const LabelledSequence& sequence, size_t step,
                          size_t width) {
  Observation observation;
  observation.values =
      absl::MakeConstSpan(sequence.values.data() + step * width, width);
  if (!sequence.times.empty()) observation.time_us = sequence.times[step];
  return observation;
}

absl::StatusOr<ClassifyExample> EncodeSequence(
    const Features& features, const LabelledSequence& sequence) {
  ClassifyExample example;
  FeatureState state = features.InitialState();
  const size_t width = features.spec().columns.size();
  for (size_t step = 0; step * width < sequence.values.size(); ++step) {
    const Observation observation = ObservationAt(sequence, step, width);
    auto advance = features.Check(observation, state.last_time_us, "new");
    if (!advance.ok()) return advance.status();
    const size_t at = example.inputs.size();
    example.steps += advance->intervals;
    example.inputs.resize(static_cast<size_t>(example.steps) *
                          features.input_size());
    features.Apply(observation, *advance, &state, example.inputs.data() + at);
  }
  return example;
}

ClassifyExample EncodeText(const Tokenizer& tokenizer,
                           const std::string& text) {
  ClassifyExample example;
  example.tokens = tokenizer.Encode(text);
  if (example.tokens.empty()) example.tokens.push_back(0);
  example.steps = static_cast<int>(example.tokens.size());
  return example;
}

absl::StatusOr<std::vector<ClassifyExample>> EncodeTexts(
    const ModelSpec& spec, const std::vector<std::string>& vocabulary,
    const ClassifyData& data) {
  auto tokenizer = Tokenizer::Create(spec.text, vocabulary);
  if (!tokenizer.ok()) return tokenizer.status();
  std::vector<ClassifyExample> examples;
  for (const LabelledText& text : data.texts) {
    examples.push_back(EncodeText(*tokenizer, text.text));
  }
  return examples;
}

absl::StatusOr<std::vector<ClassifyExample>> EncodeSequences(
    const ModelSpec& spec, const ClassifyData& data) {
  auto features = Features::Create(spec.features);
  if (!features.ok()) return features.status();
  std::vector<ClassifyExample> examples;
  for (const LabelledSequence& sequence : data.sequences) {
    auto example = EncodeSequence(*features, sequence);
    if (!example.ok()) {
      return absl::Status(
          example.status().code(),
          absl::StrCat(data.Where(static_cast<int>(examples.size())),
                       "sequence \"", sequence.id,
                       "\": ", example.status().message()));
    }
    examples.push_back(*std::move(example));
  }
  return examples;
}

absl::Status RunWhole(const ClassifyExample& example, Workspace* workspace,
                      std::vector<float>* output) {
  const SequenceRow row{
      example.steps, example.tokens.empty() ? example.inputs.data() : nullptr,
      example.tokens.empty() ? nullptr : example.tokens.data(), output->data()};
  return workspace->RunSequences({&row, 1});
}

absl::Status RunSteps(const Servable& model, const ClassifyExample& example,
                      Workspace* workspace, std::vector<float>* output) {
  SequenceState state = InitialState(model);
  const int width = model.spec.network.input_size;
  for (int step = 0; step < example.steps; ++step) {
    StepRow row{nullptr, 0, state.hidden.data()};
    if (example.tokens.empty()) {
      row.input = example.inputs.data() + static_cast<size_t>(step) * width;
    } else {
      row.token = example.tokens[step];
    }
    if (auto s = workspace->Step({&row, 1}); !s.ok()) return s;
  }
  const HeadRow head{state.hidden.data(), nullptr, output->data()};
  return workspace->RunHead({&head, 1});
}

}  // namespace

absl::StatusOr<std::vector<ClassifyExample>> EncodeExamples(
    const ModelSpec& spec, const std::vector<std::string>& vocabulary,
    const ClassifyData& data) {
  auto examples = data.is_text() ? EncodeTexts(spec, vocabulary, data)
                                 : EncodeSequences(spec, data);
  if (!examples.ok()) return examples;
  for (size_t i = 0; i < examples->size(); ++i) {
    (*examples)[i].truth = data.truth[i];
  }
  return examples;
}

void MakeBatch(const std::vector<ClassifyExample>& examples,
               absl::Span<const int> chosen, int input_size,
               double word_dropout, Random* random, SequenceBatch* batch,
               std::vector<float>* targets) {
  *batch = {};
  targets->clear();
  batch->rows = static_cast<int>(chosen.size());
  for (int row = 0; row < batch->rows; ++row) {
    const ClassifyExample& example = examples[chosen[row]];
    batch->steps = std::max(batch->steps, example.steps);
    batch->lengths.push_back(example.steps);
    batch->points.push_back({example.steps - 1, row});
    targets->push_back(static_cast<float>(example.truth));
  }
  const bool text = !examples[chosen[0]].tokens.empty();
  const size_t cells = static_cast<size_t>(batch->steps) * batch->rows;
  if (text) {
    batch->tokens.resize(cells);
  } else {
    batch->inputs.resize(cells * input_size);
  }
  for (int row = 0; row < batch->rows; ++row) {
    const ClassifyExample& example = examples[chosen[row]];
    for (int step = 0; step < example.steps; ++step) {
      const size_t cell = static_cast<size_t>(step) * batch->rows + row;
      if (text) {
        const bool lost = word_dropout > 0.0 && random->Chance(word_dropout);
        batch->tokens[cell] = lost ? 0 : example.tokens[step];
      } else {
        std::copy_n(
            example.inputs.begin() + static_cast<int64_t>(step) * input_size,
            input_size, batch->inputs.begin() + cell * input_size);
      }
    }
  }
}

absl::StatusOr<std::vector<Classification>> ClassifyExamples(
    const Servable& model, const std::vector<ClassifyExample>& examples,
    absl::Span<const int> chosen) {
  auto workspace = model.engine->CreateWorkspace(1);
  if (!workspace.ok()) return workspace.status();
  std::vector<Classification> answers;
  std::vector<float> output(OutputSize(model.spec.network));
  for (int index : chosen) {
    const absl::Status status =
        model.spec.network.bidirectional
            ? RunWhole(examples[index], workspace->get(), &output)
            : RunSteps(model, examples[index], workspace->get(), &output);
    if (!status.ok()) return status;
    answers.push_back(ToClassification(model.spec, output));
  }
  return answers;
}

int TopClass(const Classification& answer) {
  return static_cast<int>(std::max_element(answer.probabilities.begin(),
                                           answer.probabilities.end()) -
                          answer.probabilities.begin());
}

}  // namespace recur
