// Answers as JSON, one object per line: what --json prints. Numbers that are
// not there are null; times are ISO 8601.
#ifndef RECUR_CLIENT_CLI_JSON_OUTPUT_H_
#define RECUR_CLIENT_CLI_JSON_OUTPUT_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "client/cli/forecast_view.h"
#include "client/sdk/types.h"

namespace recur::cli {

nlohmann::ordered_json ToJson(const client::ModelInfo& model);
nlohmann::ordered_json ToJson(const client::SessionInfo& session);
nlohmann::ordered_json ToJson(const client::Classification& classification);
nlohmann::ordered_json ToJson(const ForecastView& view);
nlohmann::ordered_json ToJson(const absl::Status& status);

// One line without a line end; bytes that are not UTF-8 are replaced.
std::string JsonLine(const nlohmann::ordered_json& json);

const char* StateName(client::ModelState state);
const char* DurabilityName(client::Durability durability);

}  // namespace recur::cli

#endif  // RECUR_CLIENT_CLI_JSON_OUTPUT_H_
