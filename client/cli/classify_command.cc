#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/classify_inputs.h"
#include "client/cli/command.h"
#include "client/cli/json_output.h"
#include "client/cli/plot.h"
#include "client/cli/table.h"

namespace recur::cli {
namespace {

// Keeps a call well below the server's limit on message sizes.
constexpr int kInputsPerCall = 256;

struct Args {
  std::string model;
  ClassifySource source;
  uint32_t top_k = 0;
};

// Answers in the order of the inputs, asked for in pieces.
absl::StatusOr<std::vector<client::Classification>> Classify(
    const Args& args, const ClassifyInputs& inputs, client::Client& client) {
  std::vector<client::Classification> answers;
  for (int begin = 0; begin < inputs.size(); begin += kInputsPerCall) {
    const int end = std::min(inputs.size(), begin + kInputsPerCall);
    client::ClassifyCall call{.model = args.model, .top_k = args.top_k};
    for (int i = begin; i < end; ++i) {
      if (inputs.sequences.empty()) {
        call.texts.push_back(inputs.texts[i]);
      } else {
        call.sequences.push_back(inputs.sequences[i]);
      }
    }
    auto result = client.Classify(call);
    if (!result.ok()) {
      if (begin == 0) return result.status();
      // The server counts from the first input of the call.
      return absl::Status(result.status().code(),
                          absl::StrCat(result.status().message(),
                                       " (counted from input ", begin, ")"));
    }
    std::move(result->answers.begin(), result->answers.end(),
              std::back_inserter(answers));
  }
  return answers;
}

std::string Best(const client::Classification& answer) {
  return answer.labels.empty() ? "" : answer.labels.front().label;
}

void PrintJson(const ClassifyInputs& inputs,
               const std::vector<client::Classification>& answers,
               std::ostream& out) {
  for (int i = 0; i < inputs.size(); ++i) {
    nlohmann::ordered_json json = {{"input", inputs.names[i]}};
    if (!inputs.labels.empty()) json["truth"] = inputs.labels[i];
    json["label"] = Best(answers[i]);
    json["labels"] = ToJson(answers[i]);
    out << JsonLine(json) << "\n";
  }
}

void PrintTable(const ClassifyInputs& inputs,
                const std::vector<client::Classification>& answers,
                std::ostream& out) {
  Table table({{"label"}, {""}, {"", true}, {"next"}, {"input"}});
  for (int i = 0; i < inputs.size(); ++i) {
    const auto& labels = answers[i].labels;
    if (labels.empty()) continue;
    const std::string next = labels.size() < 2
                                 ? ""
                                 : absl::StrFormat("%s %.0f%%", labels[1].label,
                                                   100 * labels[1].probability);
    const bool wrong =
        !inputs.labels.empty() && inputs.labels[i] != labels[0].label;
    table.AddRow(
        {labels[0].label, Bar(labels[0].probability, 10),
         absl::StrFormat("%.1f%%", 100 * labels[0].probability), next,
         wrong ? absl::StrCat(inputs.names[i], "  [is ", inputs.labels[i], "]")
               : inputs.names[i]});
  }
  out << table.ToString();
}

// How often each label was found, and what always saying the most frequent
// one would reach.
void PrintScore(const ClassifyInputs& inputs,
                const std::vector<client::Classification>& answers, bool json,
                std::ostream& out) {
  int right = 0;
  std::map<std::string, std::pair<int, int>> by_label;  // inputs, right ones
  for (int i = 0; i < inputs.size(); ++i) {
    auto& [count, found] = by_label[inputs.labels[i]];
    const bool hit = inputs.labels[i] == Best(answers[i]);
    ++count;
    found += hit;
    right += hit;
  }
  int majority = 0;
  Table table({{"truth"}, {"inputs", true}, {"found", true}});
  for (const auto& [label, counts] : by_label) {
    majority = std::max(majority, counts.first);
    table.AddRow(
        {label, absl::StrCat(counts.first),
         absl::StrFormat("%.1f%%", 100.0 * counts.second / counts.first)});
  }
  const double n = inputs.size();
  if (json) {
    out << JsonLine({{"inputs", inputs.size()},
                     {"accuracy", right / n},
                     {"majority_accuracy", majority / n}})
        << "\n";
    return;
  }
  out << "\n" << table.ToString() << "\n";
  out << absl::StrFormat(
      "accuracy %.1f%% (%d of %d); always the most frequent label: %.1f%%\n",
      100 * right / n, right, inputs.size(), 100 * majority / n);
}

absl::Status Run(const Args& args, Environment& environment) {
  const auto model = environment.client.GetModel(args.model);
  if (!model.ok()) return model.status();
  const auto inputs = ReadClassifyInputs(args.source, *model, environment.in);
  if (!inputs.ok()) return inputs.status();
  const auto answers = Classify(args, *inputs, environment.client);
  if (!answers.ok()) return answers.status();
  if (static_cast<int>(answers->size()) != inputs->size()) {
    return absl::InternalError(
        absl::StrFormat("the server sent %d answers to %d inputs",
                        answers->size(), inputs->size()));
  }
  if (environment.json) {
    PrintJson(*inputs, *answers, environment.out);
  } else {
    PrintTable(*inputs, *answers, environment.out);
  }
  if (!inputs->labels.empty()) {
    PrintScore(*inputs, *answers, environment.json, environment.out);
  }
  return absl::OkStatus();
}

}  // namespace

void AddClassify(CLI::App& app, Command* command) {
  auto args = std::make_shared<Args>();
  ClassifySource& source = args->source;
  CLI::App* sub = app.add_subcommand(
      "classify", "Label texts, or sequences from a CSV file");
  sub->add_option("--model", args->model, "Name of the model")->required();
  sub->add_option("text", source.texts, "Texts, each one argument");
  sub->add_option("--text-file", source.text_file,
                  "Texts, one per line; - reads standard input");
  sub->add_option("--csv", source.csv,
                  "CSV file with a header; - reads standard input");
  sub->add_option("--text", source.text_column,
                  "With --csv: the column of the texts");
  sub->add_option("--sequence-id", source.id_column,
                  "With --csv: rows with the same value in this column are one "
                  "sequence; the model's inputs are found by name");
  sub->add_option("--time", source.time_column,
                  "With --sequence-id: the time column (default: the first of "
                  "time, date, timestamp, datetime, if the model needs it)");
  sub->add_option("--label", source.label_column,
                  "With --csv: the column of the true labels; prints how many "
                  "were found");
  sub->add_option("--top-k", args->top_k,
                  "Answer this many labels; all if left out")
      ->check(AtLeastOne());
  sub->callback([args, command] {
    *command = [args](Environment& environment) {
      return Run(*args, environment);
    };
  });
}

}  // namespace recur::cli
