#include "model/train/classify/classify_trainer.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/network/onednn/onednn_engine.h"
#include "model/train/classify/classify_answers.h"
#include "model/train/classify/classify_folds.h"
#include "model/train/classify/classify_pieces.h"
#include "model/train/learning/serve_model.h"
#include "model/train/learning/stop_request.h"

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
  return *MakeClassifyData(
      *ReadExamples(*CsvTable::Parse(Sentences(), "log.csv"), options),
      std::nullopt, options);
}

ClassifySettings Settings(CellKind kind) {
  ClassifySettings settings;
  settings.cell.kind = kind;
  settings.hidden_size = 16;
  settings.embedding_size = 8;
  settings.bidirectional = false;
  settings.pooling = Pooling::kLast;
  settings.members = 1;
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
  example.labelled = {{example.steps - 1, 0}};
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
    right += TopClass(answers[i]) == trained.data.truth[i][0] ? 1 : 0;
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
  TrainingOptions options = Options();
  options.validation = 0.0;
  EXPECT_EQ(Right(Train(settings, options)), 72);
}

TEST(ClassifyTrainerTest, LearnsByCharacters) {
  ClassifySettings settings = Settings(CellKind::kGru);
  settings.unit = TokenUnit::kCharacter;
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

TEST(ClassifyTrainerTest, MergesAsManyMembersAsPlanned) {
  ClassifySettings settings = Settings(CellKind::kGru);
  settings.members = 3;
  const Trained trained = Train(settings, Options());
  EXPECT_EQ(trained.training.model.spec.network.hidden_size, 3 * 16);
  EXPECT_EQ(Right(trained), 72);
  // One curve of the search and one of each member.
  ASSERT_EQ(trained.training.curves.size(), 4u);
  EXPECT_EQ(trained.training.curves[3].phase, "training 3 of 3");
  // The networks of the search, if there is no other.
  TrainingOptions options = Options();
  options.refit = false;
  EXPECT_EQ(Train(settings, options).training.model.spec.network.hidden_size,
            5 * 16);
}

TEST(ClassifyTrainerTest, TakesThePoolingThatValidatesBest) {
  ClassifySettings settings = Settings(CellKind::kGru);
  settings.pooling.reset();
  const ClassifyTraining training = Train(settings, Options()).training;
  ASSERT_EQ(training.trials.size(), 3u);
  double least = training.trials[0].validation;
  for (const Trial& trial : training.trials) {
    least = std::min(least, trial.validation);
  }
  EXPECT_EQ(training.validation_loss, least);
  for (const Trial& trial : training.trials) {
    const std::string pooling(PoolingName(training.model.spec.network.pooling));
    EXPECT_EQ(trial.chosen, trial.settings == "pooling " + pooling);
    EXPECT_TRUE(!trial.chosen || trial.validation == least);
  }
}

TEST(ClassifyTrainerTest, CrossValidationScoresEveryTrainingExampleOnce) {
  UseOneThreadPerCall();
  const ClassifyData data = ReadSentences();
  const ClassifyPlan plan = *PlanClassifier(data, Settings(CellKind::kGru));
  const auto examples = *EncodeExamples(plan.spec, plan.vocabulary, data);
  Progress silent(nullptr, false);
  TrainingOptions options = Options();
  options.validation = 0.0;
  auto scores = CrossValidate(data, plan, examples, options, 20, 3, &silent);
  ASSERT_TRUE(scores.ok()) << scores.status();
  ASSERT_EQ(scores->size(), 3u);
  for (const ClassificationScore& score : *scores) {
    EXPECT_EQ(score.examples, 24);
    EXPECT_GE(score.accuracy, 0.8);
    for (const ClassScore& own : score.classes) EXPECT_EQ(own.support, 8);
  }
  EXPECT_EQ(FoldsText({{.accuracy = 0.5, .macro_f1 = 0.25},
                       {.accuracy = 0.75, .macro_f1 = 0.75}}),
            "2 folds: accuracy 62.5% +- 17.7%, F1 0.500 +- 0.354");
  EXPECT_EQ(CrossValidate(data, plan, examples, options, 20, 73, &silent)
                .status()
                .message(),
            "log.csv: 72 examples are too few for --folds 73");
}

// A valve that opens two steps after a knock and stays open for three: only a
// network that remembers can tell.
std::string Valve(int rows) {
  std::string csv = "knock,label\n";
  Random random(5);
  int since = 100;
  for (int i = 0; i < rows; ++i) {
    const bool knock = since > 6 && random.Chance(0.2);
    since = knock ? 0 : since + 1;
    absl::StrAppend(&csv, knock ? 1 : 0, ",",
                    since >= 2 && since < 5 ? "open" : "shut", "\n");
  }
  return csv;
}

TEST(ClassifyTrainerTest, LearnsAStreamThatIsLabelledAtEveryStep) {
  UseOneThreadPerCall();
  ClassifyDataOptions options;
  options.label_column = "label";
  const ClassifyData data = *MakeClassifyData(
      *ReadExamples(*CsvTable::Parse(Valve(1500), "valve.csv"), options),
      std::nullopt, options);
  ClassifySettings settings = Settings(CellKind::kGru);
  const ClassifyPlan plan = *PlanClassifier(data, settings);
  const auto examples = *EncodeExamples(plan.spec, plan.vocabulary, data);
  Progress silent(nullptr, false);
  auto training = TrainClassifier(data, plan, examples, Options(), 60, &silent);
  ASSERT_TRUE(training.ok()) << training.status();
  // The state runs on over all 300 rows of the test.
  const Servable model = *ServeModel(training->model);
  const auto called = TopClasses(*ClassifyExamples(model, examples, data.test));
  const std::vector<int> truth = TruthOf(examples, data.test);
  ASSERT_EQ(called.size(), 300u);
  int right = 0;
  for (size_t i = 0; i < truth.size(); ++i) {
    right += called[i] == truth[i] ? 1 : 0;
  }
  EXPECT_GE(right, 297);
}

TEST(ClassifyTrainerTest, SaysThatNothingCanBeHeldBack) {
  ClassifyDataOptions options;
  options.text_column = "text";
  options.label_column = "label";
  options.test_examples = 0;
  // One example of each label, which must stay in the training part.
  std::string csv = "text,label\n";
  for (int i = 0; i < 8; ++i) absl::StrAppend(&csv, "a b,", i, "\n");
  const ClassifyData data = *MakeClassifyData(
      *ReadExamples(*CsvTable::Parse(csv, "log.csv"), options), std::nullopt,
      options);
  const ClassifyPlan plan = *PlanClassifier(data, {});
  const auto examples = *EncodeExamples(plan.spec, plan.vocabulary, data);
  Progress silent(nullptr, false);
  EXPECT_EQ(
      TrainClassifier(data, plan, examples, {}, 5, &silent).status().message(),
      "log.csv: 8 examples of 8 labels are too few to hold back "
      "--validation 0.15; use more different examples per label, or "
      "--validation 0 and --epochs");
}

TEST(ClassifyTrainerTest, WithoutRefitKeepsTheBestOfTheSearch) {
  UseOneThreadPerCall();
  const ClassifyData data = ReadSentences();
  ClassifyPlan plan = *PlanClassifier(data, Settings(CellKind::kLstm));
  plan.holdouts = 1;
  const auto examples = *EncodeExamples(plan.spec, plan.vocabulary, data);
  TrainingOptions options = Options();
  options.refit = false;
  // So fast that it does not stay where it was best.
  options.optimizer.learning_rate = 0.3;
  Progress silent(nullptr, false);
  const auto training =
      TrainClassifier(data, plan, examples, options, 60, &silent);
  ASSERT_TRUE(training.ok()) << training.status();
  EXPECT_LT(training->steps, training->searched_steps);
  const ClassifyPieces pieces =
      MakePieces(data, examples, plan.spec.network.input_size, plan.window);
  const auto split = HoldBack(data, pieces, options.validation, options.seed);
  ASSERT_TRUE(split.ok()) << split.status();
  const auto answers = ClassifyExamples(*ServeModel(training->model),
                                        pieces.examples, split->validation);
  ASSERT_TRUE(answers.ok()) << answers.status();
  EXPECT_NEAR(
      CrossEntropy(*answers, TruthOf(pieces.examples, split->validation)),
      training->validation_loss, 1e-6);
}

TEST(ClassifyTrainerTest, StoppedBeforeTheFirstUpdateThereIsNoModel) {
  UseOneThreadPerCall();
  const ClassifyData data = ReadSentences();
  const ClassifyPlan plan = *PlanClassifier(data, Settings(CellKind::kGru));
  const auto examples = *EncodeExamples(plan.spec, plan.vocabulary, data);
  Progress silent(nullptr, false);
  for (double validation : {0.0, 0.15}) {
    const StopSignals signals;
    raise(SIGINT);
    TrainingOptions options = Options();
    options.validation = validation;
    EXPECT_EQ(
        TrainClassifier(data, plan, examples, options, 5, &silent).status(),
        absl::CancelledError(
            "stopped before the first update: no model is written"));
  }
  const StopSignals over;  // for other tests
}

}  // namespace
}  // namespace recur
