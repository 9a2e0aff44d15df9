#include <cmath>

#include "model/train/report.h"
#include "nlohmann/json.hpp"

namespace recur {
namespace {

using Json = nlohmann::ordered_json;

Json Number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json Summary(const char* task, const TrainingSummary& training) {
  Json json;
  json["task"] = task;
  json["data"] = training.data;
  json["train_rows"] = training.train_rows;
  json["test_rows"] = training.test_rows;
  json["seed"] = training.seed;
  json["steps"] = training.steps;
  json["seconds"] = Number(training.seconds);
  json["validation"] = Number(training.validation);
  return json;
}

Json ScoreJson(const ForecastScore& score) {
  Json json;
  json["name"] = score.name;
  json["values"] = score.values;
  json["mae"] = Number(score.mae);
  json["rmse"] = Number(score.rmse);
  json["mase"] = Number(score.mase);
  json["quantile_loss"] = Number(score.quantile_loss);
  json["weighted_quantile_loss"] = Number(score.weighted_quantile_loss);
  json["interval"] = Number(score.coverage_nominal);
  json["interval_coverage"] = Number(score.coverage);
  json["mae_by_step"] = Json::array();
  for (double mae : score.mae_by_step) {
    json["mae_by_step"].push_back(Number(mae));
  }
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
  Json json = Summary("forecast", report.training);
  json["horizon"] = report.horizon;
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
  return Dump(json);
}

std::string ClassificationJson(const ClassificationReport& report) {
  Json json = Summary("classify", report.training);
  json["test"] = Json::array();
  for (const ClassificationScore& score : report.scores) {
    json["test"].push_back(ScoreJson(score));
  }
  return Dump(json);
}

}  // namespace recur
