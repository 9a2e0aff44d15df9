#include <cmath>

#include "model/train/report/report.h"
#include "model/train/report/report_verdict.h"
#include "nlohmann/json.hpp"

namespace recur {
namespace {

using Json = nlohmann::ordered_json;

Json Number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json Numbers(const std::vector<double>& values) {
  Json json = Json::array();
  for (double value : values) json.push_back(Number(value));
  return json;
}

Json CurvesJson(const std::vector<LearningCurve>& curves) {
  Json json = Json::array();
  for (const LearningCurve& curve : curves) {
    Json points = Json::array();
    for (const LearningPoint& point : curve.points) {
      points.push_back({{"step", point.step},
                        {"loss", Number(point.loss)},
                        {"validation", Number(point.validation)}});
    }
    json.push_back({{"phase", curve.phase},
                    {"best_step", curve.best_step},
                    {"points", std::move(points)}});
  }
  return json;
}

Json Summary(const char* task, const Verdict& verdict,
             const TrainingSummary& training) {
  Json json;
  json["task"] = task;
  json["verdict"] = verdict.sentence;
  if (!training.model.empty()) json["model"] = training.model;
  json["data"] = training.data;
  json["train_rows"] = training.train_rows;
  json["test_rows"] = training.test_rows;
  json["seed"] = training.seed;
  json["steps"] = training.steps;
  json["seconds"] = Number(training.seconds);
  json["validation"] = Number(training.validation);
  json["validation_name"] = training.validation_name;
  json["facts"] = Json::object();
  for (const Fact& fact : training.facts) json["facts"][fact.name] = fact.text;
  json["choices"] = training.choices;
  json["curves"] = CurvesJson(training.curves);
  json["trials"] = Json::array();
  for (const Trial& trial : training.trials) {
    json["trials"].push_back({{"settings", trial.settings},
                              {"validation", Number(trial.validation)},
                              {"seconds", Number(trial.seconds)},
                              {"chosen", trial.chosen}});
  }
  return json;
}

Json InputsJson(const std::vector<InputShare>& inputs) {
  Json json = Json::array();
  for (const InputShare& input : inputs) {
    json.push_back({{"name", input.name}, {"share", Number(input.share)}});
  }
  return json;
}

Json ScoreJson(const ForecastScore& score) {
  Json json;
  json["name"] = score.name;
  json["values"] = score.values;
  json["mae"] = Number(score.mae);
  json["rmse"] = Number(score.rmse);
  json["mase"] = Number(score.mase);
  json["mase_by_window"] = Number(score.mase_by_window);
  json["smape"] = Number(score.smape);
  json["scaled_mse"] = Number(score.scaled_mse);
  json["quantile_loss"] = Number(score.quantile_loss);
  json["weighted_quantile_loss"] = Number(score.weighted_quantile_loss);
  json["interval"] = Number(score.coverage_nominal);
  json["interval_coverage"] = Number(score.coverage);
  json["mae_by_step"] = Numbers(score.mae_by_step);
  json["below_by_level"] = Numbers(score.below_by_level);
  return json;
}

Json ScoreJson(const ClassificationScore& score) {
  Json json;
  json["name"] = score.name;
  json["examples"] = score.examples;
  json["accuracy"] = Number(score.accuracy);
  json["macro_precision"] = Number(score.macro_precision);
  json["macro_recall"] = Number(score.macro_recall);
  json["macro_f1"] = Number(score.macro_f1);
  json["classes"] = Json::array();
  for (const ClassScore& own : score.classes) {
    json["classes"].push_back({{"label", own.label},
                               {"support", own.support},
                               {"precision", Number(own.precision)},
                               {"recall", Number(own.recall)},
                               {"f1", Number(own.f1)}});
  }
  json["confusion"] = score.confusion;
  return json;
}

// Labels and file names are bytes; what is not UTF-8 must not stop a report.
std::string Dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string ForecastJson(const ForecastReport& report) {
  Json json = Summary("forecast", VerdictOn(report), report.training);
  json["horizon"] = report.horizon;
  json["levels"] = report.levels;
  json["windows"] = report.windows;
  json["targets"] = Json::array();
  for (const ForecastTable& table : report.tables) {
    Json own;
    own["target"] = table.target;
    own["season"] = table.season;
    own["test"] = Json::array();
    for (const ForecastScore& score : table.scores) {
      own["test"].push_back(ScoreJson(score));
    }
    json["targets"].push_back(std::move(own));
  }
  json["inputs"] = InputsJson(report.inputs);
  return Dump(json);
}

std::string ClassificationJson(const ClassificationReport& report) {
  Json json = Summary("classify", VerdictOn(report), report.training);
  json["train_examples"] = report.train_examples;
  json["test"] = Json::array();
  for (const ClassificationScore& score : report.scores) {
    json["test"].push_back(ScoreJson(score));
  }
  json["inputs"] = InputsJson(report.inputs);
  return Dump(json);
}

}  // namespace recur
