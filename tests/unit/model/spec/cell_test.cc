#include "model/spec/cell.h"

#include <gtest/gtest.h>

namespace recur {
namespace {

const Cell kRnn = {CellKind::kRnn};
const Cell kLstm = {CellKind::kLstm};
const Cell kGru = {CellKind::kGru};
const Cell kGruResetBefore = {CellKind::kGru, Activation::kTanh, false};

TEST(CellTest, GatesBiasesAndStateVectorsFollowFromTheCell) {
  EXPECT_EQ(GateCount(kRnn), 1);
  EXPECT_EQ(GateCount(kLstm), 4);
  EXPECT_EQ(GateCount(kGru), 3);
  EXPECT_EQ(BiasCount(kRnn), 1);
  EXPECT_EQ(BiasCount(kLstm), 4);
  EXPECT_EQ(BiasCount(kGruResetBefore), 3);
  EXPECT_EQ(StateVectorCount(kRnn), 1);
  EXPECT_EQ(StateVectorCount(kLstm), 2);
  EXPECT_EQ(StateVectorCount(kGru), 1);
}

TEST(CellTest, AGruThatResetsAfterTheProductHasAFourthBias) {
  EXPECT_EQ(BiasCount(kGru), 4);
}

TEST(CellTest, OnlyAGruLooksAtLinearBeforeReset) {
  Cell cell = kLstm;
  cell.linear_before_reset = true;
  EXPECT_EQ(BiasCount(cell), 4);
  cell.kind = CellKind::kRnn;
  EXPECT_EQ(BiasCount(cell), 1);
}

TEST(CellTest, EveryKindIsParsedFromItsName) {
  for (CellKind kind : {CellKind::kRnn, CellKind::kLstm, CellKind::kGru}) {
    EXPECT_EQ(ParseCellKind(CellKindName(kind)).value(), kind);
  }
  EXPECT_EQ(CellKindName(CellKind::kLstm), "lstm");
}

TEST(CellTest, EveryActivationIsParsedFromItsName) {
  for (Activation activation :
       {Activation::kTanh, Activation::kRelu, Activation::kSigmoid}) {
    EXPECT_EQ(ParseActivation(ActivationName(activation)).value(), activation);
  }
  EXPECT_EQ(ActivationName(Activation::kRelu), "relu");
}

TEST(CellTest, AnUnknownNameIsQuotedBesideThoseThatAreKnown) {
  const auto kind = ParseCellKind("LSTM");
  EXPECT_EQ(kind.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(kind.status().message(),
            "cell is \"LSTM\"; it must be rnn, lstm or gru");
  const auto activation = ParseActivation("gelu");
  EXPECT_EQ(activation.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(activation.status().message(),
            "activation is \"gelu\"; it must be tanh, relu or sigmoid");
}

TEST(CellTest, ANameSaysWhatTellsCellsApart) {
  EXPECT_EQ(CellName(kLstm), "lstm");
  EXPECT_EQ(CellName(kRnn), "rnn-tanh");
  EXPECT_EQ(CellName({CellKind::kRnn, Activation::kSigmoid}), "rnn-sigmoid");
  EXPECT_EQ(CellName(kGru), "gru");
  EXPECT_EQ(CellName(kGruResetBefore), "gru-reset-before");
}

}  // namespace
}  // namespace recur
