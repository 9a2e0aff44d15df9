#include "client/cli/classify_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "model/spec/error_reason.h"

namespace recur::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

client::ModelInfo TextModel() { return {.name = "logs", .takes_text = true}; }

client::ModelInfo SequenceModel() {
  client::ModelInfo model{.name = "motion"};
  model.inputs = {{.name = "x"}};
  return model;
}

absl::StatusOr<ClassifyInputs> Read(const ClassifySource& source,
                                    const client::ModelInfo& model,
                                    const std::string& input = "") {
  std::istringstream in(input);
  return ReadClassifyInputs(source, model, in);
}

TEST(ClassifyInputsTest, TakesTextsFromArgumentsOrLines) {
  const auto arguments = Read({.texts = {"a b", "c"}}, TextModel());
  EXPECT_THAT(arguments->texts, ElementsAre("a b", "c"));
  const auto lines = Read({.text_file = "-"}, TextModel(), "one\n\n two \n");
  EXPECT_THAT(lines->texts, ElementsAre("one", "two"));
  EXPECT_THAT(lines->labels, IsEmpty());
}

TEST(ClassifyInputsTest, NamesTheLineOfATextThatIsNotUtf8) {
  const auto lines = Read({.text_file = "-"}, TextModel(), "fine\nna\xEFve\n");
  EXPECT_EQ(lines.status().message(), "standard input: line 2 is not UTF-8");
  const auto cells = Read({.csv = "-", .text_column = "line"}, TextModel(),
                          "line\nfine\nna\xEFve\n");
  EXPECT_EQ(cells.status().message(),
            "standard input: line 3: byte 0xEF is not UTF-8 text; save the "
            "file as UTF-8, for example with `iconv -f WINDOWS-1252 -t UTF-8`");
}

TEST(ClassifyInputsTest, SaysWhatIsWrongWithAFileOfTexts) {
  EXPECT_EQ(Read({.text_file = "/no/such"}, TextModel()).status().message(),
            "/no/such: cannot be opened: No such file or directory");
  EXPECT_EQ(Read({.text_file = "-"}, TextModel(), "\n").status().message(),
            "standard input holds no text");
}

TEST(ClassifyInputsTest, TakesTextsAndLabelsFromColumns) {
  const auto inputs =
      Read({.csv = "-", .text_column = "line", .label_column = "kind"},
           TextModel(), "kind,line\nleak,\"oil, again\"\nok,fine\n");
  ASSERT_TRUE(inputs.ok()) << inputs.status();
  EXPECT_THAT(inputs->texts, ElementsAre("oil, again", "fine"));
  EXPECT_THAT(inputs->labels, ElementsAre("leak", "ok"));
}

TEST(ClassifyInputsTest, GathersTheRowsOfEachId) {
  const auto inputs =
      Read({.csv = "-", .id_column = "id", .label_column = "l"},
           SequenceModel(), "id,x,l\nb,1,up\na,5,down\nb,2,up\na,6,down\n");
  ASSERT_TRUE(inputs.ok()) << inputs.status();
  EXPECT_THAT(inputs->names, ElementsAre("b", "a"));
  EXPECT_THAT(inputs->sequences[0].values, ElementsAre(1, 2));
  EXPECT_THAT(inputs->sequences[1].values, ElementsAre(5, 6));
  EXPECT_THAT(inputs->labels, ElementsAre("up", "down"));
}

TEST(ClassifyInputsTest, ASequenceHasOneLabel) {
  const auto inputs = Read({.csv = "-", .id_column = "id", .label_column = "l"},
                           SequenceModel(), "id,x,l\nb,1,up\nb,2,down\n");
  EXPECT_THAT(inputs.status().message(),
              HasSubstr("line 3: sequence \"b\" has two labels"));
}

TEST(ClassifyInputsTest, SaysWhatTheModelTakes) {
  const auto texts = Read({.texts = {"a"}}, SequenceModel());
  EXPECT_EQ(ReasonOf(texts.status()), "usage");
  EXPECT_THAT(texts.status().message(),
              HasSubstr("\"motion\" takes sequences, not texts"));
  const auto sequences =
      Read({.csv = "-", .id_column = "id"}, TextModel(), "id,x\n");
  EXPECT_THAT(sequences.status().message(),
              HasSubstr("\"logs\" takes texts, not sequences"));
}

TEST(ClassifyInputsTest, SourcesMayNotContradictEachOther) {
  EXPECT_EQ(ReasonOf(Read({}, TextModel()).status()), "usage");
  EXPECT_EQ(
      ReasonOf(Read({.texts = {"a"}, .text_file = "-"}, TextModel()).status()),
      "usage");
  EXPECT_THAT(Read({.csv = "-"}, TextModel(), "a\n").status().message(),
              HasSubstr("--csv needs --sequence-id"));
  EXPECT_THAT(Read({.texts = {"a"}, .label_column = "l"}, TextModel())
                  .status()
                  .message(),
              HasSubstr("need --csv"));
}

}  // namespace
}  // namespace recur::cli
