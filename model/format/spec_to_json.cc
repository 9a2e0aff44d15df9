#include <nlohmann/json.hpp>

#include "model/format/spec_json.h"

namespace recur {
namespace {

using nlohmann::ordered_json;

std::string Name(absl::string_view name) { return std::string(name); }

// Fields that do not apply are left out unless they were set: reading gives
// back the same value.
ordered_json NetworkToJson(const NetworkSpec& spec) {
  const Cell plain;
  ordered_json json = {{"cell", Name(CellKindName(spec.cell.kind))}};
  if (spec.cell.kind == CellKind::kRnn ||
      spec.cell.activation != plain.activation) {
    json["activation"] = Name(ActivationName(spec.cell.activation));
  }
  if (spec.cell.kind == CellKind::kGru ||
      spec.cell.linear_before_reset != plain.linear_before_reset) {
    json["linear_before_reset"] = spec.cell.linear_before_reset;
  }
  const bool embeds = spec.vocabulary_size > 0;
  const auto put = [&json](const char* key, int value, bool applies, int none) {
    if (applies || value != none) json[key] = value;
  };
  put("input_size", spec.input_size, !embeds, NetworkSpec{}.input_size);
  put("vocabulary_size", spec.vocabulary_size, embeds, 0);
  put("embedding_size", spec.embedding_size, embeds, 0);
  json["hidden_size"] = spec.hidden_size;
  json["layers"] = spec.layers;
  json["bidirectional"] = spec.bidirectional;
  if (spec.pooling != Pooling::kLast) {
    json["pooling"] = Name(PoolingName(spec.pooling));
  }
  json["head"] = Name(HeadName(spec.head));
  const bool forecast = spec.head == Head::kForecast;
  put("classes", spec.classes, !forecast, 0);
  put("horizon", spec.horizon, forecast, 0);
  put("targets", spec.targets, forecast, 0);
  put("levels", spec.levels, forecast, 0);
  put("future_size", spec.future_size, forecast, 0);
  put("decoder_size", spec.decoder_size, forecast, 0);
  return json;
}

ordered_json ColumnToJson(const Column& column) {
  ordered_json json = {{"name", column.name},
                       {"mean", column.mean},
                       {"scale", column.scale},
                       {"may_be_missing", column.may_be_missing},
                       {"known_ahead", column.known_ahead}};
  if (column.categories > 0) json["categories"] = column.categories;
  if (!column.category_names.empty()) {
    json["category_names"] = column.category_names;
  }
  return json;
}

ordered_json CalendarToJson(const Calendar& calendar) {
  ordered_json json = {{"day_harmonics", calendar.day_harmonics},
                       {"week_harmonics", calendar.week_harmonics},
                       {"year_harmonics", calendar.year_harmonics},
                       {"utc_offset_minutes", calendar.utc_offset_minutes}};
  if (calendar.dates) json["dates"] = true;
  if (!calendar.time_zone.empty()) json["time_zone"] = calendar.time_zone;
  return json;
}

ordered_json FeaturesToJson(const FeatureSpec& spec) {
  ordered_json columns = ordered_json::array();
  for (const Column& column : spec.columns) {
    columns.push_back(ColumnToJson(column));
  }
  ordered_json json = {
      {"columns", std::move(columns)},
      {"targets", spec.targets},
      {"interval_us", spec.interval.count()},
      {"max_gap_intervals", spec.max_gap_intervals},
      {"calendar", CalendarToJson(spec.calendar)},
      {"changes", spec.changes},
      {"seasons", spec.seasons},
      {"anchor", spec.anchor == Anchor::kLast ? "last" : "mean"},
      {"output_scale", spec.output_scale},
      {"input_clip", spec.input_clip}};
  if (spec.season_values != FeatureSpec{}.season_values) {
    json["season_values"] = spec.season_values;
  }
  if (spec.running_scale) json["running_scale"] = true;
  if (spec.autoregression != Autoregression{}) {
    json["autoregression"] = {
        {"lags", spec.autoregression.lags},
        {"year_harmonics", spec.autoregression.year_harmonics}};
    if (spec.autoregression.column >= 0) {
      json["autoregression"]["column"] = spec.autoregression.column;
    }
  }
  return json;
}

ordered_json TextToJson(const TextSpec& spec) {
  return {{"unit", spec.unit == TokenUnit::kWord ? "word" : "character"},
          {"lowercase", spec.lowercase}};
}

}  // namespace

std::string SpecToJson(const ModelSpec& spec) {
  ordered_json json = {{"format", 1},
                       {"task", Name(TaskName(spec.task))},
                       {"description", spec.description}};
  if (spec.precision != Precision::kF32) {
    json["precision"] = Name(PrecisionName(spec.precision));
  }
  json["network"] = NetworkToJson(spec.network);
  if (spec.takes_text) json["text"] = TextToJson(spec.text);
  if (!spec.takes_text || spec.features != FeatureSpec{}) {
    json["features"] = FeaturesToJson(spec.features);
  }
  const bool forecast = spec.task == Task::kForecast;
  if (!forecast || !spec.labels.empty()) json["labels"] = spec.labels;
  if (forecast || !spec.quantiles.empty()) json["quantiles"] = spec.quantiles;
  // dump() would throw on text that is not UTF-8.
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) +
         "\n";
}

}  // namespace recur
