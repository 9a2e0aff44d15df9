#include "model/train/classify_trainer.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/train/serve_model.h"

namespace recur {
namespace {

const std::vector<std::string> kMachines = {"pump", "fan", "press", "lift"};
const std::vector<std::vector<std::string>> kFaults = {
    {"hot", "smoke", "burnt"},
    {"leak", "drips", "puddle"},
    {"noise", "rattles", "screech"}};
const std::vector<std::string> kLabels = {"heat", "oil", "sound"};

// Every fault of every machine in two sentences of its own.
std::string Sentences() {
  std::string csv = "text,label\n";
  for (size_t label = 0; label < kLabels.size(); ++label) {
    for (const std::string& machine : kMachines) {
      for (const std::string& fault : kFaults[label]) {
        absl::StrAppend(&csv, "the ", machine, " in hall two: ", fault,
                        " again,", kLabels[label], "\n");
        absl::StrAppend(&csv, fault, " at the ", machine, ",", kLabels[label],
                        "\n");
      }
    }
  }
  return csv;
}

ClassifyData ReadSentences() {
  ClassifyDataOptions options;
  options.text_column = "text";
  options.label_column = "label";
  options.test_examples = 0;
  return *MakeClassifyData(*CsvTable::Parse(Sentences(), "log.csv"), options);
}

ClassifySettings Settings(CellKind kind) {
  ClassifySettings settings;
  settings.cell.kind = kind;
  settings.hidden_size = 16;
  settings.embedding_size = 8;
  return settings;
}

TrainingOptions Options() {
  TrainingOptions options;
  options.optimizer.learning_rate = 0.01;
  options.batch = 12;
  options.patience = 10;
  options.seed = 1;
  return options;
}

struct Trained {
  ClassifyData data;
  ClassifyPlan plan;
  std::vector<ClassifyExample> examples;
  ClassifyTraining training;
};

Trained Train(const ClassifySettings& settings,
              const TrainingOptions& options) {
  UseOneThreadPerCall();
  ClassifyData data = ReadSentences();
  ClassifyPlan plan = *PlanClassifier(data, settings);
  auto examples = *EncodeExamples(plan.spec, plan.vocabulary, data);
  Progress silent(nullptr, false);
  auto training = TrainClassifier(data, plan, examples, options, 60, &silent);
  EXPECT_TRUE(training.ok()) << training.status();
  return {std::move(data), std::move(plan), std::move(examples),
          *std::move(training)};
}

std::string LabelOf(const Servable& model, const std::string& text) {
  ClassifyExample example;
  example.tokens = model.tokenizer->Encode(text);
  example.steps = static_cast<int>(example.tokens.size());
  auto answers = ClassifyExamples(model, {example}, {0});
  EXPECT_TRUE(answers.ok()) << answers.status();
  return model.spec.labels[TopClass((*answers)[0])];
}

int Right(const Trained& trained) {
  const Servable model = *ServeModel(trained.training.model);
  const auto answers =
      *ClassifyExamples(model, trained.examples, trained.data.train);
  int right = 0;
  for (size_t i = 0; i < answers.size(); ++i) {
    right += TopClass(answers[i]) == trained.data.truth[i] ? 1 : 0;
  }
  return right;
}

// 18 sentences about machines and places that are in no training text.
int RightOfNewOnes(const Servable& model) {
  int right = 0;
  for (size_t label = 0; label < kLabels.size(); ++label) {
    for (const std::string& fault : kFaults[label]) {
      for (const std::string& text :
           {absl::StrCat("the crane in hall nine: ", fault, " again"),
            absl::StrCat(fault, " at the mixer")}) {
        right += LabelOf(model, text) == kLabels[label] ? 1 : 0;
      }
    }
  }
  return right;
}

TEST(ClassifyTrainerTest, LearnsTextsAndLabelsNewOnes) {
  for (CellKind kind : {CellKind::kRnn, CellKind::kLstm, CellKind::kGru}) {
    const Trained trained = Train(Settings(kind), Options());
    EXPECT_EQ(Right(trained), 72) << CellKindName(kind);
    EXPECT_GE(RightOfNewOnes(*ServeModel(trained.training.model)), 16)
        << CellKindName(kind);
  }
}

TEST(ClassifyTrainerTest, LearnsInBothDirections) {
  ClassifySettings settings = Settings(CellKind::kLstm);
  settings.bidirectional = true;
  EXPECT_EQ(Right(Train(settings, Options())), 72);
}

TEST(ClassifyTrainerTest, LearnsByCharacters) {
  ClassifySettings settings = Settings(CellKind::kGru);
  settings.text.unit = TokenUnit::kCharacter;
  settings.hidden_size = 32;
  TrainingOptions options = Options();
  options.dropout = 0.1;
  options.validation = 0.0;
  EXPECT_GE(Right(Train(settings, options)), 66);
}

TEST(ClassifyTrainerTest, TheSameSeedGivesTheSameWeights) {
  const Trained first = Train(Settings(CellKind::kLstm), Options());
  const Trained second = Train(Settings(CellKind::kLstm), Options());
  EXPECT_EQ(first.training.model.weights, second.training.model.weights);
  EXPECT_EQ(first.training.steps, second.training.steps);
  TrainingOptions other = Options();
  other.seed = 2;
  EXPECT_NE(first.training.model.weights,
            Train(Settings(CellKind::kLstm), other).training.model.weights);
}

TEST(ClassifyTrainerTest, SaysThatNothingCanBeHeldBack) {
  ClassifyDataOptions options;
  options.text_column = "text";
  options.label_column = "label";
  options.test_examples = 0;
  // One example of each label, which must stay in the training part.
  std::string csv = "text,label\n";
  for (int i = 0; i < 8; ++i) absl::StrAppend(&csv, "a b,", i, "\n");
  const ClassifyData data =
      *MakeClassifyData(*CsvTable::Parse(csv, "log.csv"), options);
  const ClassifyPlan plan = *PlanClassifier(data, {});
  const auto examples = *EncodeExamples(plan.spec, plan.vocabulary, data);
  Progress silent(nullptr, false);
  EXPECT_EQ(
      TrainClassifier(data, plan, examples, {}, 5, &silent).status().message(),
      "log.csv: 8 examples of 8 labels are too few to hold back "
      "--validation 0.15; use more examples per label, or --validation 0 "
      "and --epochs");
}

TEST(ClassifyTrainerTest, WithoutRefitKeepsTheBestOfTheSearch) {
  TrainingOptions options = Options();
  options.refit = false;
  const Trained trained = Train(Settings(CellKind::kLstm), options);
  EXPECT_LE(trained.training.steps, trained.training.searched_steps);
  EXPECT_FALSE(trained.training.model.weights.empty());
}

}  // namespace
}  // namespace recur
