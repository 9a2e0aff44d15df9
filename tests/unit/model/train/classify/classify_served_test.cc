// What a trained classifier says when it is served (raw values in, through its
// features or tokenizer and the serving engine, one step at a time) against
// what the network in training says about the same examples.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/network/onednn/onednn_trainable_network.h"
#include "model/train/classify/classify_answers.h"
#include "model/train/classify/classify_trainer.h"
#include "model/train/learning/serve_model.h"

namespace recur {
namespace {

struct Trained {
  ClassifyData data;
  std::vector<ClassifyExample> examples;
  Model model;
};

Trained Train(const std::string& csv, ClassifyDataOptions options,
              const ClassifySettings& settings) {
  UseOneThreadPerCall();
  options.label_column = "label";
  Trained trained;
  trained.data =
      *MakeClassifyData(*ReadExamples(*CsvTable::Parse(csv, "a.csv"), options),
                        std::nullopt, options);
  const ClassifyPlan plan = *PlanClassifier(trained.data, settings);
  trained.examples = *EncodeExamples(plan.spec, plan.vocabulary, trained.data);
  TrainingOptions training;
  training.validation = 0.0;
  Progress silent(nullptr, false);
  auto result = TrainClassifier(trained.data, plan, trained.examples, training,
                                8, &silent);
  EXPECT_TRUE(result.ok()) << result.status();
  trained.model = std::move(result->model);
  return trained;
}

// [labelled steps of the test][classes] of the network in training.
std::vector<std::vector<double>> TrainersAnswers(const Trained& trained) {
  const NetworkSpec& network = trained.model.spec.network;
  SequenceBatch batch;
  std::vector<float> targets;
  Random random(1);
  MakeBatch(trained.examples, trained.data.test, network.input_size, {},
            &random, &batch, &targets);
  std::vector<float> logits;
  auto trainable = CreateOnednnTrainableNetwork(network, trained.model.weights);
  EXPECT_TRUE((*trainable)->Forward(batch, {}, &logits).ok());
  std::vector<std::vector<double>> answers;
  for (size_t at = 0; at < logits.size(); at += network.classes) {
    std::vector<double>& answer = answers.emplace_back();
    double sum = 0.0;
    for (int i = 0; i < network.classes; ++i) {
      answer.push_back(std::exp(logits[at + i]));
      sum += answer.back();
    }
    for (double& probability : answer) probability /= sum;
  }
  return answers;
}

// The served model's answers about one raw sequence after every step, or about
// the whole of it.
std::vector<std::vector<float>> ServedSequence(const Servable& model,
                                               const ClassifyData& data,
                                               int example) {
  const LabelledSequence& sequence = data.sequences[example];
  const size_t width = data.columns.size();
  auto workspace = *model.engine->CreateWorkspace(1);
  SequenceState state = InitialState(model);
  std::vector<std::vector<float>> answers;
  std::vector<float> inputs(model.features.input_size());
  for (size_t step = 0; step < sequence.lines.size(); ++step) {
    const Observation observation{
        {sequence.values.data() + step * width, width}, std::nullopt};
    const Advance advance = *model.features.Check(
        observation, state.features.last_time_us, "served");
    model.features.Apply(observation, advance, &state.features, inputs.data());
    EXPECT_TRUE(
        workspace->Step({{inputs.data(), 0, state.hidden.data()}}).ok());
    std::vector<float> output(model.spec.network.classes);
    EXPECT_TRUE(
        workspace->RunHead({{state.hidden.data(), nullptr, output.data()}})
            .ok());
    answers.push_back(std::move(output));
  }
  if (!data.label_per_step) answers = {answers.back()};
  return answers;
}

std::vector<std::vector<float>> ServedText(const Servable& model,
                                           const std::string& text) {
  auto workspace = *model.engine->CreateWorkspace(1);
  const std::vector<int32_t> tokens = model.tokenizer->Encode(text);
  std::vector<float> output(model.spec.network.classes);
  EXPECT_TRUE(workspace
                  ->RunSequences({{static_cast<int>(tokens.size()), nullptr,
                                   tokens.data(), output.data()}})
                  .ok());
  return {output};
}

void ExpectServedEqualsTrained(const Trained& trained) {
  const Servable model = *ServeModel(trained.model);
  const auto expected = TrainersAnswers(trained);
  const auto own =
      *ClassifyExamples(model, trained.examples, trained.data.test);
  ASSERT_EQ(own.size(), expected.size());
  size_t at = 0;
  for (int example : trained.data.test) {
    const auto served =
        trained.data.is_text()
            ? ServedText(model, trained.data.texts[example].text)
            : ServedSequence(model, trained.data, example);
    for (const std::vector<float>& answer : served) {
      ASSERT_LT(at, expected.size());
      for (size_t i = 0; i < answer.size(); ++i) {
        EXPECT_NEAR(answer[i], expected[at][i], 1e-5);
        EXPECT_NEAR(answer[i], own[at].probabilities[i], 1e-5);
      }
      ++at;
    }
  }
  EXPECT_EQ(at, expected.size());
}

std::string Sequences() {
  std::string csv = "id,a,b,label\n";
  for (int i = 0; i < 40; ++i) {
    for (int step = 0; step < 3 + i % 5; ++step) {
      absl::StrAppend(&csv, i, ",", (i % 2 == 0 ? 3 : -2) * step, ",",
                      step == 2 ? "" : absl::StrCat(i % 7), ",",
                      i % 2 == 0 ? "up" : "down", "\n");
    }
  }
  return csv;
}

TEST(ClassifyServedTest, SequencesEqualTheTrainersAnswers) {
  for (CellKind kind : {CellKind::kLstm, CellKind::kGru}) {
    for (Pooling pooling : {Pooling::kLast, Pooling::kMean, Pooling::kMax}) {
      ClassifySettings settings;
      settings.cell.kind = kind;
      settings.hidden_size = 9;
      settings.pooling = pooling;
      settings.members = 2;
      ExpectServedEqualsTrained(
          Train(Sequences(), {.id_column = "id"}, settings));
    }
  }
}

TEST(ClassifyServedTest, StreamsEqualTheTrainersAnswersAtEveryStep) {
  std::string csv = "a,label\n";
  for (int i = 0; i < 300; ++i) {
    const bool on = i / 9 % 2 == 0;
    absl::StrAppend(&csv, (on ? 5 : 1) + i % 3, ",", on ? "on" : "off", "\n");
  }
  ClassifySettings settings;
  settings.hidden_size = 8;
  settings.members = 3;
  ExpectServedEqualsTrained(Train(csv, {}, settings));
}

TEST(ClassifyServedTest, TextsEqualTheTrainersAnswers) {
  std::string csv = "text,label\n";
  for (int i = 0; i < 40; ++i) {
    absl::StrAppend(&csv, "the pump of hall ", i,
                    i % 2 == 0 ? " leaks,oil\n" : " is so LOUD,noise\n");
  }
  for (TokenUnit unit : {TokenUnit::kWord, TokenUnit::kCharacter}) {
    ClassifySettings settings;
    settings.bidirectional = true;
    settings.pooling = Pooling::kMax;
    settings.hidden_size = 8;
    settings.embedding_size = 6;
    settings.members = 2;
    settings.unit = unit;
    ExpectServedEqualsTrained(Train(csv, {.text_column = "text"}, settings));
  }
}

}  // namespace
}  // namespace recur
