#include "model/train/explain/explainer.h"

#include <cmath>
#include <numeric>

#include "gtest/gtest.h"
#include "model/network/random_weights.h"
#include "model/train/forecast/forecast_plan.h"
#include "tests/unit/model/train/forecast/series_fixtures.h"

namespace recur {
namespace {

// Weights at random: an explanation must hold for any network.
absl::StatusOr<Model> RandomForecaster() {
  auto data = ParseSeries(
      DailyCsv(800, [](int day) { return std::sin(day * 0.7) + day * 0.01; }),
      3, 30);
  if (!data.ok()) return data.status();
  ForecastSettings settings;
  settings.hidden_size = 4;
  settings.decoder_size = 5;
  settings.seasons = {7};
  settings.quantiles = {0.1, 0.4, 0.8};
  settings.lags = 0;
  auto plan = PlanForecast(*data, settings);
  if (!plan.ok()) return plan.status();
  return Model{plan->spec, RandomWeights(plan->spec.network, 3, 0.5f), {}};
}

// Values near the mean, where the answer is as good as linear in them.
Question NearTheMean(const Explainer& explainer, int steps) {
  const Column& column = explainer.servable().spec.features.columns[0];
  Question question;
  question.before = explainer.servable().features.InitialState();
  for (int step = 0; step < steps; ++step) {
    question.values.push_back(column.mean +
                              3e-4 * column.scale * std::cos(step * 1.3));
    question.times.push_back((18262 + step) * kDayUs);
  }
  return question;
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
  const std::vector<double> steps = explanation->ByStep();
  EXPECT_NEAR(std::accumulate(steps.begin(), steps.end(), 0.0),
              std::accumulate(sums.begin(), sums.end(), 0.0), 1e-9);
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
