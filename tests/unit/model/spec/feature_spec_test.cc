#include "model/spec/feature_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "model/spec/model_spec.h"

namespace recur {
namespace {

using ::testing::HasSubstr;

FeatureSpec Valid() {
  FeatureSpec spec;
  spec.columns = {{.name = "load", .mean = 3.0, .scale = 2.0},
                  {.name = "wind", .may_be_missing = true},
                  {.name = "holiday", .known_ahead = true}};
  spec.targets = {0, 1};
  spec.output_scale = {1.0, 2.0};
  spec.interval = std::chrono::hours(1);
  spec.max_gap_intervals = 24;
  spec.calendar = {.day_harmonics = 2, .year_harmonics = 3};
  spec.changes = true;
  spec.seasons = {24, 168};
  spec.input_clip = 8.0;
  return spec;
}

void ExpectRefused(const FeatureSpec& spec, const std::string& message) {
  const absl::Status status = ValidateFeatureSpec(spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(message));
}

TEST(FeatureSpecTest, AcceptsAValidOneAndAnEmptyOne) {
  EXPECT_TRUE(ValidateFeatureSpec(Valid()).ok());
  EXPECT_TRUE(ValidateFeatureSpec(FeatureSpec()).ok());
}

TEST(FeatureSpecTest, CountsWidths) {
  // 3 columns, 1 indicator, 2 targets x (2 changes + 2 seasons), 10 calendar.
  EXPECT_EQ(InputWidth(Valid()), 3 + 1 + 8 + 10);
  // 10 calendar, 2 targets x 2 seasons, 1 known ahead.
  EXPECT_EQ(FutureWidth(Valid()), 10 + 4 + 1);
  EXPECT_EQ(PastValues(Valid()), 168);
}

TEST(FeatureSpecTest, CountsWhatTheAutoregressionAdds) {
  FeatureSpec spec = Valid();
  spec.anchor = Anchor::kLast;
  spec.season_values = 2;
  spec.autoregression = {.lags = 400, .year_harmonics = 3};
  ASSERT_TRUE(ValidateFeatureSpec(spec).ok()) << ValidateFeatureSpec(spec);
  EXPECT_EQ(InputWidth(spec), 3 + 1 + 2 * (2 + 2 * 2) + 10);
  EXPECT_EQ(FutureWidth(spec), 10 + 2 * (2 * 2 + 1) + 1);
  EXPECT_EQ(PastValues(spec), 401);
  const std::vector<TensorShape> shapes = FeatureWeightShapes(spec, 24);
  ASSERT_EQ(shapes.size(), 1u);
  EXPECT_EQ(shapes[0].dims, (std::vector<int64_t>{1, 2, 400 + 6 + 1, 24}));
  spec.autoregression.lags = 300;
  EXPECT_EQ(PastValues(spec), 336);
  spec.calendar.dates = true;
  EXPECT_EQ(FutureWidth(spec), 10 + 12 + 31 + 2 * (2 * 2 + 1) + 1);
}

TEST(FeatureSpecTest, CategoriesAreAnInputEach) {
  FeatureSpec spec = Valid();
  const int before = InputWidth(spec);
  spec.columns.push_back({.name = "series"});
  spec.columns.back().categories = 5;
  EXPECT_TRUE(ValidateFeatureSpec(spec).ok());
  EXPECT_EQ(InputWidth(spec), before + 5);
  spec.columns.back().known_ahead = true;
  ExpectRefused(spec, "5 categories");
  spec.columns.back() = {.name = "series"};
  spec.columns.back().categories = 1025;
  ExpectRefused(spec, "1025 categories");
  spec.columns.back().categories = 2;
  spec.targets = {3};
  spec.output_scale = {1.0};
  ExpectRefused(spec, "has no categories");
}

TEST(FeatureSpecTest, CategoriesHaveANameEachOrNone) {
  FeatureSpec spec = Valid();
  spec.columns.push_back({.name = "series", .categories = 2});
  spec.columns.back().category_names = {"north", "south"};
  EXPECT_TRUE(ValidateFeatureSpec(spec).ok());
  spec.columns.back().category_names = {"north"};
  ExpectRefused(spec, "has 1 category_names; it has 2 categories");
  spec.columns.back().category_names = {"north", "north"};
  ExpectRefused(spec, "doubled name \"north\"");
  spec.columns.back().category_names = {"north", ""};
  ExpectRefused(spec, "empty or doubled name \"\"");
  spec.columns[0].category_names = {"north"};
  ExpectRefused(spec, "has 1 category_names; it has 0 categories");
}

TEST(FeatureSpecTest, ATimeZoneReplacesTheOffset) {
  FeatureSpec spec = Valid();
  spec.calendar.time_zone = "Europe/London";
  EXPECT_TRUE(ValidateFeatureSpec(spec).ok());
  spec.calendar.utc_offset_minutes = 60;
  ExpectRefused(spec, "beside an offset of 60 minutes");
  spec.calendar = {.time_zone = std::string(65, 'x')};
  ExpectRefused(spec, "has 65 bytes");
}

TEST(FeatureSpecTest, BoundsTheAutoregression) {
  FeatureSpec spec = Valid();
  spec.autoregression.lags = 10;
  ExpectRefused(spec, "needs targets and the anchor \"last\"");
  spec.anchor = Anchor::kLast;
  EXPECT_TRUE(ValidateFeatureSpec(spec).ok());
  spec.autoregression.lags = 2049;
  ExpectRefused(spec, "2049 lags");
  spec.autoregression.lags = -1;
  ExpectRefused(spec, "-1 lags");
  spec.autoregression = {.lags = 10, .year_harmonics = 17};
  ExpectRefused(spec, "17 harmonics");
  spec.autoregression = {.lags = 10, .column = 1};
  ExpectRefused(spec, "features.autoregression.column is 1");
  spec.columns.push_back({.name = "series"});
  spec.columns.back().categories = 4;
  spec.autoregression.column = 3;
  EXPECT_TRUE(ValidateFeatureSpec(spec).ok());
  EXPECT_EQ(FeatureWeightShapes(spec, 24)[0].dims[0], 4);
  spec.autoregression = {};
  spec.season_values = 3;
  ExpectRefused(spec, "features.season_values is 3; it must be 1 or 2");
  spec.season_values = 2;
  spec.seasons = {100000};
  spec.targets = {0};
  spec.output_scale = {1.0};
  EXPECT_TRUE(ValidateFeatureSpec(spec).ok());
  EXPECT_EQ(PastValues(spec), 200000);
}

TEST(FeatureSpecTest, WithoutTargetsThereIsNoFuture) {
  FeatureSpec spec = Valid();
  spec.targets.clear();
  spec.output_scale.clear();
  EXPECT_EQ(FutureWidth(spec), 0);
  EXPECT_EQ(InputWidth(spec), 3 + 1 + 10);
  EXPECT_EQ(PastValues(FeatureSpec()), 0);
}

TEST(FeatureSpecTest, RefusesEmptyAndDoubledColumnNames) {
  FeatureSpec spec = Valid();
  spec.columns[1].name = "load";
  ExpectRefused(spec, "empty or doubled name \"load\"");
  spec.columns[1].name = "";
  ExpectRefused(spec, "empty or doubled name \"\"");
}

TEST(FeatureSpecTest, RefusesTooManyColumns) {
  FeatureSpec spec;
  for (int i = 0; i < 4097; ++i) {
    spec.columns.push_back({.name = absl::StrCat("c", i)});
  }
  ExpectRefused(spec, "features.columns has 4097 entries; the limit is 4096");
}

TEST(FeatureSpecTest, RefusesScalesThatCannotScale) {
  for (double scale : {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(),
                       std::numeric_limits<double>::infinity()}) {
    FeatureSpec spec = Valid();
    spec.columns[0].scale = scale;
    ExpectRefused(spec, "column \"load\" has mean 3 and scale");
    spec = Valid();
    spec.output_scale[1] = scale;
    ExpectRefused(spec, "features.output_scale has");
  }
  FeatureSpec spec = Valid();
  spec.columns[0].mean = std::numeric_limits<double>::infinity();
  ExpectRefused(spec, "column \"load\" has mean inf");
}

TEST(FeatureSpecTest, RefusesTargetsThatAreNoColumnsToForecast) {
  for (int target : {-1, 3, 2}) {  // 2 is known ahead
    FeatureSpec spec = Valid();
    spec.targets[1] = target;
    ExpectRefused(spec, absl::StrCat("features.targets has ", target, ";"));
  }
  FeatureSpec spec = Valid();
  spec.targets[1] = 0;
  ExpectRefused(spec, "features.targets has 0 twice");
}

TEST(FeatureSpecTest, NeedsAnOutputScalePerTarget) {
  FeatureSpec spec = Valid();
  spec.output_scale.pop_back();
  ExpectRefused(spec,
                "features.output_scale has 1 entries; there are 2 targets");
}

TEST(FeatureSpecTest, RefusesIntervalsOutOfRange) {
  FeatureSpec spec = Valid();
  spec.interval = std::chrono::microseconds(-1);
  ExpectRefused(spec, "features.interval_us is -1; it must be 0");
  spec.interval = std::chrono::hours(24 * 3661);
  ExpectRefused(spec, "(3660 days)");
  spec.interval = std::chrono::hours(24 * 3660);
  EXPECT_TRUE(ValidateFeatureSpec(spec).ok());
}

TEST(FeatureSpecTest, ACalendarNeedsAnInterval) {
  FeatureSpec spec = Valid();
  spec.interval = std::chrono::microseconds(0);
  ExpectRefused(spec, "features.calendar needs a features.interval_us above 0");
}

TEST(FeatureSpecTest, RefusesCalendarsOutOfRange) {
  for (int harmonics : {-1, 17}) {
    FeatureSpec spec = Valid();
    spec.calendar.week_harmonics = harmonics;
    ExpectRefused(spec, absl::StrCat("features.calendar has ", harmonics,
                                     " harmonics; it must be 0 to 16"));
  }
  for (int minutes : {-1441, 1441, std::numeric_limits<int>::min()}) {
    FeatureSpec spec = Valid();
    spec.calendar.utc_offset_minutes = minutes;
    ExpectRefused(spec, absl::StrCat("utc_offset_minutes is ", minutes));
  }
}

TEST(FeatureSpecTest, RefusesGapsOutOfRange) {
  for (int gap : {0, -1, 1000001}) {
    FeatureSpec spec = Valid();
    spec.max_gap_intervals = gap;
    ExpectRefused(spec, absl::StrCat("features.max_gap_intervals is ", gap,
                                     "; it must be 1 to 1000000"));
  }
}

TEST(FeatureSpecTest, RefusesSeasonsOutOfRange) {
  for (int season : {0, -24, 100001}) {
    FeatureSpec spec = Valid();
    spec.seasons[0] = season;
    ExpectRefused(spec, absl::StrCat("features.seasons has ", season,
                                     "; it must be 1 to 100000"));
  }
  FeatureSpec spec = Valid();
  spec.seasons = {24, 24};
  ExpectRefused(spec, "features.seasons has 24 twice");
  spec.seasons.clear();
  for (int i = 1; i <= 65; ++i) spec.seasons.push_back(i);
  ExpectRefused(spec, "features.seasons has 65 entries; the limit is 64");
}

TEST(FeatureSpecTest, BoundsWhatASequenceRemembers) {
  FeatureSpec spec;
  for (int i = 0; i < 11; ++i) {
    spec.columns.push_back({.name = absl::StrCat("c", i)});
    spec.targets.push_back(i);
    spec.output_scale.push_back(1.0);
  }
  spec.seasons = {100000};
  ExpectRefused(spec, "remember 11 targets x 100000 past values; the limit");
  spec.seasons = {90000};
  EXPECT_TRUE(ValidateFeatureSpec(spec).ok());
}

TEST(FeatureSpecTest, BoundsTheInputsOfOneObservation) {
  FeatureSpec spec = Valid();
  spec.max_gap_intervals = 1000000;
  ExpectRefused(spec, "is 1000000 with 22 inputs per interval; the limit is");
}

TEST(FeatureSpecTest, RefusesAClipBelowZero) {
  FeatureSpec spec = Valid();
  spec.input_clip = -1.0;
  ExpectRefused(spec, "features.input_clip is -1; it must be finite and 0");
}

ModelSpec ModelOf(const FeatureSpec& features) {
  ModelSpec model;
  model.task = Task::kForecast;
  model.features = features;
  model.quantiles = {0.1, 0.5, 0.9};
  model.network.input_size = InputWidth(features);
  model.network.hidden_size = 4;
  model.network.head = Head::kForecast;
  model.network.horizon = 7;
  model.network.targets = 2;
  model.network.levels = 3;
  model.network.future_size = FutureWidth(features);
  model.network.decoder_size = 4;
  return model;
}

TEST(FeatureSpecTest, ANetworkMustTakeTheWidthsThatFeaturesMake) {
  EXPECT_TRUE(ValidateModelSpec(ModelOf(Valid())).ok())
      << ValidateModelSpec(ModelOf(Valid()));
  ModelSpec model = ModelOf(Valid());
  model.network.input_size = 21;
  EXPECT_EQ(ValidateModelSpec(model).message(),
            "network.input_size is 21; features make 22 inputs");
  model = ModelOf(Valid());
  model.network.future_size = 0;
  EXPECT_EQ(ValidateModelSpec(model).message(),
            "network.future_size is 0; features make 15 for each target step");
}

}  // namespace
}  // namespace recur
