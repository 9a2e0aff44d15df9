#include "model/train/classify/classify_plan.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "model/features/tokenizer.h"
#include "model/train/classify/classify_choices.h"

namespace recur {
namespace {

constexpr double kInputClip = 8.0;
constexpr int kLeastGap = 24;
constexpr int64_t kMostGap = 100000;
constexpr std::chrono::hours kHalfDay(12);
constexpr std::chrono::hours kMonth(24 * 30);
constexpr std::chrono::hours kYear(8766);

Column FitColumn(const ClassifyData& data, int column) {
  const size_t width = data.columns.size();
  double mean = 0.0;
  double squares = 0.0;
  double count = 0.0;
  Column fitted{.name = data.columns[column]};
  for (int example : data.train) {
    const std::vector<double>& values = data.sequences[example].values;
    for (size_t at = column; at < values.size(); at += width) {
      if (std::isnan(values[at])) continue;
      count += 1.0;
      const double distance = values[at] - mean;
      mean += distance / count;
      squares += distance * (values[at] - mean);
    }
  }
  fitted.mean = mean;
  const double deviation = count > 0.0 ? std::sqrt(squares / count) : 0.0;
  fitted.scale = deviation > 0.0 ? deviation : 1.0;
  for (const LabelledSequence& sequence : data.sequences) {
    for (size_t at = column; at < sequence.values.size(); at += width) {
      if (std::isnan(sequence.values[at])) fitted.may_be_missing = true;
    }
  }
  return fitted;
}

int LongestGap(const ClassifyData& data) {
  int64_t longest = kLeastGap;
  const int64_t interval = data.interval.count();
  for (const LabelledSequence& sequence : data.sequences) {
    for (size_t i = 1; interval > 0 && i < sequence.times.size(); ++i) {
      const int64_t distance = sequence.times[i] - sequence.times[i - 1];
      longest = std::max(longest, (distance + interval / 2) / interval);
    }
  }
  return static_cast<int>(std::min(longest, kMostGap));
}

Calendar ChooseCalendar(const ClassifyData& data,
                        std::vector<std::string>* reasons) {
  Calendar calendar;
  int64_t first = std::numeric_limits<int64_t>::max();
  int64_t last = std::numeric_limits<int64_t>::min();
  for (int example : data.train) {
    const std::vector<int64_t>& times = data.sequences[example].times;
    if (times.empty()) return calendar;
    first = std::min(first, times.front());
    last = std::max(last, times.back());
  }
  if (data.interval.count() == 0 || first > last) return calendar;
  const std::chrono::microseconds span(last - first);
  if (data.interval <= kHalfDay && span >= kMonth) {
    calendar.day_harmonics = 2;
  }
  if (span >= 2 * kYear) calendar.year_harmonics = 2;
  if (!calendar.Any()) return calendar;
  reasons->push_back(
      absl::StrFormat("calendar: day x%d, year x%d (%.1f years to train on)",
                      calendar.day_harmonics, calendar.year_harmonics,
                      std::chrono::duration<double>(span) /
                          std::chrono::duration<double>(kYear)));
  return calendar;
}

FeatureSpec MakeFeatures(const ClassifyData& data,
                         const ClassifySettings& settings,
                         std::vector<std::string>* reasons) {
  FeatureSpec features;
  for (size_t i = 0; i < data.columns.size(); ++i) {
    features.columns.push_back(FitColumn(data, static_cast<int>(i)));
  }
  features.interval = data.interval;
  features.max_gap_intervals = LongestGap(data);
  if (settings.calendar) features.calendar = ChooseCalendar(data, reasons);
  features.calendar.utc_offset_minutes = settings.utc_offset_minutes;
  features.calendar.time_zone = settings.time_zone;
  features.input_clip = kInputClip;
  return features;
}

// A word of a name that has not been seen says nothing; its letters do.
TokenUnit ChooseUnit(const ClassifyData& data) {
  size_t single = 0;
  for (int example : data.train) {
    const absl::string_view text =
        absl::StripAsciiWhitespace(data.texts[example].text);
    if (text.find_first_of(" \t\n") == text.npos) ++single;
  }
  return 2 * single > data.train.size() ? TokenUnit::kCharacter
                                        : TokenUnit::kWord;
}

absl::Status AddVocabulary(const ClassifyData& data,
                           const ClassifySettings& settings,
                           ClassifyPlan* plan) {
  const TextSpec text = {settings.unit.value_or(ChooseUnit(data)),
                         settings.lowercase};
  std::vector<std::string> texts;
  for (int example : data.train) texts.push_back(data.texts[example].text);
  plan->vocabulary =
      BuildVocabulary(text, texts, settings.max_vocabulary, settings.min_count);
  if (plan->vocabulary.empty()) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s: the texts to train on have no word that occurs %d times; use a "
        "smaller --min-count",
        data.path, settings.min_count));
  }
  plan->reasons.push_back(absl::StrFormat(
      "vocabulary: %d %s of %d texts", plan->vocabulary.size(),
      text.unit == TokenUnit::kWord ? "words" : "characters", texts.size()));
  NetworkSpec& network = plan->spec.network;
  network.vocabulary_size = static_cast<int>(plan->vocabulary.size()) + 1;
  network.embedding_size = settings.embedding_size;
  plan->spec.takes_text = true;
  plan->spec.text = text;
  plan->augmentation.word_dropout = settings.word_dropout;
  return absl::OkStatus();
}

absl::Status CheckSettings(const ClassifyData& data,
                           const ClassifySettings& settings) {
  if (!(settings.word_dropout >= 0.0 && settings.word_dropout < 1.0)) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--word-dropout is %g; it must be in [0, 1)", settings.word_dropout));
  }
  if (!(settings.noise >= 0.0)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("--noise is %g; it must be 0 or more", settings.noise));
  }
  if (settings.members.value_or(1) < 1) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "--members is %d; it must be 1 or more", *settings.members));
  }
  if (data.label_per_step && settings.bidirectional.value_or(false)) {
    return absl::InvalidArgumentError(
        "--bidirectional reads a sequence to its end; labels per step are "
        "asked for on the way");
  }
  if (settings.head == Head::kSigmoid && data.labels.size() != 2) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "%s has %d labels; --head sigmoid needs exactly two, use softmax",
        data.path, data.labels.size()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ClassifyPlan> PlanClassifier(const ClassifyData& data,
                                            const ClassifySettings& settings) {
  if (auto s = CheckSettings(data, settings); !s.ok()) return s;
  ClassifyPlan plan;
  ModelSpec& spec = plan.spec;
  spec.task = Task::kClassify;
  spec.labels = data.labels;
  NetworkSpec& network = spec.network;
  network.cell = settings.cell;
  network.hidden_size = settings.hidden_size;
  network.layers = settings.layers;
  network.bidirectional = settings.bidirectional.value_or(data.is_text());
  network.head = settings.head;
  network.classes = settings.head == Head::kSigmoid
                        ? 1
                        : static_cast<int>(data.labels.size());
  if (data.is_text()) {
    if (auto s = AddVocabulary(data, settings, &plan); !s.ok()) return s;
  } else {
    spec.features = MakeFeatures(data, settings, &plan.reasons);
    network.input_size = InputWidth(spec.features);
    plan.augmentation.noise = settings.noise;
  }
  ChooseTraining(data, settings, &plan);
  if (auto s = ValidateModelSpec(spec); !s.ok()) return s;
  plan.reasons.push_back(absl::StrFormat(
      "network: %s%s, %d x %d, head %s over %d labels", CellName(network.cell),
      network.bidirectional ? " in both directions" : "", network.layers,
      network.hidden_size, HeadName(network.head), data.labels.size()));
  return plan;
}

}  // namespace recur
