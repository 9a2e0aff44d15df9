#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/command.h"
#include "client/cli/forecast_view.h"
#include "client/cli/json_output.h"
#include "client/cli/table.h"

namespace recur::cli {
namespace {

struct Args {
  std::string model;
  int64_t version = 0;
};

std::string Takes(const client::ModelInfo& model) {
  if (model.takes_text) return "text";
  const size_t inputs = model.inputs.size();
  return absl::StrCat(inputs, inputs == 1 ? " input" : " inputs");
}

std::string Gives(const client::ModelInfo& model) {
  if (model.task == "classify") {
    return absl::StrCat(model.labels.size(), " labels");
  }
  return absl::StrCat(model.horizon, " steps of ",
                      absl::StrJoin(TargetsOf(model), ", "));
}

std::string CellName(const client::ModelInfo& model) {
  return absl::StrCat(model.layers, " x ", model.cell, " ", model.hidden_size,
                      model.bidirectional ? ", both ways" : "");
}

std::string ModelsTable(const std::vector<client::ModelInfo>& models) {
  Table table({{"model"},
               {"version", true},
               {"state"},
               {"task"},
               {"takes"},
               {"gives"},
               {"network"},
               {"parameters", true}});
  for (const client::ModelInfo& model : models) {
    if (model.state == client::ModelState::kFailed) {
      table.AddRow(
          {model.name, absl::StrCat(model.version), "failed", model.error});
      continue;
    }
    table.AddRow({model.name, absl::StrCat(model.version),
                  StateName(model.state), model.task, Takes(model),
                  Gives(model), CellName(model),
                  absl::StrCat(model.parameters)});
  }
  return table.ToString();
}

std::string InputNote(const client::ModelInput& input) {
  std::vector<std::string> notes;
  if (input.target) notes.push_back("target");
  if (input.may_be_missing) notes.push_back("may be missing");
  if (input.known_ahead) notes.push_back("known ahead");
  if (!input.categories.empty()) {
    notes.push_back(
        absl::StrCat("one of ", absl::StrJoin(input.categories, ", ")));
  }
  return absl::StrJoin(notes, ", ");
}

std::string Precision(const client::ModelInfo& model) {
  if (!model.precision_note.empty()) return model.precision_note;
  if (!model.difference_to_f32.has_value()) return model.precision;
  return absl::StrFormat("%s, answers at most %.2g from f32 on a probe",
                         model.precision, *model.difference_to_f32);
}

std::string Details(const client::ModelInfo& model) {
  std::string text =
      absl::StrFormat("%s, version %d%s: %s\n", model.name, model.version,
                      model.latest ? " (latest)" : "", StateName(model.state));
  if (!model.error.empty()) absl::StrAppend(&text, "  ", model.error, "\n");
  if (!model.description.empty()) {
    absl::StrAppend(&text, "  ", model.description, "\n");
  }
  const auto line = [&text](absl::string_view name, absl::string_view value) {
    if (value.empty()) return;
    absl::StrAppend(&text, "  ", PadRight(name, 12), value, "\n");
  };
  line("task", model.task);
  line("network", CellName(model));
  line("takes", Takes(model));
  for (const client::ModelInput& input : model.inputs) {
    const std::string note = InputNote(input);
    line("",
         note.empty() ? input.name : absl::StrCat(input.name, " (", note, ")"));
  }
  line("gives", Gives(model));
  line("labels", absl::StrJoin(model.labels, ", "));
  line("quantiles", absl::StrJoin(model.quantile_levels, ", "));
  if (model.interval.count() > 0) {
    line("interval",
         FormatSeconds(static_cast<double>(model.interval.count()) / 1e6));
  }
  line("parameters", absl::StrFormat("%d (%s)", model.parameters,
                                     FormatBytes(model.weight_bytes)));
  if (model.state_bytes > 0) {
    line("session", absl::StrCat(FormatBytes(model.state_bytes), " of state"));
  }
  line("engine", absl::StrCat(model.engine, ", ", model.numerics));
  line("precision", Precision(model));
  line("batching", model.same_bits_in_any_batch ? "the same bits in any batch"
                   : model.precision == "bf16"
                       ? "within a rounding of bf16 in any batch"
                       : "within 1e-5 in any batch");
  line("fingerprint", model.fingerprint);
  return text;
}

absl::Status Run(const Args& args, Environment& environment) {
  std::vector<client::ModelInfo> models;
  if (args.model.empty()) {
    auto list = environment.client.ListModels();
    if (!list.ok()) return list.status();
    models = std::move(*list);
  } else {
    auto model = environment.client.GetModel(
        args.model,
        args.version > 0 ? std::optional<int64_t>(args.version) : std::nullopt);
    if (!model.ok()) return model.status();
    models.push_back(std::move(*model));
  }
  if (environment.json) {
    for (const auto& model : models) {
      environment.out << JsonLine(ToJson(model)) << "\n";
    }
  } else if (models.empty()) {
    environment.out << "The server has no models.\n";
  } else {
    environment.out << (args.model.empty() ? ModelsTable(models)
                                           : Details(models.front()));
  }
  return absl::OkStatus();
}

}  // namespace

void AddModels(CLI::App& app, Command* command) {
  auto args = std::make_shared<Args>();
  CLI::App* sub = app.add_subcommand(
      "models", "List the server's models, or tell all about one");
  sub->add_option("model", args->model, "Name of the model to tell about");
  sub->add_option("--version", args->version,
                  "Version of it; the latest if left out")
      ->check(AtLeastOne());
  sub->callback([args, command] {
    *command = [args](Environment& environment) {
      return Run(*args, environment);
    };
  });
}

}  // namespace recur::cli
