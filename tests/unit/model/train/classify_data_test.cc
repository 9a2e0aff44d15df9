#include "model/train/classify_data.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "model/train/classify_examples.h"
#include "model/train/classify_plan.h"

namespace recur {
namespace {

absl::StatusOr<ClassifyData> ParseTexts(const std::string& rows,
                                        ClassifyDataOptions options = {}) {
  options.text_column = "text";
  options.label_column = "label";
  return MakeClassifyData(*CsvTable::Parse("text,label\n" + rows, "log.csv"),
                          options);
}

absl::StatusOr<ClassifyData> ParseSequences(const std::string& rows) {
  ClassifyDataOptions options;
  options.id_column = "id";
  options.label_column = "label";
  options.test = 0.0;
  return MakeClassifyData(*CsvTable::Parse("id,a,b,label\n" + rows, "runs.csv"),
                          options);
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
  EXPECT_EQ(data->truth, (std::vector<int>{1, 0}));
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
  MakeBatch(*examples, {1, 0}, 2, 0.0, &random, &batch, &targets);
  EXPECT_EQ(batch.steps, 2);
  EXPECT_EQ(batch.lengths, (std::vector<int>{1, 2}));
  EXPECT_EQ(targets, (std::vector<float>{0.0f, 1.0f}));
  EXPECT_EQ(batch.points[0].step, 0);
  EXPECT_EQ(batch.points[1].step, 1);
  // Step 0 of the row with id 1: (0 - 2) / 1.633.
  EXPECT_NEAR(batch.inputs[2], -1.224745f, 1e-5f);
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
    MakeBatch(*examples, {0, 1}, 1, 0.25, &random, &batch, &targets);
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
