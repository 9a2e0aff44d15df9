#include "model/format/spec_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/unit/model/format/model_fixtures.h"

namespace recur {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// The message of a text that must be refused.
std::string Refusal(
    const std::string& json,
    absl::StatusCode code = absl::StatusCode::kInvalidArgument) {
  const auto spec = SpecFromJson(json);
  EXPECT_EQ(spec.status().code(), code) << json.substr(0, 200);
  return std::string(spec.status().message());
}

// The small model's JSON with one piece of text replaced.
std::string Edited(const std::string& from, const std::string& to) {
  const std::string json = SpecToJson(SmallModel().spec);
  EXPECT_THAT(json, HasSubstr(from));
  return absl::StrReplaceAll(json, {{from, to}});
}

TEST(SpecJsonTest, EveryKindOfSpecReadsBackAsItWas) {
  for (const Model& model : AllModels()) {
    const std::string json = SpecToJson(model.spec);
    const auto spec = SpecFromJson(json);
    ASSERT_TRUE(spec.ok()) << spec.status() << json;
    EXPECT_TRUE(*spec == model.spec) << json;
    EXPECT_EQ(SpecToJson(*spec), json);
  }
}

TEST(SpecJsonTest, KeepsFieldsThatDoNotApplyIfTheyWereSet) {
  ModelSpec spec = TextModel().spec;
  spec.network.input_size = 2;
  spec.network.cell.linear_before_reset = false;
  const auto back = SpecFromJson(SpecToJson(spec));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(*back == spec);
}

TEST(SpecJsonTest, ReadsAHandWrittenModel) {
  const auto spec = SpecFromJson(R"({"format": 1, "task": "classify",
    "network": {"cell": "rnn", "activation": "relu", "input_size": 4,
                "hidden_size": 4, "layers": 1, "bidirectional": false,
                "head": "softmax", "classes": 2},
    "labels": ["dry", "wet"],
    "features": {"columns": [{"name": "rain", "mean": 3, "scale": 6.5e0,
                              "may_be_missing": true, "known_ahead": false}],
                 "targets": [], "interval_us": 60000000,
                 "max_gap_intervals": 5, "changes": false, "seasons": [],
                 "calendar": {"day_harmonics": 1, "week_harmonics": 0,
                              "year_harmonics": 0, "utc_offset_minutes": 60},
                 "anchor": "mean", "output_scale": [], "input_clip": 4}})");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->network.cell.activation, Activation::kRelu);
  EXPECT_EQ(spec->features.columns[0].mean, 3.0);
  EXPECT_EQ(spec->features.columns[0].scale, 6.5);
  EXPECT_EQ(spec->features.interval, std::chrono::minutes(1));
  EXPECT_EQ(spec->features.calendar.utc_offset_minutes, 60);
  EXPECT_EQ(spec->labels[1], "wet");
  EXPECT_EQ(spec->description, "");
}

TEST(SpecJsonTest, WritesTextForPeople) {
  const std::string json = SpecToJson(SmallModel().spec);
  EXPECT_THAT(json, HasSubstr("\n  \"network\": {\n    \"cell\": \"gru\",\n"));
  EXPECT_THAT(json, EndsWith("}\n"));
}

TEST(SpecJsonTest, RefusesUnknownFieldsByName) {
  EXPECT_EQ(Refusal(Edited("\"layers\"", "\"depth\": 3, \"layers\"")),
            "network has no field \"depth\"");
  EXPECT_EQ(Refusal(Edited("\"task\"", "\"tusk\": 3, \"task\"")),
            "the model has no field \"tusk\"");
  EXPECT_EQ(Refusal(Edited("\"mean\": 0", "\"maen\": 3, \"mean\": 0")),
            "features.columns[0] has no field \"maen\"");
}

TEST(SpecJsonTest, NamesTheFieldThatIsMissing) {
  EXPECT_EQ(Refusal("{}"), "the field format is missing");
  EXPECT_EQ(Refusal(Edited("\"hidden_size\": 2,", "")),
            "the field network.hidden_size is missing");
  EXPECT_EQ(Refusal(Edited("\"mean\": 0.0,", "")),
            "the field features.columns[0].mean is missing");
}

TEST(SpecJsonTest, EveryFieldIsEitherNeededOrReallyOptional) {
  // Cutting any one line that holds a plain field leaves either a refusal that
  // names it or, for those few that may be left out, a spec.
  for (const Model& model : AllModels()) {
    const std::string json = SpecToJson(model.spec);
    for (size_t at = json.find('\n'); at + 1 < json.size();) {
      const size_t end = json.find('\n', at + 1);
      const std::string line = json.substr(at + 1, end - at - 1);
      const size_t colon = line.find("\": ");
      if (colon != line.npos && line.back() == ',') {
        std::string name = line.substr(0, colon).substr(line.find('"') + 1);
        const auto spec =
            SpecFromJson(json.substr(0, at + 1) + json.substr(end + 1));
        const bool optional = name == "description" || name == "pooling" ||
                              name == "running_scale";
        EXPECT_EQ(spec.ok(), optional) << line;
        if (!spec.ok()) {
          // Without a vocabulary it takes an input_size instead.
          if (name == "vocabulary_size") name = "input_size";
          // Without it there are fewer inputs than the network has.
          if (name == "season_values") name = "input_size";
          EXPECT_THAT(std::string(spec.status().message()), HasSubstr(name));
        }
      }
      at = end;
    }
  }
}

TEST(SpecJsonTest, SaysWhatAFieldIsAndMustBe) {
  EXPECT_EQ(Refusal(Edited("\"layers\": 1", "\"layers\": \"one\"")),
            "network.layers is \"one\"; it must be a whole number of 32 bits");
  EXPECT_EQ(Refusal(Edited("\"layers\": 1", "\"layers\": 1.5")),
            "network.layers is 1.5; it must be a whole number of 32 bits");
  EXPECT_EQ(Refusal(Edited("\"layers\": 1", "\"layers\": 4294967297")),
            "network.layers is 4294967297; it must be a whole number of 32 "
            "bits");
  EXPECT_EQ(
      Refusal(Edited("\"interval_us\": 0",
                     "\"interval_us\": 18446744073709551615")),
      "features.interval_us is 18446744073709551615; it must be a whole number "
      "of 64 bits");
  EXPECT_EQ(Refusal(Edited("\"mean\": 0.0", "\"mean\": null")),
            "features.columns[0].mean is null; it must be a number");
  EXPECT_EQ(Refusal(Edited("\"changes\": false", "\"changes\": 0")),
            "features.changes is 0; it must be true or false");
  EXPECT_EQ(Refusal(Edited("\"name\": \"x\"", "\"name\": [1]")),
            "features.columns[0].name is array; it must be a string");
  EXPECT_EQ(Refusal(Edited("\"seasons\": []", "\"seasons\": {}")),
            "features.seasons is object; it must be an array");
  EXPECT_EQ(Refusal(Edited("\"seasons\": []", "\"seasons\": [7, true]")),
            "features.seasons[1] is true; it must be a whole number of 32 "
            "bits");
  EXPECT_EQ(Refusal(R"({"format": 1, "task": "classify", "network": 3})"),
            "network is 3; it must be an object");
}

TEST(SpecJsonTest, RefusesNamesItDoesNotKnow) {
  EXPECT_EQ(Refusal(Edited("\"gru\"", "\"qrnn\"")),
            "network.cell: cell is \"qrnn\"; it must be rnn, lstm or gru");
  EXPECT_EQ(Refusal(Edited("\"mean\",", "\"median\",")),
            "features.anchor: anchor is \"median\"; it must be mean or last");
  EXPECT_THAT(Refusal(Edited("\"gru\"",
                             absl::StrCat("\"", std::string(5000, 'x'), "\""))),
              HasSubstr("x...\"; it must be a known word"));
}

TEST(SpecJsonTest, PrecisionIsF32UnlessItIsNamed) {
  ModelSpec spec = SmallModel().spec;
  const std::string plain = SpecToJson(spec);
  EXPECT_THAT(plain, Not(HasSubstr("precision")));
  EXPECT_EQ(SpecFromJson(plain)->precision, Precision::kF32);
  const std::string f32 =
      Edited("\"network\"", "\"precision\": \"f32\", \"network\"");
  EXPECT_EQ(SpecFromJson(f32)->precision, Precision::kF32);

  spec.precision = Precision::kBf16;
  const std::string json = SpecToJson(spec);
  EXPECT_THAT(json, HasSubstr("\n  \"precision\": \"bf16\",\n"));
  const auto back = SpecFromJson(json);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(*back == spec);
}

TEST(SpecJsonTest, RefusesAPrecisionThereIsNot) {
  const auto refusal = [](const std::string& value) {
    return Refusal(
        Edited("\"network\"", "\"precision\": " + value + ", \"network\""));
  };
  EXPECT_EQ(refusal("\"fp8\""),
            "precision: precision is \"fp8\"; it must be f32 or bf16");
  EXPECT_EQ(refusal("\"\""),
            "precision: precision is \"\"; it must be f32 or bf16");
  EXPECT_EQ(refusal("16"), "precision is 16; it must be a string");
  EXPECT_EQ(refusal("null"), "precision is null; it must be a string");
  EXPECT_EQ(refusal("[\"bf16\"]"), "precision is array; it must be a string");
}

TEST(SpecJsonTest, RefusesAnotherFormatVersion) {
  EXPECT_EQ(Refusal(Edited("\"format\": 1", "\"format\": 2")),
            "format is 2; this version reads format 1");
}

TEST(SpecJsonTest, RefusesASpecThatDoesNotAgreeWithItself) {
  EXPECT_EQ(Refusal(Edited("\"classes\": 2", "\"classes\": 3")),
            "labels has 2 entries; the head needs 3");
  EXPECT_EQ(Refusal(Edited("\"hidden_size\": 2", "\"hidden_size\": -2")),
            "network.hidden_size is -2; it must be 1 to 16384");
}

TEST(SpecJsonTest, WhatIsNotJsonIsDataLossWithItsLine) {
  const auto code = absl::StatusCode::kDataLoss;
  EXPECT_THAT(Refusal("", code), HasSubstr("not a JSON object"));
  EXPECT_THAT(Refusal("[1]", code), HasSubstr("not a JSON object"));
  EXPECT_THAT(Refusal("{\n\n\"task\" 3}", code),
              HasSubstr("not JSON on line 3 (byte 11): unexpected number"));
  EXPECT_THAT(Refusal("{} {}", code), HasSubstr("not JSON on line 1"));
  EXPECT_THAT(Refusal("{\"format\": 1e999}", code),
              HasSubstr("too large for 64 bits"));
  EXPECT_THAT(Refusal("{\"format\": NaN}", code), HasSubstr("not JSON"));
  EXPECT_THAT(Refusal("{\"task\": \"\xff\"}", code), HasSubstr("UTF-8"));
}

TEST(SpecJsonTest, RefusesAKeyGivenTwice) {
  EXPECT_EQ(Refusal(Edited("\"layers\": 1", "\"layers\": 1, \"layers\": 1"),
                    absl::StatusCode::kDataLoss),
            "the key \"layers\" is given twice in one object");
}

TEST(SpecJsonTest, RefusesDeepAndLongJsonAtOnce) {
  const auto code = absl::StatusCode::kDataLoss;
  const std::string deep(8 << 20, '[');
  EXPECT_EQ(Refusal("{\"task\": " + deep, code),
            "JSON is nested more than 8 levels deep");
  std::string objects = "{\"a\":";
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  EXPECT_EQ(Refusal(objects, code), "JSON is nested more than 8 levels deep");
  std::string many = "{\"a\":[0";
  for (int i = 0; i < 1100000; ++i) many += ",0";
  EXPECT_EQ(Refusal(many + "]}", code), "JSON has more than 1048576 values");
  EXPECT_EQ(Refusal(std::string((16 << 20) + 1, ' '), code),
            "JSON of 16777217 bytes; the limit is 16777216");
}

TEST(SpecJsonTest, MessagesStayShortAndPrintableOnHostileText) {
  const std::string key(100000, '\x01');
  const std::string json = Edited(
      "\"layers\"",
      absl::StrCat("\"", std::string(100000, 'k'), "\\u0001\": 3, \"layers\""));
  EXPECT_LT(Refusal(json).size(), 200u);
  EXPECT_LT(Refusal("{\"" + key + "\": 1}", absl::StatusCode::kDataLoss).size(),
            300u);
}

TEST(SpecJsonTest, RandomChangesOfBytesGiveAStatusOrAValidSpec) {
  std::mt19937 random(11);
  int valid = 0;
  for (const Model& model : AllModels()) {
    const std::string json = SpecToJson(model.spec);
    for (int round = 0; round < 1500; ++round) {
      std::string bytes = json;
      for (unsigned change = 0; change <= random() % 3; ++change) {
        bytes[random() % bytes.size()] =
            random() % 2 ? static_cast<char>(random())
                         : "0123456789{}[]\",:-."[random() % 19];
      }
      const auto spec = SpecFromJson(bytes);
      if (!spec.ok()) continue;
      ++valid;
      EXPECT_TRUE(ValidateModelSpec(*spec).ok());
    }
  }
  EXPECT_GT(valid, 0);
}

TEST(SpecJsonTest, EveryTruncationIsDataLoss) {
  const std::string json = SpecToJson(SmallModel().spec);
  for (size_t size = 0; size + 2 < json.size(); ++size) {
    EXPECT_EQ(SpecFromJson(json.substr(0, size)).status().code(),
              absl::StatusCode::kDataLoss)
        << size;
  }
}

}  // namespace
}  // namespace recur
