#include "model/spec/network_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "model/spec/tensor.h"

namespace recur {
namespace {

using ::testing::ElementsAre;

NetworkSpec Classifier() {
  NetworkSpec spec;
  spec.input_size = 3;
  spec.hidden_size = 5;
  spec.classes = 4;
  return spec;
}

NetworkSpec Forecaster() {
  NetworkSpec spec = Classifier();
  spec.cell.kind = CellKind::kGru;
  spec.head = Head::kForecast;
  spec.classes = 0;
  spec.horizon = 7;
  spec.targets = 2;
  spec.levels = 3;
  spec.future_size = 6;
  spec.decoder_size = 8;
  return spec;
}

// "name 3x4x5" for each, in file order.
std::vector<std::string> Shapes(const NetworkSpec& spec) {
  std::vector<std::string> lines;
  for (const TensorShape& shape : WeightShapes(spec)) {
    std::string line = shape.name;
    for (size_t i = 0; i < shape.dims.size(); ++i) {
      line += (i == 0 ? " " : "x") + std::to_string(shape.dims[i]);
    }
    lines.push_back(line);
  }
  return lines;
}

std::string Refusal(const NetworkSpec& spec) {
  const absl::Status status = ValidateNetworkSpec(spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(NetworkSpecTest, AnLstmClassifierHasLayerAndHeadWeights) {
  EXPECT_THAT(Shapes(Classifier()),
              ElementsAre("layers.0.forward.weight_input 3x4x5",
                          "layers.0.forward.weight_hidden 5x4x5",
                          "layers.0.forward.bias 4x5", "head.weight 5x4",
                          "head.bias 4"));
}

TEST(NetworkSpecTest, AnUpperBidirectionalLayerSeesBothDirections) {
  NetworkSpec spec = Classifier();
  spec.cell.kind = CellKind::kRnn;
  spec.layers = 2;
  spec.bidirectional = true;
  EXPECT_THAT(
      Shapes(spec),
      ElementsAre(
          "layers.0.forward.weight_input 3x1x5",
          "layers.0.forward.weight_hidden 5x1x5", "layers.0.forward.bias 1x5",
          "layers.0.backward.weight_input 3x1x5",
          "layers.0.backward.weight_hidden 5x1x5", "layers.0.backward.bias 1x5",
          "layers.1.forward.weight_input 10x1x5",
          "layers.1.forward.weight_hidden 5x1x5", "layers.1.forward.bias 1x5",
          "layers.1.backward.weight_input 10x1x5",
          "layers.1.backward.weight_hidden 5x1x5", "layers.1.backward.bias 1x5",
          "head.weight 10x4", "head.bias 4"));
}

TEST(NetworkSpecTest, ATextModelBeginsWithItsEmbedding) {
  NetworkSpec spec = Classifier();
  spec.cell = {CellKind::kGru, Activation::kTanh, false};
  spec.vocabulary_size = 100;
  spec.embedding_size = 9;
  EXPECT_THAT(Shapes(spec), ElementsAre("embedding.weight 100x9",
                                        "layers.0.forward.weight_input 9x3x5",
                                        "layers.0.forward.weight_hidden 5x3x5",
                                        "layers.0.forward.bias 3x5",
                                        "head.weight 5x4", "head.bias 4"));
}

TEST(NetworkSpecTest, AForecasterEndsWithItsDecoder) {
  EXPECT_THAT(
      Shapes(Forecaster()),
      ElementsAre("layers.0.forward.weight_input 3x3x5",
                  "layers.0.forward.weight_hidden 5x3x5",
                  "layers.0.forward.bias 4x5", "decoder.weight_hidden 5x8",
                  "decoder.weight_future 6x8", "decoder.step_bias 7x8",
                  "decoder.weight_output 8x2x3", "decoder.bias_output 2x3",
                  "decoder.weight_skip 6x2"));
}

TEST(NetworkSpecTest, WithoutFutureFeaturesTheDecoderHasNoWeightsForThem) {
  NetworkSpec spec = Forecaster();
  spec.future_size = 0;
  EXPECT_THAT(
      Shapes(spec),
      ElementsAre("layers.0.forward.weight_input 3x3x5",
                  "layers.0.forward.weight_hidden 5x3x5",
                  "layers.0.forward.bias 4x5", "decoder.weight_hidden 5x8",
                  "decoder.step_bias 7x8", "decoder.weight_output 8x2x3",
                  "decoder.bias_output 2x3"));
}

TEST(NetworkSpecTest, SizesFollowFromTheSpec) {
  NetworkSpec spec = Classifier();
  spec.layers = 3;
  EXPECT_EQ(HiddenStateSize(spec), 3 * 2 * 5);
  spec.cell.kind = CellKind::kGru;
  EXPECT_EQ(HiddenStateSize(spec), 3 * 5);
  EXPECT_EQ(SummarySize(spec), 5);
  EXPECT_EQ(OutputSize(spec), 4);
  EXPECT_EQ(OutputSize(Forecaster()), 7 * 2 * 3);
  spec.bidirectional = true;
  EXPECT_EQ(SummarySize(spec), 10);
  EXPECT_EQ(LayerInputSize(spec, 0), 3);
  EXPECT_EQ(LayerInputSize(spec, 1), 10);
}

TEST(NetworkSpecTest, APooledStateEndsWithThePoolAndItsCount) {
  NetworkSpec spec = Classifier();
  spec.layers = 3;
  for (Pooling pooling : {Pooling::kMean, Pooling::kMax}) {
    spec.pooling = pooling;
    EXPECT_EQ(HiddenStateSize(spec), 3 * 2 * 5 + 5 + 1);
    EXPECT_EQ(SummarySize(spec), 5);
  }
}

TEST(NetworkSpecTest, AForecastIsOfTheLastStep) {
  NetworkSpec spec = Forecaster();
  spec.pooling = Pooling::kMean;
  EXPECT_EQ(Refusal(spec),
            "network.pooling is \"mean\"; head forecast needs \"last\"");
}

TEST(NetworkSpecTest, PoolingsHaveNames) {
  for (Pooling pooling : {Pooling::kLast, Pooling::kMean, Pooling::kMax}) {
    EXPECT_EQ(*ParsePooling(PoolingName(pooling)), pooling);
  }
  EXPECT_EQ(ParsePooling("min").status().message(),
            "pooling is \"min\"; it must be last, mean or max");
}

TEST(NetworkSpecTest, TakesGoodSpecs) {
  EXPECT_TRUE(ValidateNetworkSpec(Classifier()).ok());
  EXPECT_TRUE(ValidateNetworkSpec(Forecaster()).ok());
  NetworkSpec sigmoid = Classifier();
  sigmoid.head = Head::kSigmoid;
  sigmoid.classes = 1;
  EXPECT_TRUE(ValidateNetworkSpec(sigmoid).ok());
}

struct Limit {
  const char* name;
  int NetworkSpec::*field;
  int low;
  int high;
};

// One below and one above are refused with the field, its value and the
// limits; the limits themselves are taken.
void ExpectLimits(NetworkSpec spec, const Limit& limit) {
  for (int value : {limit.low, limit.high}) {
    spec.*limit.field = value;
    EXPECT_TRUE(ValidateNetworkSpec(spec).ok()) << limit.name << " " << value;
  }
  for (int value :
       {limit.low - 1, limit.high + 1, std::numeric_limits<int>::min(),
        std::numeric_limits<int>::max()}) {
    spec.*limit.field = value;
    EXPECT_EQ(Refusal(spec), std::string("network.") + limit.name + " is " +
                                 std::to_string(value) + "; it must be " +
                                 std::to_string(limit.low) + " to " +
                                 std::to_string(limit.high));
  }
}

TEST(NetworkSpecTest, NamesTheFieldOutOfRangeItsValueAndTheLimits) {
  for (const Limit& limit :
       {Limit{"input_size", &NetworkSpec::input_size, 1, 16384},
        Limit{"hidden_size", &NetworkSpec::hidden_size, 1, 16384},
        Limit{"layers", &NetworkSpec::layers, 1, 16},
        Limit{"classes", &NetworkSpec::classes, 2, 16384}}) {
    ExpectLimits(Classifier(), limit);
  }
  for (const Limit& limit :
       {Limit{"classes", &NetworkSpec::classes, 0, 0},
        Limit{"horizon", &NetworkSpec::horizon, 1, 4096},
        Limit{"targets", &NetworkSpec::targets, 1, 256},
        Limit{"levels", &NetworkSpec::levels, 1, 99},
        Limit{"future_size", &NetworkSpec::future_size, 0, 16384},
        Limit{"decoder_size", &NetworkSpec::decoder_size, 1, 16384}}) {
    ExpectLimits(Forecaster(), limit);
  }
}

TEST(NetworkSpecTest, ChecksTheSizesOfAnEmbedding) {
  NetworkSpec spec = Classifier();
  spec.embedding_size = 8;
  EXPECT_EQ(Refusal(spec),
            "network.embedding_size needs a network.vocabulary_size");
  spec.vocabulary_size = 1;
  EXPECT_EQ(Refusal(spec),
            "network.vocabulary_size is 1; it must be 2 to 1048576");
  spec.vocabulary_size = 2;
  EXPECT_TRUE(ValidateNetworkSpec(spec).ok());
  spec.embedding_size = 0;
  EXPECT_EQ(Refusal(spec),
            "network.embedding_size is 0; it must be 1 to 16384");
}

TEST(NetworkSpecTest, ASigmoidHeadHasOneClass) {
  NetworkSpec spec = Classifier();
  spec.head = Head::kSigmoid;
  spec.classes = 2;
  EXPECT_EQ(Refusal(spec), "network.classes is 2; it must be 1 to 1");
}

TEST(NetworkSpecTest, AClassifierHasNoSizesOfAForecast) {
  NetworkSpec spec = Classifier();
  spec.horizon = 7;
  EXPECT_EQ(Refusal(spec),
            "network.head is \"softmax\" but sizes of a forecast head are "
            "given");
}

// The largest tensors stay far from the limits of 64 bits, and every one of
// their dimensions' products of two from those of 32.
TEST(NetworkSpecTest, TheLargestSpecsDoNotOverflow) {
  NetworkSpec spec = Forecaster();
  spec.cell.kind = CellKind::kLstm;
  spec.bidirectional = true;
  spec.hidden_size = spec.decoder_size = spec.future_size = 16384;
  spec.layers = 16;
  spec.horizon = 4096;
  spec.targets = 256;
  spec.levels = 99;
  ASSERT_TRUE(ValidateNetworkSpec(spec).ok());
  for (const TensorShape& shape : WeightShapes(spec)) {
    EXPECT_GT(ElementCount(shape.dims), 0) << shape.name;
    EXPECT_LT(ElementCount(shape.dims), int64_t{1} << 40) << shape.name;
  }
  EXPECT_GT(OutputSize(spec), 0);
  EXPECT_GT(HiddenStateSize(spec), 0);
}

TEST(NetworkSpecTest, EveryHeadIsParsedFromItsName) {
  for (Head head : {Head::kSoftmax, Head::kSigmoid, Head::kForecast}) {
    EXPECT_EQ(ParseHead(HeadName(head)).value(), head);
  }
  EXPECT_EQ(ParseHead("crf").status().message(),
            "head is \"crf\"; it must be softmax, sigmoid or forecast");
}

TEST(NetworkSpecTest, ALayersPrefixNamesItsDirection) {
  EXPECT_EQ(LayerPrefix(0, 0), "layers.0.forward.");
  EXPECT_EQ(LayerPrefix(11, 1), "layers.11.backward.");
}

}  // namespace
}  // namespace recur
