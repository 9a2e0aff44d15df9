#include "model/train/classify/classify_examples.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/features/features.h"
#include "model/features/tokenizer.h"

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

absl::StatusOr<ClassifyExample> EncodeSequence(const Features& features,
                                               const ClassifyData& data,
                                               int index) {
  const LabelledSequence& sequence = data.sequences[index];
  const std::vector<int>& truth = data.truth[index];
  ClassifyExample example;
  FeatureState state = features.InitialState();
  const size_t width = features.spec().columns.size();
  for (int step = 0; step * width < sequence.values.size(); ++step) {
    const Observation observation = ObservationAt(sequence, step, width);
    auto advance = features.Check(observation, state.last_time_us, "new");
    if (!advance.ok()) {
      return absl::Status(
          advance.status().code(),
          absl::StrCat(data.Where(index, step), "sequence \"", sequence.id,
                       "\": ", advance.status().message()));
    }
    const size_t at = example.inputs.size();
    example.steps += advance->intervals;
    example.inputs.resize(static_cast<size_t>(example.steps) *
                          features.input_size());
    features.Apply(observation, *advance, &state, example.inputs.data() + at);
    if (truth.size() > 1) {
      example.labelled.push_back({example.steps - 1, truth[step]});
    }
  }
  if (truth.size() == 1) example.labelled = {{example.steps - 1, truth[0]}};
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
    ClassifyExample example = EncodeText(*tokenizer, text.text);
    example.labelled = {{example.steps - 1, data.truth[examples.size()][0]}};
    examples.push_back(std::move(example));
  }
  return examples;
}

absl::StatusOr<std::vector<ClassifyExample>> EncodeSequences(
    const ModelSpec& spec, const ClassifyData& data) {
  auto features = Features::Create(spec.features);
  if (!features.ok()) return features.status();
  std::vector<ClassifyExample> examples;
  for (size_t i = 0; i < data.sequences.size(); ++i) {
    auto example = EncodeSequence(*features, data, static_cast<int>(i));
    if (!example.ok()) return example.status();
    examples.push_back(*std::move(example));
  }
  return examples;
}

void FillTokens(const ClassifyExample& example, int row, double dropout,
                Random* random, SequenceBatch* batch) {
  for (int step = 0; step < example.steps; ++step) {
    const bool lost = dropout > 0.0 && random->Chance(dropout);
    batch->tokens[static_cast<size_t>(step) * batch->rows + row] =
        lost ? 0 : example.tokens[step];
  }
}

void FillInputs(const ClassifyExample& example, int row, int input_size,
                double noise, Random* random, SequenceBatch* batch) {
  for (int step = 0; step < example.steps; ++step) {
    const float* from =
        example.inputs.data() + static_cast<size_t>(step) * input_size;
    float* to = batch->inputs.data() +
                (static_cast<size_t>(step) * batch->rows + row) * input_size;
    for (int i = 0; i < input_size; ++i) {
      to[i] = from[i];
      if (noise > 0.0) to[i] += static_cast<float>(noise * random->Normal());
    }
  }
}

}  // namespace

absl::string_view ContentOf(const ClassifyExample& example) {
  const auto bytes = [](const auto& values) {
    return absl::string_view(reinterpret_cast<const char*>(values.data()),
                             values.size() * sizeof(values[0]));
  };
  return example.tokens.empty() ? bytes(example.inputs) : bytes(example.tokens);
}

absl::StatusOr<std::vector<ClassifyExample>> EncodeExamples(
    const ModelSpec& spec, const std::vector<std::string>& vocabulary,
    const ClassifyData& data) {
  return data.is_text() ? EncodeTexts(spec, vocabulary, data)
                        : EncodeSequences(spec, data);
}

void MakeBatch(const std::vector<ClassifyExample>& examples,
               absl::Span<const int> chosen, int input_size,
               const Augmentation& augmentation, Random* random,
               SequenceBatch* batch, std::vector<float>* targets) {
  *batch = {};
  targets->clear();
  batch->rows = static_cast<int>(chosen.size());
  for (int row = 0; row < batch->rows; ++row) {
    const ClassifyExample& example = examples[chosen[row]];
    batch->steps = std::max(batch->steps, example.steps);
    batch->lengths.push_back(example.steps);
    for (const LabelledStep& labelled : example.labelled) {
      batch->points.push_back({labelled.step, row});
      targets->push_back(static_cast<float>(labelled.truth));
    }
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
    if (text) {
      FillTokens(example, row, augmentation.word_dropout, random, batch);
    } else {
      FillInputs(example, row, input_size, augmentation.noise, random, batch);
    }
  }
}

}  // namespace recur
