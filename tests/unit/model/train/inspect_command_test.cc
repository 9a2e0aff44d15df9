#include <cmath>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/format/model_directory.h"
#include "model/train/model_description.h"
#include "nlohmann/json.hpp"
#include "tests/unit/model/train/forecast/series_fixtures.h"
#include "tests/unit/model/train/train_tool_fixture.h"

namespace recur {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class InspectCommandTest : public TrainToolFixture {
 protected:
  // Two versions of a forecaster.
  void SetUp() override {
    TrainToolFixture::SetUp();
    const std::string data = Write(
        "wave.csv", DailyCsv(150, [](int day) { return std::sin(day * 0.7); }));
    model_ = (folder_ / "models" / "wave").string();
    for (const char* hidden : {"4", "6"}) {
      const Outcome outcome =
          Run({"forecast", "--data", data, "--time", "date", "--target", "y",
               "--horizon", "3", "--hidden", hidden, "--steps", "8", "--out",
               model_, "--quiet"});
      ASSERT_EQ(outcome.code, 0) << outcome.err;
    }
  }

  std::string model_;
};

TEST_F(InspectCommandTest, PrintsTheLatestVersion) {
  const Outcome outcome = Run({"inspect", model_});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(
      outcome.out,
      AllOf(HasSubstr("models/wave/2\n"), HasSubstr("forecast, 3 steps ahead"),
            HasSubstr("lstm, 1 layer of 12"), HasSubstr("y (target)"),
            HasSubstr("1 day"), HasSubstr("bytes of state"),
            HasSubstr("layers.0.forward.weight_hidden"),
            HasSubstr("autoregression.weight")));
  EXPECT_THAT(Run({"inspect", model_ + "/1"}).out,
              HasSubstr("lstm, 1 layer of 8"));
}

TEST_F(InspectCommandTest, JsonHasTheSpecAndTheSizes) {
  const Outcome outcome = Run({"inspect", model_, "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  auto model = ReadModel(model_ + "/2");
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(json["fingerprint"], Fingerprint(*model));
  EXPECT_EQ(json["spec"]["network"]["hidden_size"], 12);  // of two members
  int64_t parameters = 0;
  for (const Weights* weights : {&model->weights, &model->feature_weights}) {
    for (const auto& [name, tensor] : *weights) {
      parameters += static_cast<int64_t>(tensor.values.size());
    }
  }
  EXPECT_EQ(json["parameters"], parameters);
  EXPECT_EQ(json["weights"].size(),
            model->weights.size() + model->feature_weights.size());
  EXPECT_GT(json["session_bytes"].get<int>(), 2 * 12 * 4);
}

TEST_F(InspectCommandTest, SaysWhatItWants) {
  EXPECT_EQ(Run({"inspect"}).code, 2);
  const Outcome none = Run({"inspect", (folder_ / "models").string()});
  EXPECT_EQ(none.code, 1);
  EXPECT_THAT(none.err, HasSubstr("give REPOSITORY/NAME"));
  EXPECT_THAT(Run({"inspect", "--help"}).out,
              AllOf(HasSubstr("REPOSITORY/NAME"), HasSubstr("--json")));
}

TEST(ModelDescriptionTest, IntervalsAreInTheirLargestUnit) {
  EXPECT_EQ(IntervalText(std::chrono::hours(24)), "1 day");
  EXPECT_EQ(IntervalText(std::chrono::hours(168)), "7 days");
  EXPECT_EQ(IntervalText(std::chrono::minutes(90)), "90 min");
  EXPECT_EQ(IntervalText(std::chrono::milliseconds(250)), "0.25 s");
  EXPECT_EQ(IntervalText(std::chrono::microseconds(0)), "none");
}

}  // namespace
}  // namespace recur
