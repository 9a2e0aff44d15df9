#include "server/lane/answerer.h"

namespace recur {

Answer ToAnswer(const Servable& model, FeatureView state,
                absl::Span<const float> output) {
  if (model.spec.task == Task::kForecast) {
    return model.features.ToForecast(model.spec, state, output);
  }
  return ToClassification(model.spec, output);
}

void Answerer::FillRows(const Servable& model,
                        absl::Span<const AnswerRequest> requests) {
  const NetworkSpec& network = model.spec.network;
  const size_t output_size = OutputSize(network);
  const size_t future_size = static_cast<size_t>(network.horizon) *
                             static_cast<size_t>(network.future_size);
  output_.resize(requests.size() * output_size);
  future_.resize(requests.size() * future_size);
  rows_.clear();
  for (size_t i = 0; i < requests.size(); ++i) {
    float* future = nullptr;
    if (network.head == Head::kForecast) {
      future = future_.data() + i * future_size;
      model.features.Future(requests[i].features, network.horizon,
                            requests[i].known, future);
    }
    rows_.push_back({.state = requests[i].hidden,
                     .future = future,
                     .output = output_.data() + i * output_size});
  }
}

absl::Status Answerer::Answer(
    const Servable& model, Workspace* workspace,
    absl::Span<const AnswerRequest> requests,
    std::vector<std::shared_ptr<const recur::Answer>>* out) {
  FillRows(model, requests);
  if (auto status = workspace->RunHead(rows_); !status.ok()) return status;
  const size_t output_size = OutputSize(model.spec.network);
  out->clear();
  for (size_t i = 0; i < requests.size(); ++i) {
    out->push_back(std::make_shared<const recur::Answer>(ToAnswer(
        model, requests[i].features,
        absl::MakeConstSpan(output_).subspan(i * output_size, output_size))));
  }
  return absl::OkStatus();
}

}  // namespace recur
