#include "model/spec/cell.h"

#include "absl/strings/str_cat.h"

namespace recur {

int GateCount(const Cell& cell) {
  switch (cell.kind) {
    case CellKind::kRnn:
      return 1;
    case CellKind::kLstm:
      return 4;
    case CellKind::kGru:
      return 3;
  }
  return 0;
}

int BiasCount(const Cell& cell) {
  const bool extra = cell.kind == CellKind::kGru && cell.linear_before_reset;
  return GateCount(cell) + (extra ? 1 : 0);
}

int StateVectorCount(const Cell& cell) {
  return cell.kind == CellKind::kLstm ? 2 : 1;
}

absl::string_view CellKindName(CellKind kind) {
  switch (kind) {
    case CellKind::kRnn:
      return "rnn";
    case CellKind::kLstm:
      return "lstm";
    case CellKind::kGru:
      return "gru";
  }
  return "?";
}

absl::string_view ActivationName(Activation act) {
  switch (act) {
    case Activation::kTanh:
      return "tanh";
    case Activation::kRelu:
      return "relu";
    case Activation::kSigmoid:
      return "sigmoid";
  }
  return "?";
}

absl::StatusOr<CellKind> ParseCellKind(absl::string_view name) {
  for (CellKind kind : {CellKind::kRnn, CellKind::kLstm, CellKind::kGru}) {
    if (name == CellKindName(kind)) return kind;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("cell is \"", name, "\"; it must be rnn, lstm or gru"));
}

absl::StatusOr<Activation> ParseActivation(absl::string_view name) {
  for (Activation act :
       {Activation::kTanh, Activation::kRelu, Activation::kSigmoid}) {
    if (name == ActivationName(act)) return act;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "activation is \"", name, "\"; it must be tanh, relu or sigmoid"));
}

std::string CellName(const Cell& cell) {
  std::string name(CellKindName(cell.kind));
  if (cell.kind == CellKind::kRnn) {
    absl::StrAppend(&name, "-", ActivationName(cell.activation));
  } else if (cell.kind == CellKind::kGru && !cell.linear_before_reset) {
    absl::StrAppend(&name, "-reset-before");
  }
  return name;
}

}  // namespace recur
