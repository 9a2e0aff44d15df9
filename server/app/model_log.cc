#include "server/app/model_log.h"

#include <spdlog/spdlog.h>

#include <string>

#include "absl/strings/str_format.h"

namespace recur {
namespace {

std::string Describe(const Servable& model) {
  const NetworkSpec& network = model.spec.network;
  const std::string difference =
      model.difference_to_f32.has_value()
          ? absl::StrFormat(", answers at most %.2g from f32 on a probe",
                            *model.difference_to_f32)
          : "";
  return absl::StrFormat(
      "%s, %s%s %dx%d, engine %s (%s)%s, same bits in any batch: %s",
      TaskName(model.spec.task), network.bidirectional ? "bidirectional " : "",
      CellName(network.cell), network.layers, network.hidden_size,
      model.engine->name(), model.engine->numerics(), difference,
      model.same_bits_in_any_batch ? "yes" : "no");
}

}  // namespace

void LogModelChange(const ModelStatus& status) {
  const std::string what =
      absl::StrFormat("model %s version %d", status.name, status.version);
  switch (status.state) {
    case ModelState::kReady:
      if (!status.servable->precision_note.empty()) {
        spdlog::warn("{}: {}", what, status.servable->precision_note);
      }
      spdlog::info("{} ready: {}", what, Describe(*status.servable));
      break;
    case ModelState::kFailed:
      spdlog::error("{} failed to load: {}", what, status.error);
      break;
    case ModelState::kRetiring:
      spdlog::info("{} retired: sessions on it go on, new ones get another",
                   what);
      break;
    case ModelState::kLoading:
      spdlog::debug("{} loading", what);
      break;
  }
}

}  // namespace recur
