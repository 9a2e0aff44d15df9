#include "model/train/classify/classify_data.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/train/classify/classify_examples.h"
#include "model/train/classify/classify_plan.h"

namespace recur {
namespace {

absl::StatusOr<ClassifyData> ParseTexts(const std::string& rows,
                                        ClassifyDataOptions options = {}) {
  options.text_column = "text";
  options.label_column = "label";
  auto examples =
      ReadExamples(*CsvTable::Parse("text,label\n" + rows, "log.csv"), options);
  if (!examples.ok()) return examples.status();
  return MakeClassifyData(*std::move(examples), std::nullopt, options);
}

absl::StatusOr<ClassifyData> ParseSequences(const std::string& rows) {
  ClassifyDataOptions options;
  options.id_column = "id";
  options.label_column = "label";
  options.test = 0.0;
  auto examples = ReadExamples(
      *CsvTable::Parse("id,a,b,label\n" + rows, "runs.csv"), options);
  if (!examples.ok()) return examples.status();
  return MakeClassifyData(*std::move(examples), std::nullopt, options);
}

TEST(ClassifyDataTest, SaysThatThereIsOnlyOneLabel) {
  EXPECT_EQ(ParseTexts("one,x\ntwo,x\n").status().message(),
            "log.csv: all 2 examples have the label \"x\" in column \"label\"; "
            "a classifier needs at least two labels");
}

TEST(ClassifyDataTest, SaysThatALabelIsOnlyInTheTest) {
  ClassifyDataOptions options;
  options.test_examples = 1;
  EXPECT_EQ(
      ParseTexts("one,x\ntwo,y\nsix,x\nten,z\n", options).status().message(),
      "log.csv: all examples of label \"z\" are in the test part; use a "
      "smaller --test-rows or --test");
}

TEST(ClassifyDataTest, KeepsTheTailOfTheFileIfAsked) {
  ClassifyDataOptions options;
  options.test_examples = 1;
  auto data = ParseTexts("one,x\ntwo,y\nsix,x\n", options);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->train, (std::vector<int>{0, 1}));
  EXPECT_EQ(data->test, (std::vector<int>{2}));
  options.test_examples = 3;
  EXPECT_EQ(ParseTexts("one,x\ntwo,y\nsix,x\n", options).status().message(),
            "log.csv: --test-rows is 3; the file has 3 examples, of which some "
            "must be left to train on");
}

TEST(ClassifyDataTest, TakesAllOtherColumnsAsFeatures) {
  auto data = ParseSequences("1,0.5,2,up\n1,0.7,3,up\n2,0.1,2,down\n");
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(data->labels, (std::vector<std::string>{"down", "up"}));
  EXPECT_EQ(data->truth, (std::vector<std::vector<int>>{{1}, {0}}));
  EXPECT_EQ(data->Where(1), "runs.csv: line 4: ");
}

TEST(ClassifyDataTest, ScalesByTheTrainingPart) {
  auto data = ParseSequences("1,0,2,up\n1,4,,up\n2,2,2,down\n");
  auto plan = PlanClassifier(*data, {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  const std::vector<Column>& columns = plan->spec.features.columns;
  EXPECT_DOUBLE_EQ(columns[0].mean, 2.0);
  EXPECT_NEAR(columns[0].scale, 1.632993, 1e-6);
  EXPECT_FALSE(columns[0].may_be_missing);
  EXPECT_TRUE(columns[1].may_be_missing);
  EXPECT_DOUBLE_EQ(columns[1].scale, 1.0);  // constant
}

TEST(ClassifyDataTest, BatchesHoldDifferentLengths) {
  auto data = ParseSequences("1,0,2,up\n1,4,3,up\n2,2,2,down\n");
  auto plan = PlanClassifier(*data, {});
  auto examples = EncodeExamples(plan->spec, {}, *data);
  ASSERT_TRUE(examples.ok()) << examples.status();
  SequenceBatch batch;
  std::vector<float> targets;
  Random random(1);
  MakeBatch(*examples, {1, 0}, 2, {}, &random, &batch, &targets);
  EXPECT_EQ(batch.steps, 2);
  EXPECT_EQ(batch.lengths, (std::vector<int>{1, 2}));
  EXPECT_EQ(targets, (std::vector<float>{0.0f, 1.0f}));
  EXPECT_EQ(batch.points[0].step, 0);
  EXPECT_EQ(batch.points[1].step, 1);
  // Step 0 of the row with id 1: (0 - 2) / 1.633.
  EXPECT_NEAR(batch.inputs[2], -1.224745f, 1e-5f);
}

TEST(ClassifyDataTest, AddsNoiseOfTheDeviationAskedFor) {
  std::string rows;
  for (int i = 0; i < 50; ++i) {
    absl::StrAppend(&rows, i, ",0,1,", i % 2 == 0 ? "up" : "down", "\n");
  }
  auto data = ParseSequences(rows);
  auto plan = PlanClassifier(*data, {});
  auto examples = EncodeExamples(plan->spec, {}, *data);
  SequenceBatch batch;
  std::vector<float> targets;
  Random random(1);
  double squares = 0.0;
  for (int i = 0; i < 50; ++i) {
    MakeBatch(*examples, {i}, 2, {.noise = 0.5}, &random, &batch, &targets);
    for (size_t j = 0; j < batch.inputs.size(); ++j) {
      const double added = batch.inputs[j] - (*examples)[i].inputs[j];
      squares += added * added / 100.0;
    }
  }
  EXPECT_NEAR(squares, 0.25, 0.06);
}

// Two days of a machine that is off, on and off.
ClassifyDataOptions StreamOptions() {
  ClassifyDataOptions options;
  options.label_column = "label";
  return options;
}

LabelledExamples Stream(int rows, const std::string& path) {
  std::string csv = "a,label\n";
  for (int i = 0; i < rows; ++i) {
    absl::StrAppend(&csv, i, ",", i / 4 % 2 == 0 ? "off" : "on", "\n");
  }
  return *ReadExamples(*CsvTable::Parse(csv, path), StreamOptions());
}

TEST(ClassifyDataTest, WithoutAnIdTheRowsAreOneStreamWithALabelPerStep) {
  ClassifyDataOptions options = StreamOptions();
  options.test = 0.3;
  auto data = MakeClassifyData(Stream(20, "a.csv"), std::nullopt, options);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_TRUE(data->label_per_step);
  // The last rows are the test, as a stream of their own.
  EXPECT_EQ(data->train, (std::vector<int>{0}));
  EXPECT_EQ(data->test, (std::vector<int>{1}));
  EXPECT_EQ(data->sequences[0].lines.size(), 14u);
  EXPECT_EQ(data->sequences[1].values.front(), 14.0);
  EXPECT_EQ(data->Where(1, 2), "a.csv: line 18: ");
  EXPECT_EQ(data->truth[1], (std::vector<int>{1, 1, 0, 0, 0, 0}));
  EXPECT_EQ(data->CountLabels({0, 1}), (std::vector<int>{12, 8}));

  options.test = 1.0;
  EXPECT_EQ(MakeClassifyData(Stream(20, "a.csv"), std::nullopt, options)
                .status()
                .message(),
            "--test is 1; it must be at least 0 and below 1");

  options.test_examples = 5;
  data = MakeClassifyData(Stream(20, "a.csv"), std::nullopt, options);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->sequences[1].lines.size(), 5u);
  options.test_examples = 20;
  EXPECT_EQ(MakeClassifyData(Stream(20, "a.csv"), std::nullopt, options)
                .status()
                .message(),
            "a.csv: --test-rows is 20; the file has 20 rows, of which some "
            "must be left to train on");
}

TEST(ClassifyDataTest, EveryStepOfAStreamIsLabelledAlsoBehindAGap) {
  ClassifyDataOptions options = StreamOptions();
  options.time_column = "t";
  options.test = 0.0;
  auto examples = ReadExamples(
      *CsvTable::Parse("t,a,label\n0,1,off\n60,1,on\n240,1,off\n300,1,on\n",
                       "a.csv"),
      options);
  auto data = MakeClassifyData(*std::move(examples), std::nullopt, options);
  ASSERT_TRUE(data.ok()) << data.status();
  auto plan = PlanClassifier(*data, {});
  auto encoded = EncodeExamples(plan->spec, {}, *data);
  ASSERT_TRUE(encoded.ok()) << encoded.status();
  EXPECT_EQ((*encoded)[0].steps, 6);
  EXPECT_EQ((*encoded)[0].labelled,
            (std::vector<LabelledStep>{{0, 0}, {1, 1}, {4, 0}, {5, 1}}));
}

TEST(ClassifyDataTest, TakesTheTestFromAFileOfItsOwn) {
  ClassifyDataOptions options = StreamOptions();
  auto data =
      MakeClassifyData(Stream(20, "a.csv"), Stream(9, "b.csv"), options);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->train, (std::vector<int>{0}));
  EXPECT_EQ(data->test, (std::vector<int>{1}));
  EXPECT_EQ(data->Where(0), "a.csv: line 2: ");
  EXPECT_EQ(data->Where(1, 3), "b.csv: line 5: ");

  LabelledExamples other = Stream(9, "b.csv");
  other.columns = {"b"};
  EXPECT_EQ(
      MakeClassifyData(Stream(20, "a.csv"), other, options).status().message(),
      "b.csv: the values are b; those of a.csv are a");
  EXPECT_EQ(MakeClassifyData(Stream(4, "a.csv"), Stream(9, "b.csv"), options)
                .status()
                .message(),
            "a.csv: all examples of label \"on\" are in the test part; use "
            "training data that have it");
  EXPECT_EQ(MakeClassifyData(Stream(4, "a.csv"), std::nullopt, options)
                .status()
                .message(),
            "a.csv: all 4 rows have the label \"off\" in column \"label\"; a "
            "classifier needs at least two labels");
}

TEST(ClassifyDataTest, TestsAModelOnAllExamplesByItsOwnLabels) {
  auto data = MakeTestData(Stream(9, "b.csv"), {"on", "idle", "off"});
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_TRUE(data->train.empty());
  EXPECT_EQ(data->test, (std::vector<int>{0}));
  EXPECT_EQ(data->truth[0], (std::vector<int>{2, 2, 2, 2, 0, 0, 0, 0, 2}));
  EXPECT_EQ(
      MakeTestData(Stream(9, "b.csv"), {"off", "idle"}).status().message(),
      "b.csv: line 6: the model has no label \"on\"; it knows off, idle");
}

TEST(ClassifyDataTest, SaysWhatToDoWithABadFile) {
  const auto refusal = [](const std::string& csv, ClassifyDataOptions options) {
    options.label_column = "label";
    return std::string(ReadExamples(*CsvTable::Parse(csv, "a.csv"), options)
                           .status()
                           .message());
  };
  EXPECT_EQ(refusal("a,label\n1,x\nhot,y\n", {}),
            "a.csv: line 3, column \"a\": \"hot\" is not a finite number "
            "(without --features every column but the id, the label and --time "
            "is a feature; a column of texts is named by --text)");
  EXPECT_EQ(refusal("a,label\n1,x\n", {.text_column = "b"}),
            "a.csv: no column \"b\"; there are: a, label");
  EXPECT_EQ(refusal("a,label\n1,x\n ,y\n", {.text_column = "a"}),
            "a.csv: line 3, column \"a\": the cell is empty");
  EXPECT_EQ(ReadExamples(*CsvTable::Parse("a,label\n1,x\n", "a.csv"), {})
                .status()
                .message(),
            "a.csv: no column is named for the label; use --label");
}

TEST(ClassifyDataTest, DropsWordsToTheUnknownOne) {
  auto data = ParseTexts("a b c d e f g h,x\na b c d e f g h,y\n",
                         {.test_examples = 0});
  ASSERT_TRUE(data.ok()) << data.status();
  auto plan = PlanClassifier(*data, {});
  auto examples = EncodeExamples(plan->spec, plan->vocabulary, *data);
  SequenceBatch batch;
  std::vector<float> targets;
  Random random(1);
  int unknown = 0;
  for (int i = 0; i < 100; ++i) {
    MakeBatch(*examples, {0, 1}, 1, {.word_dropout = 0.25}, &random, &batch,
              &targets);
    for (int32_t token : batch.tokens) unknown += token == 0 ? 1 : 0;
  }
  EXPECT_NEAR(unknown / 1600.0, 0.25, 0.05);
}

TEST(ClassifyDataTest, ATextWithoutAWordIsOneUnknownToken) {
  auto data = ParseTexts("a b,x\n\x01,y\n", {.test_examples = 0});
  ASSERT_TRUE(data.ok()) << data.status();
  auto plan = PlanClassifier(*data, {});
  ASSERT_TRUE(plan.ok()) << plan.status();
  auto examples = EncodeExamples(plan->spec, plan->vocabulary, *data);
  EXPECT_EQ((*examples)[1].tokens, std::vector<int32_t>{0});
}

TEST(ClassifyDataTest, ASigmoidHeadNeedsTwoLabels) {
  auto data = ParseTexts("one,x\ntwo,y\nsix,z\n", {.test_examples = 0});
  ClassifySettings settings;
  settings.head = Head::kSigmoid;
  EXPECT_EQ(PlanClassifier(*data, settings).status().message(),
            "log.csv has 3 labels; --head sigmoid needs exactly two, use "
            "softmax");
}

}  // namespace
}  // namespace recur
