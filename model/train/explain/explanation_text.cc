#include "model/train/explain/explanation_text.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "model/train/report/html_text.h"
#include "nlohmann/json.hpp"

namespace recur {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kBarWidth = 20;
constexpr size_t kShownValues = 12;

// Of the answer's label.
double Probability(const Explanation& explanation) {
  const std::vector<float>& logits = explanation.outputs;
  if (logits.size() == 1) return 1.0 / (1.0 + std::exp(-explanation.answer));
  double sum = 0.0;
  for (float logit : logits) {
    sum += std::exp(double{logit} - logits[explanation.label]);
  }
  return 1.0 / sum;
}

std::string Ahead(const ModelSpec& spec, const Question& question) {
  if (question.ahead > 0) {
    return absl::StrFormat("%d step%s ahead", question.ahead,
                           question.ahead == 1 ? "" : "s");
  }
  return absl::StrFormat("on average over %d step%s ahead",
                         spec.network.horizon,
                         spec.network.horizon == 1 ? "" : "s");
}

std::string Heading(const ModelSpec& spec, const ExplainedAnswer& answer) {
  const Explanation& explanation = answer.explanation;
  const Question& question = answer.asked.question;
  std::string text = absl::StrCat(answer.model, " on ", answer.data, ", row ",
                                  answer.asked.row, ": ");
  if (spec.task == Task::kForecast) {
    const int column = spec.features.targets[question.target];
    absl::StrAppend(&text, spec.features.columns[column].name, " ",
                    FigureText(explanation.answer), " ", Ahead(spec, question));
  } else {
    absl::StrAppend(&text, spec.labels[explanation.label], ", probability ",
                    PercentText(Probability(explanation)));
  }
  return absl::StrCat(text, "\n");
}

// The size as a bar of the largest one.
std::string BarOf(double value, double largest) {
  if (!(largest > 0.0)) return "";
  return std::string(static_cast<size_t>(std::lround(
                         kBarWidth * std::min(1.0, std::abs(value) / largest))),
                     value < 0.0 ? '-' : '+');
}

double Largest(const std::vector<double>& values) {
  double largest = 0.0;
  for (double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

std::vector<size_t> BySize(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::abs(values[a]) > std::abs(values[b]);
  });
  return order;
}

std::string Signed(double value) {
  return absl::StrCat(value > 0.0 ? "+" : "", FigureText(value));
}

void AppendLine(const std::string& name, double value, double largest,
                std::string* text) {
  absl::StrAppendFormat(text, "  %-40s %12s  %s\n", name, Signed(value),
                        BarOf(value, largest));
}

std::string Columns(const Explanation& explanation) {
  const std::vector<double> sums = explanation.ByColumn();
  std::string text =
      absl::StrFormat("by column, all %d steps together\n", explanation.steps);
  for (size_t column : BySize(sums)) {
    AppendLine(explanation.columns[column], sums[column], Largest(sums), &text);
  }
  return text;
}

std::string ValueName(const ModelSpec& spec, const ExplainedAnswer& answer,
                      size_t index) {
  const size_t columns = answer.explanation.columns.size();
  const size_t step = index / columns;
  const size_t column = index % columns;
  std::string name = absl::StrCat(answer.explanation.columns[column], ", ",
                                  answer.asked.step_names[step]);
  const size_t values = spec.features.columns.size();
  if (column >= values) return name;
  const double value = answer.asked.question.values[step * values + column];
  const std::vector<std::string>& called =
      spec.features.columns[column].category_names;
  absl::StrAppend(
      &name, ": ",
      called.empty() ? FigureText(value) : called[static_cast<size_t>(value)]);
  return name;
}

std::string Values(const ModelSpec& spec, const ExplainedAnswer& answer) {
  const std::vector<double>& influence = answer.explanation.influence;
  std::string text = "by value, the largest first\n";
  const std::vector<size_t> order = BySize(influence);
  for (size_t i = 0; i < std::min(kShownValues, order.size()); ++i) {
    AppendLine(ValueName(spec, answer, order[i]), influence[order[i]],
               Largest(influence), &text);
  }
  return text;
}

std::string Tokens(const ExplainedAnswer& answer) {
  const std::vector<double>& influence = answer.explanation.influence;
  std::string text = "by token, in order\n";
  for (size_t i = 0; i < influence.size(); ++i) {
    const bool known = answer.asked.question.tokens[i] > 0;
    AppendLine(
        absl::StrCat(answer.asked.step_names[i], known ? "" : " (unknown)"),
        influence[i], Largest(influence), &text);
  }
  return text;
}

}  // namespace

std::string ExplanationText(const ModelSpec& spec,
                            const ExplainedAnswer& answer) {
  std::string text = Heading(spec, answer);
  absl::StrAppend(&text,
                  spec.takes_text
                      ? "What moved it, in log odds against the next label, as "
                        "against unknown tokens:\n"
                  : spec.task == Task::kClassify
                      ? "What moved it, in log odds against the next label, as "
                        "against the training means:\n"
                  : spec.features.running_scale
                      ? "What moved it, as against the mean of its own series "
                        "(of other columns the training mean):\n"
                      : "What moved it, as against the training means:\n");
  if (spec.takes_text) {
    text += Tokens(answer);
  } else {
    text += Columns(answer.explanation);
    text += Values(spec, answer);
  }
  if (!answer.check.has_value()) return text;
  absl::StrAppendFormat(
      &text,
      "Without the %d of the largest influence the answer moves by %s, without "
      "as many at random by %s\n",
      answer.check->removed, FigureText(answer.check->ranked),
      FigureText(answer.check->random));
  return text;
}

std::string ExplanationJson(const ModelSpec& spec,
                            const ExplainedAnswer& answer) {
  const Explanation& explanation = answer.explanation;
  const Question& question = answer.asked.question;
  Json json;
  json["model"] = answer.model;
  json["data"] = answer.data;
  json["row"] = answer.asked.row;
  json["answer"] = explanation.answer;
  if (spec.task == Task::kForecast) {
    const int column = spec.features.targets[question.target];
    json["target"] = spec.features.columns[column].name;
    json["ahead"] = question.ahead;
  } else {
    json["label"] = spec.labels[explanation.label];
    json["probability"] = Probability(explanation);
  }
  json["columns"] = explanation.columns;
  json["by_column"] = explanation.ByColumn();
  json["steps"] = answer.asked.step_names;
  json["influence"] = Json::array();
  const size_t columns = explanation.columns.size();
  for (size_t at = 0; at < explanation.influence.size(); at += columns) {
    json["influence"].push_back(
        std::vector<double>(explanation.influence.begin() + at,
                            explanation.influence.begin() + at + columns));
  }
  if (answer.check.has_value()) {
    json["check"] = {{"removed", answer.check->removed},
                     {"moved_without_highest", answer.check->ranked},
                     {"moved_without_random", answer.check->random}};
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace recur
