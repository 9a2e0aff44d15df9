#include "model/train/explain/explainer.h"

#include <cmath>

#include "gtest/gtest.h"
#include "model/network/random_weights.h"
#include "model/train/explain/input_shares.h"
#include "model/train/forecast/forecast_plan.h"
#include "tests/unit/model/train/forecast/series_fixtures.h"

namespace recur {
namespace {

// Weights at random: an explanation must hold for any network.
absl::StatusOr<Model> ForecasterOf(const absl::StatusOr<ForecastData>& data,
                                   float spread) {
  if (!data.ok()) return data.status();
  ForecastSettings settings;
  settings.hidden_size = 4;
  settings.decoder_size = 5;
  settings.seasons = {7};
  settings.quantiles = {0.1, 0.4, 0.8};
  settings.lags = 0;
  auto plan = PlanForecast(*data, settings);
  if (!plan.ok()) return plan.status();
  return Model{plan->spec, RandomWeights(plan->spec.network, 3, spread), {}};
}

absl::StatusOr<Model> RandomForecaster() {
  return ForecasterOf(
      ParseSeries(
          DailyCsv(800,
                   [](int day) { return std::sin(day * 0.7) + day * 0.01; }),
          3, 30),
      0.5f);
}

// Values near the mean, where the answer is as good as linear in them.
Question NearTheMean(const Explainer& explainer, int steps) {
  const Column& column = explainer.servable().spec.features.columns[0];
  Question question;
  question.before = explainer.servable().features.InitialState();
  question.baseline = {column.mean};
  for (int step = 0; step < steps; ++step) {
    question.values.push_back(column.mean +
                              3e-4 * column.scale * std::cos(step * 1.3));
    question.times.push_back((18262 + step) * kDayUs);
  }
  return question;
}

// Two series that a model knows, the second a million times the first.
std::string PanelCsv(const std::string& first, const std::string& second) {
  std::string csv = "site,y\n";
  for (int row = 0; row < 120; ++row) {
    for (const std::string& site : {first, second}) {
      absl::StrAppend(&csv, site, ",",
                      (site == "large" ? 1e6 : 1.0) *
                          (3.0 + std::sin(row * 0.7) + std::cos(row * row)),
                      "\n");
    }
  }
  return csv;
}

absl::StatusOr<ForecastData> ParsePanel(const std::string& csv) {
  ForecastDataOptions options;
  options.series = "site";
  options.known_series = {"small", "large"};
  options.targets = {"y"};
  options.horizon = 3;
  options.test_rows = 30;
  return MakeForecastData(*CsvTable::Parse(csv, "panel.csv"), options);
}

absl::StatusOr<Model> PanelForecaster(float spread) {
  return ForecasterOf(ParsePanel(PanelCsv("small", "large")), spread);
}

// The last 12 rows of a series, of which no step is the first one.
absl::StatusOr<Question> PanelQuestion(const Explainer& explainer,
                                       const ForecastSeries& series,
                                       double site) {
  std::vector<Observation> seen;
  std::vector<double> values;
  for (int row = 0; row < series.table.rows(); ++row) {
    values.insert(values.end(), {series.At(row).values[0], site});
  }
  for (int row = 0; row < series.table.rows(); ++row) {
    seen.push_back({.values = absl::MakeConstSpan(values).subspan(2 * row, 2)});
  }
  int refused = 0;
  return QuestionAfter(explainer.servable(), seen, 12, &refused);
}

double MoveWithout(Explainer* explainer, Question question, int step) {
  const double before = *explainer->Answer(question);
  explainer->Remove(step, 0, &question);
  return before - *explainer->Answer(question);
}

TEST(ExplainerTest, SmallInfluencesAreWhatTheAnswerLosesWithoutTheValue) {
  auto model = RandomForecaster();
  ASSERT_TRUE(model.ok()) << model.status();
  auto explainer = Explainer::Create(*model);
  ASSERT_TRUE(explainer.ok()) << explainer.status();
  for (int ahead : {0, 1, 3}) {
    Question question = NearTheMean(*explainer, 20);
    question.ahead = ahead;
    auto explanation = explainer->Explain(question);
    ASSERT_TRUE(explanation.ok()) << explanation.status();
    ASSERT_EQ(explanation->columns,
              (std::vector<std::string>{"y", "calendar"}));
    double largest = 0.0;
    for (int step = 0; step < 20; ++step) {
      largest = std::max(largest, std::abs(explanation->influence[2 * step]));
    }
    for (int step = 0; step < 20; ++step) {
      EXPECT_NEAR(explanation->influence[2 * step],
                  MoveWithout(&*explainer, question, step), 0.03 * largest)
          << "step " << step << ", ahead " << ahead;
    }
  }
}

TEST(ExplainerTest, ColumnsAreTheSumsOfTheirValues) {
  auto model = RandomForecaster();
  ASSERT_TRUE(model.ok()) << model.status();
  auto explainer = Explainer::Create(*model);
  ASSERT_TRUE(explainer.ok()) << explainer.status();
  const Question question = NearTheMean(*explainer, 20);
  auto explanation = explainer->Explain(question);
  ASSERT_TRUE(explanation.ok()) << explanation.status();
  auto columns = explainer->ExplainColumns(question);
  ASSERT_TRUE(columns.ok()) << columns.status();
  const std::vector<double> sums = explanation->ByColumn();
  ASSERT_EQ(columns->size(), sums.size());
  for (size_t i = 0; i < sums.size(); ++i) {
    EXPECT_NEAR((*columns)[i], sums[i], 1e-3 * std::abs(sums[i]) + 1e-6);
  }
}

TEST(ExplainerTest, ASeriesOfAnySizeIsExplainedInItsOwnUnits) {
  auto model = PanelForecaster(0.5f);
  ASSERT_TRUE(model.ok()) << model.status();
  ASSERT_TRUE(model->spec.features.running_scale);
  auto explainer = Explainer::Create(*model);
  ASSERT_TRUE(explainer.ok()) << explainer.status();
  const ForecastData data = *ParsePanel(PanelCsv("small", "large"));
  // The same place for both, so that nothing but the size differs.
  const auto small =
      explainer->Explain(*PanelQuestion(*explainer, data.series[0], 1.0));
  const auto large =
      explainer->Explain(*PanelQuestion(*explainer, data.series[1], 1.0));
  ASSERT_TRUE(small.ok() && large.ok()) << small.status() << large.status();
  EXPECT_NEAR(1e-6 * large->answer, small->answer, 1e-4);
  ASSERT_EQ(small->columns, (std::vector<std::string>{"y", "site"}));
  ASSERT_EQ(small->influence.size(), 24u);
  for (size_t i = 0; i < 24; ++i) {
    EXPECT_NEAR(1e-6 * large->influence[i], small->influence[i], 1e-4) << i;
    EXPECT_LT(std::abs(small->influence[i]), 10.0) << i;
  }
  EXPECT_NE(small->ByColumn()[1], 0.0);
}

// Then the answer is the last value and twice the running scale, and all that
// is derived from a value is in its influence.
TEST(ExplainerTest, OfANetworkThatIgnoresItsInputsTheInfluenceIsExact) {
  auto model = PanelForecaster(0.0f);
  ASSERT_TRUE(model.ok()) << model.status();
  for (float& bias : model->weights["decoder.bias_output"].values) bias = 2.0f;
  auto explainer = Explainer::Create(*model);
  ASSERT_TRUE(explainer.ok()) << explainer.status();
  const ForecastData data = *ParsePanel(PanelCsv("small", "large"));
  const auto question = PanelQuestion(*explainer, data.series[1], 1.0);
  const auto explanation = explainer->Explain(*question);
  ASSERT_TRUE(explanation.ok()) << explanation.status();
  for (int step = 0; step < 12; ++step) {
    const double move = MoveWithout(&*explainer, *question, step);
    EXPECT_NE(move, 0.0);
    EXPECT_NEAR(explanation->influence[2 * step], move, 1e-6 * std::abs(move));
    EXPECT_EQ(explanation->influence[2 * step + 1], 0.0);
  }
  double mean = 0.0;
  for (int row = 0; row < 120; ++row) {
    mean += data.series[1].At(row).values[0] / 120.0;
  }
  EXPECT_NEAR(question->baseline[0], mean, 1e-6 * mean);
  Question without = *question;
  explainer->Remove(3, 1, &without);
  EXPECT_EQ(without.values[7], -1.0) << "which is none of the series";
}

TEST(ExplainerTest, SharesCountEverySeriesTheSame) {
  auto model = PanelForecaster(0.5f);
  ASSERT_TRUE(model.ok()) << model.status();
  const auto shares =
      ForecastInputShares(*model, *ParsePanel(PanelCsv("small", "large")));
  const auto turned =
      ForecastInputShares(*model, *ParsePanel(PanelCsv("large", "small")));
  ASSERT_TRUE(shares.ok() && turned.ok()) << shares.status();
  ASSERT_EQ(shares->size(), 2u);
  EXPECT_EQ((*shares)[0].name, (*turned)[0].name);
  EXPECT_NEAR((*shares)[0].share, (*turned)[0].share, 1e-9);
  EXPECT_GT((*shares)[1].share, 0.0);
}

TEST(ExplainerTest, AMissedIntervalBelongsToTheValueAfterIt) {
  auto model = RandomForecaster();
  ASSERT_TRUE(model.ok()) << model.status();
  auto explainer = Explainer::Create(*model);
  ASSERT_TRUE(explainer.ok()) << explainer.status();
  Question question = NearTheMean(*explainer, 12);
  question.times.back() += 2 * kDayUs;
  auto explanation = explainer->Explain(question);
  ASSERT_TRUE(explanation.ok()) << explanation.status();
  EXPECT_EQ(explanation->influence.size(), 24u);
}

TEST(ExplainerTest, TokensAreHeldAgainstTheUnknownOne) {
  Model model;
  model.spec.takes_text = true;
  model.spec.labels = {"a", "b", "c"};
  model.spec.network.hidden_size = 5;
  model.spec.network.classes = 3;
  model.spec.network.vocabulary_size = 4;
  model.spec.network.embedding_size = 6;
  model.vocabulary = {"one", "two", "three"};
  model.weights = RandomWeights(model.spec.network, 5, 0.5f);
  // Words that are next to the unknown one, so that all is linear.
  std::vector<float>& vectors = model.weights["embedding.weight"].values;
  for (size_t i = 6; i < vectors.size(); ++i) {
    vectors[i] = vectors[i % 6] + 1e-3f * vectors[i];
  }
  auto explainer = Explainer::Create(model);
  ASSERT_TRUE(explainer.ok()) << explainer.status();
  Question question;
  question.tokens = {1, 0, 3, 2, 2};
  auto explanation = explainer->Explain(question);
  ASSERT_TRUE(explanation.ok()) << explanation.status();
  question.label = explanation->label;
  EXPECT_EQ(explanation->influence[1], 0.0);
  for (int step : {0, 2, 3, 4}) {
    const double move = MoveWithout(&*explainer, question, step);
    EXPECT_NEAR(explanation->influence[step], move,
                0.05 * std::abs(move) + 2e-6);
  }
  EXPECT_FALSE(explainer->Explain({}).ok());
}

}  // namespace
}  // namespace recur
