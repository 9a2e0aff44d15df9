#include "client/load/model_facts.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/sdk/client.h"
#include "model/spec/error_reason.h"

namespace recur::load {
namespace {

absl::Status NoSuchModel(client::Client& client, const std::string& name) {
  const auto models = client.ListModels();
  if (!models.ok()) return models.status();
  std::set<std::string> names;
  for (const client::ModelInfo& model : *models) names.insert(model.name);
  return absl::NotFoundError(absl::StrFormat(
      "there is no model \"%s\"; %s", name,
      names.empty() ? "the server has none"
                    : absl::StrCat("there are: ", absl::StrJoin(names, ", "))));
}

absl::Status Explain(const absl::Status& status, const LoadOptions& options) {
  const bool transport = !ReasonOf(status).has_value();
  if (transport && absl::IsUnavailable(status)) {
    return absl::UnavailableError(
        absl::StrFormat("cannot reach a server at %s: is it running? (%s)",
                        options.server, status.message()));
  }
  if (transport && absl::IsUnimplemented(status)) {
    return absl::UnimplementedError(absl::StrFormat(
        "the server at %s does not tell of its models: say with --features how "
        "many values an observation of \"%s\" has",
        options.server, options.model));
  }
  return status;
}

absl::StatusOr<client::ModelInfo> Ask(client::Client& client,
                                      const LoadOptions& options,
                                      const std::string& name) {
  const auto model = client.GetModel(name);
  if (absl::IsNotFound(model.status())) return NoSuchModel(client, name);
  if (!model.ok()) return Explain(model.status(), options);
  if (model->takes_text) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "model \"%s\" takes texts; only observations can be sent", name));
  }
  return model;
}

absl::Status CheckTask(const client::ModelInfo& model,
                       const LoadOptions& options) {
  const bool forecasts = model.task == "forecast";
  if (options.want == client::Want::kAck ||
      forecasts == (options.want == client::Want::kForecast)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrFormat(
      "model \"%s\" cannot answer --want %s: its task is %s", model.name,
      forecasts ? "class" : "forecast", model.task));
}

}  // namespace

absl::StatusOr<ModelFacts> AskFacts(const LoadOptions& options) {
  ModelFacts facts{.features = options.features};
  if (options.features > 0 && options.bulk.empty()) return facts;
  auto client = client::Client::Create(
      {.target = options.server,
       .timeout = std::chrono::duration_cast<std::chrono::milliseconds>(
           options.timeout),
       .retry = {.budget = std::chrono::milliseconds(1'000)}});
  if (!client.ok()) return client.status();
  if (options.features == 0) {
    const auto model = Ask(*client, options, options.model);
    if (!model.ok()) return model.status();
    if (auto status = CheckTask(*model, options); !status.ok()) return status;
    facts.features = static_cast<int>(model->inputs.size());
    facts.needs_time = model->needs_time;
  }
  if (!options.bulk.empty()) {
    const auto model = Ask(*client, options, options.bulk);
    if (!model.ok()) return model.status();
    if (model->task != "classify") {
      return absl::InvalidArgumentError(absl::StrFormat(
          "--bulk needs a classifier; the task of model \"%s\" is %s",
          options.bulk, model->task));
    }
    facts.bulk_features = static_cast<int>(model->inputs.size());
  }
  return facts;
}

}  // namespace recur::load
