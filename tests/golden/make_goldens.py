#!/usr/bin/env python3
"""Makes tests/golden/networks/*.json: what PyTorch answers on small networks.

    python3 tests/golden/make_goldens.py

Needs PyTorch (Debian: python3-torch). Everything is computed in float64 by
torch.nn.LSTM, GRU, RNN, Embedding and Linear; what PyTorch does not have (the
sigmoid RNN, the GRU that resets before the product, the forecast decoder) is
written out in its tensor operations. Weights and inputs are multiples of
1/1024, so that they are exact in float32 and in the files, and so are the sums
of PyTorch's two biases.

A file holds the spec, the weights by name in the layout of
model/spec/network_spec.h, and sequences: inputs [steps, input_size] or tokens
[steps], future [horizon, future_size], and per step (once, for the whole
sequence, if bidirectional) the state [layers, h (and c), hidden_size] (and,
if h is pooled, what is pooled [hidden_size] and the number of steps), the
outputs before the last nonlinearity and the outputs.
"""

import json
import pathlib
import random

import torch

FOLDER = pathlib.Path(__file__).parent / "networks"
LENGTHS = (1, 3, 8)

SPEC = {
    "cell": "lstm", "activation": "tanh", "linear_before_reset": True,
    "input_size": 3, "hidden_size": 4, "layers": 1, "bidirectional": False,
    "vocabulary_size": 0, "embedding_size": 0, "head": "softmax", "classes": 0,
    "horizon": 0, "targets": 0, "levels": 0, "future_size": 0,
    "decoder_size": 0,
}
CELLS = {
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru"},
    "gru_reset_before": {"cell": "gru", "linear_before_reset": False},
    "rnn_tanh": {"cell": "rnn"},
    "rnn_relu": {"cell": "rnn", "activation": "relu"},
    "rnn_sigmoid": {"cell": "rnn", "activation": "sigmoid"},
}
SOFTMAX = {"head": "softmax", "classes": 3}
SIGMOID = {"head": "sigmoid", "classes": 1}
FORECAST = {"head": "forecast", "horizon": 3, "targets": 2, "levels": 3,
            "future_size": 2, "decoder_size": 5}
PLAIN_FORECAST = {"head": "forecast", "horizon": 4, "targets": 1, "levels": 1,
                  "decoder_size": 6}
TEXT = {"vocabulary_size": 9, "embedding_size": 3}


def draw(rng, shape, reach=0.6):
    """Multiples of 1/1024 in [-reach, reach]."""
    limit = int(reach * 1024)
    count = int(torch.tensor(shape).prod())
    values = [rng.randint(-limit, limit) / 1024 for _ in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


class TorchLayers:
    """Layers that PyTorch has, and the mapping of their weights to ours."""

    # For each of our gates, PyTorch's: ours are i f g o and u r n.
    GATES = {"rnn": [0], "lstm": [0, 1, 2, 3], "gru": [1, 0, 2]}

    def __init__(self, spec, width, rng):
        self.spec = spec
        kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM,
                "gru": torch.nn.GRU}[spec["cell"]]
        more = {"nonlinearity": spec["activation"]} if kind is torch.nn.RNN \
            else {}
        self.module = kind(width, spec["hidden_size"], spec["layers"],
                           bidirectional=spec["bidirectional"], **more)
        self.module = self.module.double()
        for parameter in self.module.parameters():
            parameter.data = draw(rng, list(parameter.shape))

    def weights(self):
        ours = {}
        for layer in range(self.spec["layers"]):
            ours.update(self._direction(layer, "forward", ""))
            if self.spec["bidirectional"]:
                ours.update(self._direction(layer, "backward", "_reverse"))
        return ours

    def _direction(self, layer, direction, suffix):
        size = self.spec["hidden_size"]
        order = self.GATES[self.spec["cell"]]

        def theirs(name):
            value = getattr(self.module, f"{name}_l{layer}{suffix}").data
            return value.reshape(len(order), size, -1)[order]

        input_bias = theirs("bias_ih")[:, :, 0]
        hidden_bias = theirs("bias_hh")[:, :, 0]
        bias = input_bias + hidden_bias
        if self.spec["cell"] == "gru":
            bias = torch.cat([bias[:2], input_bias[2:], hidden_bias[2:]])
        prefix = f"layers.{layer}.{direction}."
        return {prefix + "weight_input": theirs("weight_ih").permute(2, 0, 1),
                prefix + "weight_hidden": theirs("weight_hh").permute(2, 0, 1),
                prefix + "bias": bias}

    def run(self, inputs):
        """Top layer outputs [steps, width] and final state [layers, h, c]."""
        outputs, last = self.module(inputs)
        vectors = last if self.spec["cell"] == "lstm" else (last,)
        return outputs, torch.stack(vectors, dim=1)


class WrittenLayers:
    """Layers that PyTorch lacks, on our weights."""

    def __init__(self, spec, width, rng):
        self.spec = spec
        self.directions = ["forward", "backward"][:1 + spec["bidirectional"]]
        size = spec["hidden_size"]
        gates = 1 if spec["cell"] == "rnn" else 3
        self.ours = {}
        for layer in range(spec["layers"]):
            for direction in self.directions:
                prefix = f"layers.{layer}.{direction}."
                self.ours[prefix + "weight_input"] = draw(
                    rng, [width, gates, size])
                self.ours[prefix + "weight_hidden"] = draw(
                    rng, [size, gates, size])
                self.ours[prefix + "bias"] = draw(rng, [gates, size])
            width = size * len(self.directions)

    def weights(self):
        return self.ours

    def _step(self, prefix, x, h):
        w = self.ours[prefix + "weight_input"]
        v = self.ours[prefix + "weight_hidden"]
        b = self.ours[prefix + "bias"]
        if self.spec["cell"] == "rnn":
            return torch.sigmoid(x @ w[:, 0] + h @ v[:, 0] + b[0])
        u = torch.sigmoid(x @ w[:, 0] + h @ v[:, 0] + b[0])
        r = torch.sigmoid(x @ w[:, 1] + h @ v[:, 1] + b[1])
        n = torch.tanh(x @ w[:, 2] + (r * h) @ v[:, 2] + b[2])
        return u * h + (1 - u) * n

    def run(self, inputs):
        state = []
        for layer in range(self.spec["layers"]):
            sides = []
            for direction in self.directions:
                steps = list(inputs)
                if direction == "backward":
                    steps.reverse()
                h = torch.zeros(self.spec["hidden_size"], dtype=torch.float64)
                side = []
                for x in steps:
                    h = self._step(f"layers.{layer}.{direction}.", x, h)
                    side.append(h)
                state.append(h)
                if direction == "backward":
                    side.reverse()
                sides.append(torch.stack(side))
            inputs = torch.cat(sides, dim=1)
        return inputs, torch.stack(state).unsqueeze(1)


class Head:
    def __init__(self, spec, rng):
        self.spec = spec
        width = spec["hidden_size"] * (2 if spec["bidirectional"] else 1)
        if spec["head"] != "forecast":
            self.linear = torch.nn.Linear(width, spec["classes"]).double()
            for parameter in self.linear.parameters():
                parameter.data = draw(rng, list(parameter.shape), 1.0)
            return
        future, decoder = spec["future_size"], spec["decoder_size"]
        targets, levels = spec["targets"], spec["levels"]
        shapes = {"weight_hidden": [width, decoder],
                  "weight_future": [future, decoder],
                  "step_bias": [spec["horizon"], decoder],
                  "weight_output": [decoder, targets, levels],
                  "bias_output": [targets, levels],
                  "weight_skip": [future, targets]}
        self.decoder = {name: draw(rng, shape, 1.0)
                        for name, shape in shapes.items()}

    def weights(self):
        if self.spec["head"] != "forecast":
            return {"head.weight": self.linear.weight.data.T,
                    "head.bias": self.linear.bias.data}
        return {"decoder." + name: value
                for name, value in self.decoder.items() if value.numel() > 0}

    def run(self, h, future):
        """Outputs before the last nonlinearity, and after it."""
        if self.spec["head"] == "softmax":
            logits = self.linear(h)
            return logits, torch.softmax(logits, dim=0)
        if self.spec["head"] == "sigmoid":
            logits = self.linear(h)
            return logits, torch.sigmoid(logits)
        d = self.decoder
        hidden = torch.relu(h @ d["weight_hidden"] +
                            future @ d["weight_future"] + d["step_bias"])
        outputs = torch.einsum("kd,dtl->ktl", hidden, d["weight_output"])
        skip = future @ d["weight_skip"]
        outputs = outputs + d["bias_output"] + skip.unsqueeze(2)
        return outputs, outputs


class Network:
    def __init__(self, spec, rng):
        self.spec = spec
        width = spec["input_size"]
        self.embedding = None
        if spec["vocabulary_size"]:
            width = spec["embedding_size"]
            self.embedding = torch.nn.Embedding(spec["vocabulary_size"], width)
            self.embedding.weight.data = draw(
                rng, [spec["vocabulary_size"], width], 1.5)
        written = spec["activation"] == "sigmoid" or (
            spec["cell"] == "gru" and not spec["linear_before_reset"])
        self.layers = (WrittenLayers if written else TorchLayers)(
            spec, width, rng)
        self.head = Head(spec, rng)

    def weights(self):
        ours = {**self.layers.weights(), **self.head.weights()}
        if self.embedding is not None:
            ours["embedding.weight"] = self.embedding.weight.data
        return ours

    def sequence(self, steps, rng):
        spec = self.spec
        result = {"steps": steps}
        if self.embedding is not None:
            tokens = [rng.randrange(spec["vocabulary_size"])
                      for _ in range(steps)]
            result["tokens"] = tokens
            inputs = self.embedding(torch.tensor(tokens))
        else:
            inputs = draw(rng, [steps, spec["input_size"]], 2.0)
            result["inputs"] = numbers(inputs)
        future = draw(rng, [max(spec["horizon"], 1), spec["future_size"]], 2.0)
        if future.numel() > 0:
            result["future"] = numbers(future)
        result.update(states=[], sums=[], outputs=[])
        if spec["bidirectional"]:
            top, _ = self.layers.run(inputs)
            size = spec["hidden_size"]
            last = torch.cat([top[-1, :size], top[0, size:]])
            self._answer(self._pool(top, last), future, result)
            return result
        for step in range(steps):
            top, state = self.layers.run(inputs[:step + 1])
            summary = self._pool(top, top[-1])
            pool = numbers(summary) + [step + 1.0] if "pooling" in spec else []
            result["states"].append(numbers(state) + pool)
            self._answer(summary, future, result)
        return result

    def _pool(self, top, last):
        pooling = self.spec.get("pooling")
        if pooling == "mean":
            return top.mean(dim=0)
        return top.max(dim=0).values if pooling == "max" else last

    def _answer(self, h, future, result):
        sums, outputs = self.head.run(h, future)
        result["sums"].append(numbers(sums))
        result["outputs"].append(numbers(outputs))


def numbers(tensor):
    return [float(f"{value:.10g}") for value in tensor.reshape(-1).tolist()]


def cases():
    heads = [SOFTMAX, FORECAST, SIGMOID, PLAIN_FORECAST]
    turn = 0
    for cell, sizes in CELLS.items():
        for layers in (1, 2, 3):
            yield (f"{cell}_{layers}",
                   {**sizes, "layers": layers, **heads[turn % len(heads)]})
            turn += 1
    for i, (cell, sizes) in enumerate(CELLS.items()):
        yield (f"{cell}_bidirectional",
               {**sizes, "layers": 1 + i % 3, "bidirectional": True,
                **heads[i % len(heads)]})
    for cell in ("lstm", "gru", "rnn_tanh"):
        yield f"{cell}_text", {**CELLS[cell], **TEXT, **SOFTMAX}
    yield ("lstm_bidirectional_text",
           {**CELLS["lstm"], **TEXT, **SIGMOID, "bidirectional": True})
    for i, (cell, sizes) in enumerate(CELLS.items()):
        yield (f"{cell}_pooled",
               {**sizes, **(SOFTMAX, SIGMOID)[i % 2], "layers": 1 + i % 3,
                "pooling": ("mean", "max")[i // 2 % 2]})
    for pooling in ("mean", "max"):
        yield (f"lstm_bidirectional_{pooling}",
               {**CELLS["lstm"], **SOFTMAX, "bidirectional": True,
                "pooling": pooling})
    # Odd sizes, wider than a vector register.
    for cell in ("lstm", "gru", "gru_reset_before"):
        yield (f"{cell}_wide", {**CELLS[cell], "input_size": 7,
                                "hidden_size": 19, **SOFTMAX})


def main():
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    for name, changes in cases():
        spec = {**SPEC, **changes}
        rng = random.Random(name)
        network = Network(spec, rng)
        with torch.no_grad():
            weights = {key: {"dims": list(value.shape),
                             "values": numbers(value)}
                       for key, value in sorted(network.weights().items())}
            sequences = [network.sequence(steps, rng) for steps in LENGTHS]
        text = json.dumps({"spec": spec, "weights": weights,
                           "sequences": sequences}, separators=(",", ":"))
        text = text.replace('{"dims"', '\n{"dims"').replace(
            '{"steps"', '\n{"steps"')
        (FOLDER / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
