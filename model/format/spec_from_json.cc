#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/format/spec_json.h"
#include "model/format/strict_json.h"

namespace recur {
namespace {

using nlohmann::json;

constexpr size_t kMaxText = 65536;  // of one string, bytes

// Reads the fields of one object. The first error of all readers of a spec
// is kept in the status they share; after it reading does nothing.
class ObjectReader {
 public:
  ObjectReader(const json& value, std::string path, absl::Status* status)
      : value_(value), path_(std::move(path)), status_(status) {
    if (!value.is_object()) Refuse(path_, value, "an object");
  }

  bool Has(const char* key) const {
    return value_.is_object() && value_.contains(key);
  }

  // The field's value, or null. A missing field is an error if needed.
  const json* Find(const char* key, bool needed = true) {
    if (!status_->ok()) return nullptr;
    known_.insert(key);
    const auto found = value_.find(key);
    if (found != value_.end()) return &*found;
    if (needed) {
      *status_ = absl::InvalidArgumentError(
          absl::StrCat("the field ", Path(key), " is missing"));
    }
    return nullptr;
  }

  void Read(const char* key, bool* out, bool needed = true) {
    const json* field = Find(key, needed);
    if (field == nullptr) return;
    if (!field->is_boolean()) {
      return Refuse(Path(key), *field, "true or false");
    }
    *out = field->get<bool>();
  }

  template <typename T>
  void Read(const char* key, T* out, bool needed = true) {
    const json* field = Find(key, needed);
    if (field != nullptr) Convert(Path(key), *field, out);
  }

  template <typename T>
  void ReadList(const char* key, std::vector<T>* out, bool needed = true) {
    const json* field = Find(key, needed);
    if (field == nullptr) return;
    if (!field->is_array()) return Refuse(Path(key), *field, "an array");
    for (size_t i = 0; i < field->size() && status_->ok(); ++i) {
      out->emplace_back();
      Convert(absl::StrCat(Path(key), "[", i, "]"), (*field)[i], &out->back());
    }
  }

  // A string that `parse` turns into *out.
  template <typename T, typename Parse>
  void ReadName(const char* key, Parse parse, T* out, bool needed = true) {
    std::string name;
    Read(key, &name, needed);
    if (!status_->ok() || (!needed && !Has(key))) return;
    if (name.size() > 60) return Refuse(Path(key), value_[key], "a known word");
    absl::StatusOr<T> parsed = parse(name);
    if (parsed.ok()) {
      *out = *parsed;
    } else {
      *status_ = absl::InvalidArgumentError(
          absl::StrCat(Path(key), ": ", parsed.status().message()));
    }
  }

  // Refuses fields that nothing has asked for.
  void Finish() {
    if (!status_->ok()) return;
    for (const auto& [key, unused] : value_.items()) {
      if (known_.count(key) > 0) continue;
      *status_ = absl::InvalidArgumentError(
          absl::StrCat(path_.empty() ? "the model" : path_, " has no field ",
                       QuotedForMessage(key)));
      return;
    }
  }

  std::string Path(const char* key) const {
    return path_.empty() ? key : absl::StrCat(path_, ".", key);
  }

  void Refuse(const std::string& path, const json& value,
              absl::string_view expected) {
    if (!status_->ok()) return;
    const std::string shown =
        value.is_structured() ? std::string(value.type_name())
        : value.is_string()
            ? QuotedForMessage(value.get_ref<const std::string&>())
            : value.dump();
    *status_ = absl::InvalidArgumentError(
        absl::StrCat(path, " is ", shown, "; it must be ", expected));
  }

 private:
  void Convert(const std::string& path, const json& value, int64_t* out) {
    const bool fits =
        value.is_number_unsigned()
            ? value.get<uint64_t>() <= std::numeric_limits<int64_t>::max()
            : value.is_number_integer();
    if (!fits) return Refuse(path, value, "a whole number of 64 bits");
    *out = value.get<int64_t>();
  }

  void Convert(const std::string& path, const json& value, int* out) {
    int64_t wide = 0;
    if (value.is_number_integer()) Convert(path, value, &wide);
    if (!value.is_number_integer() || wide != static_cast<int>(wide)) {
      return Refuse(path, value, "a whole number of 32 bits");
    }
    *out = static_cast<int>(wide);
  }

  void Convert(const std::string& path, const json& value, double* out) {
    if (!value.is_number()) return Refuse(path, value, "a number");
    *out = value.get<double>();
  }

  void Convert(const std::string& path, const json& value, std::string* out) {
    if (!value.is_string()) return Refuse(path, value, "a string");
    *out = value.get<std::string>();
    if (out->size() <= kMaxText || !status_->ok()) return;
    *status_ = absl::InvalidArgumentError(absl::StrFormat(
        "%s has %d bytes; the limit is %d", path, out->size(), kMaxText));
  }

  const json& value_;
  std::string path_;
  absl::Status* status_;
  std::set<std::string> known_;
};

absl::StatusOr<Anchor> ParseAnchor(absl::string_view name) {
  if (name == "mean") return Anchor::kMean;
  if (name == "last") return Anchor::kLast;
  return absl::InvalidArgumentError(
      absl::StrCat("anchor is \"", name, "\"; it must be mean or last"));
}

absl::StatusOr<TokenUnit> ParseTokenUnit(absl::string_view name) {
  if (name == "word") return TokenUnit::kWord;
  if (name == "character") return TokenUnit::kCharacter;
  return absl::InvalidArgumentError(
      absl::StrCat("unit is \"", name, "\"; it must be word or character"));
}

void ReadNetwork(const json& value, NetworkSpec* spec, absl::Status* status) {
  ObjectReader reader(value, "network", status);
  reader.ReadName("cell", ParseCellKind, &spec->cell.kind);
  reader.ReadName("activation", ParseActivation, &spec->cell.activation,
                  spec->cell.kind == CellKind::kRnn);
  if (spec->cell.kind == CellKind::kGru || reader.Has("linear_before_reset")) {
    reader.Read("linear_before_reset", &spec->cell.linear_before_reset);
  }
  reader.Read("vocabulary_size", &spec->vocabulary_size, false);
  const bool embeds = spec->vocabulary_size != 0;
  reader.Read("embedding_size", &spec->embedding_size, embeds);
  reader.Read("input_size", &spec->input_size, !embeds);
  reader.Read("hidden_size", &spec->hidden_size);
  reader.Read("layers", &spec->layers);
  reader.Read("bidirectional", &spec->bidirectional);
  reader.ReadName("pooling", ParsePooling, &spec->pooling, false);
  reader.ReadName("head", ParseHead, &spec->head);
  const bool forecast = spec->head == Head::kForecast;
  reader.Read("classes", &spec->classes, !forecast);
  reader.Read("horizon", &spec->horizon, forecast);
  reader.Read("targets", &spec->targets, forecast);
  reader.Read("levels", &spec->levels, forecast);
  reader.Read("future_size", &spec->future_size, forecast);
  reader.Read("decoder_size", &spec->decoder_size, forecast);
  reader.Finish();
}

void ReadColumn(const json& value, int index, Column* column,
                absl::Status* status) {
  ObjectReader reader(value, absl::StrCat("features.columns[", index, "]"),
                      status);
  reader.Read("name", &column->name);
  reader.Read("mean", &column->mean);
  reader.Read("scale", &column->scale);
  reader.Read("may_be_missing", &column->may_be_missing);
  reader.Read("known_ahead", &column->known_ahead);
  reader.Read("categories", &column->categories, false);
  reader.ReadList("category_names", &column->category_names, false);
  reader.Finish();
}

void ReadCalendar(const json& value, Calendar* calendar, absl::Status* status) {
  ObjectReader reader(value, "features.calendar", status);
  reader.Read("day_harmonics", &calendar->day_harmonics);
  reader.Read("week_harmonics", &calendar->week_harmonics);
  reader.Read("year_harmonics", &calendar->year_harmonics);
  reader.Read("dates", &calendar->dates, false);
  reader.Read("time_zone", &calendar->time_zone, false);
  reader.Read("utc_offset_minutes", &calendar->utc_offset_minutes);
  reader.Finish();
}

void ReadAutoregression(const json& value, Autoregression* own,
                        absl::Status* status) {
  ObjectReader reader(value, "features.autoregression", status);
  reader.Read("lags", &own->lags);
  reader.Read("year_harmonics", &own->year_harmonics);
  reader.Read("column", &own->column, false);
  reader.Finish();
}

void ReadFeatures(const json& value, FeatureSpec* spec, absl::Status* status) {
  ObjectReader reader(value, "features", status);
  if (const json* columns = reader.Find("columns"); columns != nullptr) {
    if (!columns->is_array()) {
      reader.Refuse("features.columns", *columns, "an array");
    }
    for (size_t i = 0; status->ok() && i < columns->size(); ++i) {
      spec->columns.emplace_back();
      ReadColumn((*columns)[i], static_cast<int>(i), &spec->columns.back(),
                 status);
    }
  }
  reader.ReadList("targets", &spec->targets);
  int64_t interval_us = 0;
  reader.Read("interval_us", &interval_us);
  spec->interval = std::chrono::microseconds(interval_us);
  reader.Read("max_gap_intervals", &spec->max_gap_intervals);
  if (const json* calendar = reader.Find("calendar"); calendar != nullptr) {
    ReadCalendar(*calendar, &spec->calendar, status);
  }
  reader.Read("changes", &spec->changes);
  reader.ReadList("seasons", &spec->seasons);
  reader.Read("season_values", &spec->season_values, false);
  reader.Read("running_scale", &spec->running_scale, false);
  if (const json* own = reader.Find("autoregression", false); own != nullptr) {
    ReadAutoregression(*own, &spec->autoregression, status);
  }
  reader.ReadName("anchor", ParseAnchor, &spec->anchor);
  reader.ReadList("output_scale", &spec->output_scale);
  reader.Read("input_clip", &spec->input_clip);
  reader.Finish();
}

void ReadText(const json& value, TextSpec* spec, absl::Status* status) {
  ObjectReader reader(value, "text", status);
  reader.ReadName("unit", ParseTokenUnit, &spec->unit);
  reader.Read("lowercase", &spec->lowercase);
  reader.Finish();
}

void ReadModelSpec(const json& value, ModelSpec* spec, absl::Status* status) {
  ObjectReader reader(value, "", status);
  int format = 0;
  reader.Read("format", &format);
  if (status->ok() && format != 1) {
    *status = absl::InvalidArgumentError(
        absl::StrCat("format is ", format, "; this version reads format 1"));
  }
  reader.ReadName("task", ParseTask, &spec->task);
  reader.Read("description", &spec->description, false);
  reader.ReadName("precision", ParsePrecision, &spec->precision, false);
  if (const json* network = reader.Find("network"); network != nullptr) {
    ReadNetwork(*network, &spec->network, status);
  }
  const json* text = reader.Find("text", false);
  spec->takes_text = text != nullptr;
  if (text != nullptr) ReadText(*text, &spec->text, status);
  const json* features = reader.Find("features", !spec->takes_text);
  if (features != nullptr) ReadFeatures(*features, &spec->features, status);
  const bool forecast = spec->task == Task::kForecast;
  reader.ReadList("labels", &spec->labels, !forecast);
  reader.ReadList("quantiles", &spec->quantiles, forecast);
  reader.Finish();
}

}  // namespace

absl::StatusOr<ModelSpec> SpecFromJson(absl::string_view text) {
  if (absl::Status status = CheckJson(text); !status.ok()) return status;
  const json value = json::parse(text.begin(), text.end(), nullptr, false);
  ModelSpec spec;
  absl::Status status;
  ReadModelSpec(value, &spec, &status);
  if (!status.ok()) return status;
  if (status = ValidateModelSpec(spec); !status.ok()) return status;
  return spec;
}

}  // namespace recur
