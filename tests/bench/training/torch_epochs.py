#!/usr/bin/env python3
"""One epoch of training in PyTorch for every line on stdin; answers each with
its seconds and its last loss. recur_bench_training does the same.

    torch_epochs.py --data FILE --hidden N --batch N --threads N
"""

import argparse
import sys
import time

import numpy
import torch

INPUTS, STEPS, CLASSES = 8, 100, 4


class Classifier(torch.nn.Module):

    def __init__(self, hidden):
        super().__init__()
        self.cells = torch.nn.LSTM(INPUTS, hidden)
        self.head = torch.nn.Linear(hidden, CLASSES)

    def forward(self, batch):
        outputs, _ = self.cells(batch)
        return self.head(outputs[-1])


def epoch(model, optimizer, sequences, labels, batch):
    loss = None
    for first in range(0, len(sequences), batch):
        inputs = sequences[first:first + batch].transpose(0, 1).contiguous()
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(
            model(inputs), labels[first:first + batch])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return loss.item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--data', required=True)
    for name, default in ('hidden', 64), ('batch', 32), ('threads', 1):
        parser.add_argument(f'--{name}', type=int, default=default)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(1)
    sequences = torch.from_numpy(
        numpy.fromfile(chosen.data, dtype=numpy.float32).reshape(
            -1, STEPS, INPUTS))
    labels = torch.arange(len(sequences)) % CLASSES
    model = Classifier(chosen.hidden)
    # foreach: all tensors in one call, the faster of PyTorch's two loops.
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3,
                                  betas=(0.9, 0.99), weight_decay=1e-4,
                                  foreach=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        loss = epoch(model, optimizer, sequences, labels, chosen.batch)
        took = time.perf_counter() - start
        print(f'{took:.6f} {loss:.6f}', flush=True)


if __name__ == '__main__':
    main()
