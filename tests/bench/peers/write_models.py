#!/usr/bin/python3
"""Writes the LSTM that both peers serve.

  write_models.py FOLDER HIDDEN...

lstm_HIDDEN.npz has PyTorch's own arrays (gates i f g o), lstm_HIDDEN.onnx the
same step as a graph from x [batch, inputs], h and c [batch, HIDDEN] to next_h
and next_c. The weights depend on HIDDEN alone.
"""
import pathlib
import sys
import warnings

import numpy
import torch

INPUTS = 8
SEED = 20261123


class Step(torch.nn.Module):
    """One step from plain operators, for the exporter."""

    def __init__(self, cell):
        super().__init__()
        self.hidden = cell.hidden_size
        self.weight_x = torch.nn.Parameter(cell.weight_ih.t().contiguous())
        self.weight_h = torch.nn.Parameter(cell.weight_hh.t().contiguous())
        self.bias = torch.nn.Parameter(cell.bias_ih + cell.bias_hh)

    def forward(self, x, h, c):
        gates = (torch.matmul(x, self.weight_x) +
                 torch.matmul(h, self.weight_h) + self.bias)
        i, f, g, o = gates.split(self.hidden, 1)
        next_c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(next_c), next_c


def write(folder, hidden):
    torch.manual_seed(SEED + hidden)
    cell = torch.nn.LSTMCell(INPUTS, hidden)
    numpy.savez(folder / f"lstm_{hidden}.npz",
                **{name: value.detach().numpy()
                   for name, value in cell.named_parameters()})
    rows = torch.zeros(2, INPUTS), torch.zeros(2, hidden), torch.zeros(2, hidden)
    names = ["x", "h", "c"], ["next_h", "next_c"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Step(cell), rows, folder / f"lstm_{hidden}.onnx", opset_version=14,
            input_names=names[0], output_names=names[1],
            dynamic_axes={name: {0: "batch"} for name in sum(names, [])})


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: write_models.py FOLDER HIDDEN...")
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for hidden in sys.argv[2:]:
        write(folder, int(hidden))


if __name__ == "__main__":
    main()
