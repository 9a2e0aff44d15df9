#include "model/spec/network_spec.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace recur {
namespace {

constexpr int kMaxSize = 16384;
constexpr int kMaxLayers = 16;
constexpr int kMaxVocabulary = 1 << 20;
constexpr int kMaxHorizon = 4096;

absl::Status CheckRange(absl::string_view field, int value, int low, int high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "network.%s is %d; it must be %d to %d", field, value, low, high));
}

absl::Status ValidateForecastHead(const NetworkSpec& spec) {
  if (spec.pooling != Pooling::kLast) {
    return absl::InvalidArgumentError(
        absl::StrCat("network.pooling is \"", PoolingName(spec.pooling),
                     "\"; head forecast needs \"last\""));
  }
  for (const absl::Status& status :
       {CheckRange("classes", spec.classes, 0, 0),
        CheckRange("horizon", spec.horizon, 1, kMaxHorizon),
        CheckRange("targets", spec.targets, 1, 256),
        CheckRange("levels", spec.levels, 1, 99),
        CheckRange("future_size", spec.future_size, 0, kMaxSize),
        CheckRange("decoder_size", spec.decoder_size, 1, kMaxSize)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ValidateClassHead(const NetworkSpec& spec) {
  if (spec.horizon != 0 || spec.targets != 0 || spec.levels != 0 ||
      spec.future_size != 0 || spec.decoder_size != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("network.head is \"", HeadName(spec.head),
                     "\" but sizes of a forecast head are given"));
  }
  return spec.head == Head::kSigmoid
             ? CheckRange("classes", spec.classes, 1, 1)
             : CheckRange("classes", spec.classes, 2, kMaxSize);
}

absl::Status ValidateInput(const NetworkSpec& spec) {
  if (spec.vocabulary_size == 0) {
    if (spec.embedding_size != 0) {
      return absl::InvalidArgumentError(
          "network.embedding_size needs a network.vocabulary_size");
    }
    return CheckRange("input_size", spec.input_size, 1, kMaxSize);
  }
  if (auto status = CheckRange("vocabulary_size", spec.vocabulary_size, 2,
                               kMaxVocabulary);
      !status.ok()) {
    return status;
  }
  return CheckRange("embedding_size", spec.embedding_size, 1, kMaxSize);
}

void AppendLayerShapes(const NetworkSpec& spec, int layer,
                       std::vector<TensorShape>* shapes) {
  const int64_t hidden = spec.hidden_size;
  const int64_t gates = GateCount(spec.cell);
  for (int d = 0; d < DirectionCount(spec); ++d) {
    const std::string prefix = LayerPrefix(layer, d);
    shapes->push_back({absl::StrCat(prefix, "weight_input"),
                       {LayerInputSize(spec, layer), gates, hidden}});
    shapes->push_back(
        {absl::StrCat(prefix, "weight_hidden"), {hidden, gates, hidden}});
    shapes->push_back(
        {absl::StrCat(prefix, "bias"), {BiasCount(spec.cell), hidden}});
  }
}

void AppendForecastShapes(const NetworkSpec& spec,
                          std::vector<TensorShape>* shapes) {
  const int64_t width = spec.decoder_size;
  shapes->push_back({"decoder.weight_hidden", {SummarySize(spec), width}});
  if (spec.future_size > 0) {
    shapes->push_back({"decoder.weight_future", {spec.future_size, width}});
  }
  shapes->push_back({"decoder.step_bias", {spec.horizon, width}});
  shapes->push_back(
      {"decoder.weight_output", {width, spec.targets, spec.levels}});
  shapes->push_back({"decoder.bias_output", {spec.targets, spec.levels}});
  if (spec.future_size > 0) {
    shapes->push_back(
        {"decoder.weight_skip", {spec.future_size, spec.targets}});
  }
}

}  // namespace

absl::Status ValidateNetworkSpec(const NetworkSpec& spec) {
  if (auto status = ValidateInput(spec); !status.ok()) return status;
  for (const absl::Status& status :
       {CheckRange("hidden_size", spec.hidden_size, 1, kMaxSize),
        CheckRange("layers", spec.layers, 1, kMaxLayers)}) {
    if (!status.ok()) return status;
  }
  return spec.head == Head::kForecast ? ValidateForecastHead(spec)
                                      : ValidateClassHead(spec);
}

int LayerInputSize(const NetworkSpec& spec, int layer) {
  if (layer > 0) return spec.hidden_size * DirectionCount(spec);
  return spec.vocabulary_size > 0 ? spec.embedding_size : spec.input_size;
}

int DirectionCount(const NetworkSpec& spec) {
  return spec.bidirectional ? 2 : 1;
}

int HiddenStateSize(const NetworkSpec& spec) {
  const int layers =
      spec.layers * StateVectorCount(spec.cell) * spec.hidden_size;
  return spec.pooling == Pooling::kLast ? layers
                                        : layers + spec.hidden_size + 1;
}

int SummarySize(const NetworkSpec& spec) {
  return spec.hidden_size * DirectionCount(spec);
}

int OutputSize(const NetworkSpec& spec) {
  return spec.head == Head::kForecast
             ? spec.horizon * spec.targets * spec.levels
             : spec.classes;
}

std::vector<TensorShape> WeightShapes(const NetworkSpec& spec) {
  std::vector<TensorShape> shapes;
  if (spec.vocabulary_size > 0) {
    shapes.push_back(
        {"embedding.weight", {spec.vocabulary_size, spec.embedding_size}});
  }
  for (int layer = 0; layer < spec.layers; ++layer) {
    AppendLayerShapes(spec, layer, &shapes);
  }
  if (spec.head == Head::kForecast) {
    AppendForecastShapes(spec, &shapes);
  } else {
    shapes.push_back({"head.weight", {SummarySize(spec), spec.classes}});
    shapes.push_back({"head.bias", {spec.classes}});
  }
  return shapes;
}

std::string LayerPrefix(int layer, int direction) {
  return absl::StrCat("layers.", layer,
                      direction == 0 ? ".forward." : ".backward.");
}

absl::string_view HeadName(Head head) {
  switch (head) {
    case Head::kSoftmax:
      return "softmax";
    case Head::kSigmoid:
      return "sigmoid";
    case Head::kForecast:
      return "forecast";
  }
  return "?";
}

absl::StatusOr<Head> ParseHead(absl::string_view name) {
  for (Head head : {Head::kSoftmax, Head::kSigmoid, Head::kForecast}) {
    if (name == HeadName(head)) return head;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "head is \"", name, "\"; it must be softmax, sigmoid or forecast"));
}

absl::string_view PoolingName(Pooling pooling) {
  switch (pooling) {
    case Pooling::kLast:
      return "last";
    case Pooling::kMean:
      return "mean";
    case Pooling::kMax:
      return "max";
  }
  return "?";
}

absl::StatusOr<Pooling> ParsePooling(absl::string_view name) {
  for (Pooling pooling : {Pooling::kLast, Pooling::kMean, Pooling::kMax}) {
    if (name == PoolingName(pooling)) return pooling;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("pooling is \"", name, "\"; it must be last, mean or max"));
}

}  // namespace recur
