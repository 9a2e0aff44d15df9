#!/usr/bin/python3
"""Brings a classifier of numeric sequences from PyTorch: writes a model
directory as model/format/FORMAT.md describes it, with numpy alone.

  from from_pytorch import write_classifier
  write_classifier("models/pumps/1", rnn, linear, ["flow", "heat"],
                   ["ok", "leak"])

`rnn` is an nn.LSTM or nn.GRU of any number of layers, in one direction or both;
`linear` is an nn.Linear on the last layer's h_n (of both directions: forward,
then backward). Softmax follows; a Linear with one output answers the second of
two labels with a sigmoid.

  from_pytorch.py models sequence.csv

is a check: it writes random models to models/torch_lstm/1 and so on and a
sequence to the CSV file, and prints what PyTorch answers. Compare with
  recur-server --models models
  recur classify --model torch_lstm --csv sequence.csv --sequence-id id --json
"""
import json
import pathlib
import sys

import numpy as np

# The place of our gates among PyTorch's: LSTM i f g o; GRU r z n, ours u r n.
GATES = {"LSTM": [0, 1, 2, 3], "GRU": [1, 0, 2]}


def array(tensor):
    return tensor.detach().cpu().numpy().astype("<f4")


def layer_tensors(rnn, layer, suffix):
    """One direction of one layer: weight_input, weight_hidden, bias."""
    gates = GATES[type(rnn).__name__]

    def of(name):  # [gates, hidden, ...], gates in our order
        own = array(getattr(rnn, f"{name}_l{layer}{suffix}"))
        return own.reshape(len(gates), rnn.hidden_size, *own.shape[1:])[gates]

    # PyTorch's are [gates * hidden, inputs]; ours [inputs, gates, hidden].
    weights = [of("weight_ih").transpose(2, 0, 1),
               of("weight_hh").transpose(2, 0, 1)]
    zero = np.zeros((len(gates), rnn.hidden_size), "<f4")
    inner = of("bias_ih") if rnn.bias else zero
    outer = of("bias_hh") if rnn.bias else zero
    if type(rnn).__name__ == "LSTM":
        return [*weights, inner + outer]
    # The n gate keeps both of its biases: the last row is the hidden one's.
    return [*weights, np.vstack([inner[:2] + outer[:2], inner[2:], outer[2:]])]


def tensors_of(rnn, linear):
    bias = (np.zeros(linear.out_features, "<f4") if linear.bias is None
            else array(linear.bias))
    found = {"head.weight": array(linear.weight).T, "head.bias": bias}
    directions = [("forward", ""), ("backward", "_reverse")]
    for layer in range(rnn.num_layers):
        for direction, suffix in directions[:2 if rnn.bidirectional else 1]:
            names = ("weight_input", "weight_hidden", "bias")
            for name, part in zip(names, layer_tensors(rnn, layer, suffix)):
                found[f"layers.{layer}.{direction}.{name}"] = part
    return found


def safetensors(tensors):
    """The bytes of weights.safetensors."""
    header, data = {}, b""
    for name in sorted(tensors):
        part = np.ascontiguousarray(tensors[name], "<f4")
        header[name] = {"dtype": "F32", "shape": list(part.shape),
                        "data_offsets": [len(data), len(data) + part.nbytes]}
        data += part.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def spec_of(rnn, linear, columns, labels, means, scales):
    """model.json: plain inputs, (value - mean) / scale, and no times."""
    network = {
        "cell": type(rnn).__name__.lower(), "input_size": rnn.input_size,
        "hidden_size": rnn.hidden_size, "layers": rnn.num_layers,
        "bidirectional": rnn.bidirectional, "classes": linear.out_features,
        "head": "sigmoid" if linear.out_features == 1 else "softmax"}
    if network["cell"] == "gru":
        network["linear_before_reset"] = True
    return {
        "format": 1, "task": "classify", "network": network, "labels": labels,
        "features": {
            "columns": [{"name": name, "mean": mean, "scale": scale,
                         "may_be_missing": False, "known_ahead": False}
                        for name, mean, scale in zip(columns, means, scales)],
            "targets": [], "interval_us": 0, "max_gap_intervals": 1,
            "calendar": {"day_harmonics": 0, "week_harmonics": 0,
                         "year_harmonics": 0, "utc_offset_minutes": 0},
            "changes": False, "seasons": [], "anchor": "mean",
            "output_scale": [], "input_clip": 0}}


def write_classifier(directory, rnn, linear, columns, labels, means=None,
                     scales=None):
    """Writes REPOSITORY/NAME/VERSION, which must not be there yet. The model
    must have been trained on (value - mean) / scale of each column."""
    if type(rnn).__name__ not in GATES or getattr(rnn, "proj_size", 0):
        raise ValueError("it must be an nn.LSTM without proj_size or an nn.GRU")
    directory = pathlib.Path(directory)
    if directory.exists():
        raise FileExistsError(directory)
    spec = spec_of(rnn, linear, columns, labels, means or [0.0] * len(columns),
                   scales or [1.0] * len(columns))
    # A server passes over names with a dot; the rename shows it all at once.
    unfinished = directory.with_name("." + directory.name)
    unfinished.mkdir(parents=True)
    (unfinished / "model.json").write_text(json.dumps(spec, indent=1))
    (unfinished / "weights.safetensors").write_bytes(
        safetensors(tensors_of(rnn, linear)))
    unfinished.rename(directory)


def main():
    import torch
    models, csv_file = map(pathlib.Path, sys.argv[1:])
    columns, labels = ["flow", "heat", "load"], ["ok", "leak", "worn"]
    torch.manual_seed(1)
    sequence = torch.randn(20, len(columns))
    rows = [["id", *columns], *(["s", *row] for row in sequence.tolist())]
    csv_file.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    made = {
        "torch_lstm": torch.nn.LSTM(len(columns), 24, num_layers=2),
        "torch_gru": torch.nn.GRU(len(columns), 24),
        "torch_both_ways": torch.nn.GRU(len(columns), 16, num_layers=2,
                                        bidirectional=True)}
    for name, rnn in made.items():
        directions = 2 if rnn.bidirectional else 1
        linear = torch.nn.Linear(rnn.hidden_size * directions, len(labels))
        write_classifier(models / name / "1", rnn, linear, columns, labels)
        with torch.no_grad():
            _, hidden = rnn(sequence[:, None, :])
            hidden = hidden[0] if isinstance(hidden, tuple) else hidden
            summary = hidden[-directions:, 0].reshape(-1)
            answer = torch.softmax(linear(summary), 0).tolist()
        print(name, *(f"{label} {value:.7f}"
                      for label, value in zip(labels, answer)))


if __name__ == "__main__":
    main()
