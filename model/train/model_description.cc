#include "model/train/model_description.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "model/format/model_directory.h"
#include "model/format/spec_json.h"
#include "model/train/learning/serve_model.h"
#include "model/train/report/report.h"
#include "nlohmann/json.hpp"

namespace recur {
namespace {

using Json = nlohmann::ordered_json;
using std::chrono::microseconds;

constexpr size_t kShownNames = 24;

// What follows from the weights and from an engine that runs them.
struct Sizes {
  int64_t parameters = 0;
  int64_t weight_bytes = 0;
  int64_t session_bytes = 0;  // 0: it holds no sessions
  std::string engine;
};

absl::StatusOr<Sizes> SizesOf(const Model& model) {
  auto servable = ServeModel(model);
  if (!servable.ok()) return servable.status();
  Sizes sizes;
  for (const TensorShape& shape : WeightShapes(model.spec)) {
    sizes.parameters += ElementCount(shape.dims);
  }
  sizes.weight_bytes = sizes.parameters * int64_t{sizeof(float)};
  sizes.engine = absl::StrCat(servable->engine->name(), " (",
                              servable->engine->numerics(), ")");
  if (servable->Steps()) {
    sizes.session_bytes = static_cast<int64_t>(InitialState(*servable).bytes());
  }
  return sizes;
}

std::string Shortened(const std::vector<std::string>& names) {
  if (names.size() <= kShownNames) return absl::StrJoin(names, ", ");
  return absl::StrCat(
      absl::StrJoin(names.begin(), names.begin() + kShownNames, ", "), ", and ",
      names.size() - kShownNames, " more");
}

std::string ColumnText(const ModelSpec& spec, size_t index) {
  const Column& column = spec.features.columns[index];
  const std::vector<int>& targets = spec.features.targets;
  std::vector<std::string> marks;
  if (std::count(targets.begin(), targets.end(), static_cast<int>(index)) > 0) {
    marks.push_back("target");
  }
  if (column.may_be_missing) marks.push_back("may be missing");
  if (column.known_ahead) marks.push_back("known ahead");
  if (column.categories > 0) {
    marks.push_back(absl::StrCat(column.categories, " categories"));
  }
  if (!column.category_names.empty()) {
    marks.push_back(Shortened(column.category_names));
  }
  return marks.empty()
             ? column.name
             : absl::StrCat(column.name, " (", absl::StrJoin(marks, ", "), ")");
}

void DescribeNetwork(const NetworkSpec& network, std::vector<Fact>* facts) {
  facts->push_back(
      {"network",
       absl::StrFormat(
           "%s, %d layer%s of %d%s%s", CellName(network.cell), network.layers,
           network.layers == 1 ? "" : "s", network.hidden_size,
           network.bidirectional ? ", both ways" : "",
           network.pooling == Pooling::kLast
               ? ""
               : absl::StrCat(", pooling ", PoolingName(network.pooling)))});
  if (network.head == Head::kForecast) {
    facts->push_back(
        {"head", absl::StrFormat("forecast, decoder of %d, %d inputs per "
                                 "target step",
                                 network.decoder_size, network.future_size)});
  } else {
    facts->push_back(
        {"head", absl::StrFormat("%s, %d outputs", HeadName(network.head),
                                 network.classes)});
  }
}

void DescribeFeatures(const ModelSpec& spec, std::vector<Fact>* facts) {
  const FeatureSpec& features = spec.features;
  std::vector<std::string> columns;
  for (size_t i = 0; i < features.columns.size(); ++i) {
    columns.push_back(ColumnText(spec, i));
  }
  facts->push_back({"columns", Shortened(columns)});
  facts->push_back(
      {"inputs", absl::StrCat(spec.network.input_size, " per step")});
  facts->push_back({"interval", IntervalText(features.interval)});
  const Calendar& calendar = features.calendar;
  if (calendar.Any()) {
    facts->push_back(
        {"calendar",
         absl::StrFormat(
             "day x%d, week x%d, year x%d%s, %s", calendar.day_harmonics,
             calendar.week_harmonics, calendar.year_harmonics,
             calendar.dates ? ", dates" : "",
             calendar.time_zone.empty()
                 ? absl::StrFormat("UTC %+d min", calendar.utc_offset_minutes)
                 : calendar.time_zone)});
  }
  if (!features.seasons.empty()) {
    facts->push_back(
        {"seasons",
         absl::StrCat(absl::StrJoin(features.seasons, ", "), " steps")});
  }
  if (features.autoregression.lags > 0) {
    facts->push_back(
        {"linear", absl::StrCat(features.autoregression.lags, " lags")});
  }
  if (features.running_scale) {
    facts->push_back({"scale", "the running mean of a series' changes"});
  }
}

void DescribeText(const Model& model, std::vector<Fact>* facts) {
  const TextSpec& text = model.spec.text;
  facts->push_back(
      {"text",
       absl::StrFormat("%s%s, a vocabulary of %d, vectors of %d",
                       text.unit == TokenUnit::kWord ? "words" : "characters",
                       text.lowercase ? " in lower case" : "",
                       model.vocabulary.size(),
                       model.spec.network.embedding_size)});
}

std::vector<Fact> Describe(const Model& model, const Sizes& sizes) {
  const ModelSpec& spec = model.spec;
  std::vector<Fact> facts;
  facts.push_back(
      {"task",
       spec.task == Task::kForecast
           ? absl::StrFormat("forecast, %d step%s ahead", spec.network.horizon,
                             spec.network.horizon == 1 ? "" : "s")
           : "classify"});
  if (!spec.description.empty()) {
    facts.push_back({"description", spec.description});
  }
  DescribeNetwork(spec.network, &facts);
  if (spec.takes_text) {
    DescribeText(model, &facts);
  } else {
    DescribeFeatures(spec, &facts);
  }
  if (spec.task == Task::kClassify) {
    facts.push_back({"labels", Shortened(spec.labels)});
  } else {
    facts.push_back({"quantiles", spec.quantiles.empty()
                                      ? "none, the mean"
                                      : absl::StrJoin(spec.quantiles, ", ")});
  }
  facts.push_back({"precision", std::string(PrecisionName(spec.precision))});
  facts.push_back(
      {"weights", absl::StrFormat("%d parameters, %d bytes", sizes.parameters,
                                  sizes.weight_bytes)});
  facts.push_back(
      {"session", sizes.session_bytes > 0
                      ? absl::StrCat(sizes.session_bytes, " bytes of state")
                      : "none: it takes whole sequences or texts"});
  facts.push_back({"engine here", sizes.engine});
  facts.push_back({"fingerprint", Fingerprint(model)});
  return facts;
}

}  // namespace

std::string IntervalText(microseconds interval) {
  struct Unit {
    microseconds size;
    const char* one;
    const char* many;
  };
  const Unit units[] = {{std::chrono::hours(24), "day", "days"},
                        {std::chrono::hours(1), "hour", "hours"},
                        {std::chrono::minutes(1), "min", "min"}};
  if (interval.count() == 0) return "none";
  for (const Unit& unit : units) {
    if (interval % unit.size != microseconds(0)) continue;
    const auto count = interval / unit.size;
    return absl::StrCat(count, " ", count == 1 ? unit.one : unit.many);
  }
  return absl::StrFormat("%g s", static_cast<double>(interval.count()) / 1e6);
}

absl::StatusOr<std::string> ModelText(const std::string& name,
                                      const Model& model) {
  auto sizes = SizesOf(model);
  if (!sizes.ok()) return sizes.status();
  std::string text = name + "\n";
  for (const Fact& fact : Describe(model, *sizes)) {
    absl::StrAppendFormat(&text, "  %-12s %s\n", fact.name, fact.text);
  }
  absl::StrAppendFormat(&text, "\n  %-34s %16s %12s\n", "weight", "shape",
                        "values");
  for (const TensorShape& shape : WeightShapes(model.spec)) {
    absl::StrAppendFormat(&text, "  %-34s %16s %12d\n", shape.name,
                          absl::StrJoin(shape.dims, " x "),
                          ElementCount(shape.dims));
  }
  return text;
}

absl::StatusOr<std::string> ModelJson(const std::string& name,
                                      const Model& model) {
  auto sizes = SizesOf(model);
  if (!sizes.ok()) return sizes.status();
  Json json;
  json["model"] = name;
  json["fingerprint"] = Fingerprint(model);
  json["parameters"] = sizes->parameters;
  json["weight_bytes"] = sizes->weight_bytes;
  json["session_bytes"] = sizes->session_bytes;
  json["engine"] = sizes->engine;
  json["vocabulary"] = model.vocabulary.size();
  json["weights"] = Json::array();
  for (const TensorShape& shape : WeightShapes(model.spec)) {
    json["weights"].push_back({{"name", shape.name}, {"shape", shape.dims}});
  }
  json["spec"] = Json::parse(SpecToJson(model.spec));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace recur
