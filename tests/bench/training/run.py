#!/usr/bin/env python3
"""What run.sh runs: epochs of ours and of PyTorch's in turn, on the same cores
and the same file, and ours on one core and two."""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import numpy

SEQUENCES, STEPS, INPUTS = 1024, 100, 8
HIDDEN = (32, 64, 128)
GOALS = {'epoch_over_pytorch_32': 0.5, 'epoch_over_pytorch_64': 0.5,
         'epoch_over_pytorch_128': 0.6}
TWO_CORES_GOAL = 1.7
CORES = (0, 1)


class Trainer:
    """A program that runs an epoch for every line that it is sent."""

    def __init__(self, command, cores):
        self._process = subprocess.Popen(
            ['taskset', '-c', ','.join(map(str, cores)), *map(str, command)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, 'OMP_NUM_THREADS': str(len(cores))})
        self.epoch()  # the first one makes primitives and buffers

    def epoch(self):
        """Seconds."""
        self._process.stdin.write('\n')
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f'{self._process.args} ended')
        return float(answer.split()[0])

    def peak_mib(self):
        status = pathlib.Path(f'/proc/{self._process.pid}/status').read_text()
        peak = [line for line in status.splitlines() if 'VmHWM' in line]
        return int(peak[0].split()[1]) / 1024

    def close(self):
        self._process.stdin.close()
        self._process.wait()


def measure(name, first, second, pairs):
    """The ratio of the first's epochs to the second's, A B A B."""
    times = [(first.epoch(), second.epoch()) for _ in range(pairs)]
    figure = {
        'ratio': statistics.median(a / b for a, b in times),
        'seconds': [statistics.median(side) for side in zip(*times)],
        'pairs': times,
        'peak_mib': [first.peak_mib(), second.peak_mib()],
    }
    first.close()
    second.close()
    print(f'{name}: {figure["ratio"]:.3f}', file=sys.stderr, flush=True)
    return figure


def ours(chosen, data, hidden, cores):
    return Trainer([chosen.tool, '--data', data, '--hidden', hidden,
                    '--threads', len(cores)], cores)


def torch(data, hidden, cores):
    script = pathlib.Path(__file__).with_name('torch_epochs.py')
    return Trainer(['/usr/bin/python3', script, '--data', data, '--hidden',
                    hidden, '--threads', len(cores)], cores)


def measure_all(chosen, data):
    one = CORES[:1]
    details = {}
    for hidden in HIDDEN:
        name = f'epoch_over_pytorch_{hidden}'
        details[name] = measure(name, ours(chosen, data, hidden, one),
                                torch(data, hidden, one), chosen.pairs)
        if len(os.sched_getaffinity(0)) < 2:
            continue
        name += '_two_threads'
        details[name] = measure(name, ours(chosen, data, hidden, CORES),
                                torch(data, hidden, CORES), chosen.pairs)
        name = f'two_cores_over_one_{hidden}'
        details[name] = measure(name, ours(chosen, data, hidden, one),
                                ours(chosen, data, hidden, CORES),
                                chosen.pairs)
    return details


def show(details):
    print('| figure | value | goal | | seconds | peak MiB |')
    print('|---|---|---|---|---|---|')
    for name, figure in details.items():
        goal, word = '', ''
        if name.startswith('two_cores'):
            met = figure['ratio'] >= TWO_CORES_GOAL
            goal = f'>= {TWO_CORES_GOAL}'
            word = 'met' if met else '**missed**'
        elif name in GOALS:
            goal = f'<= {GOALS[name]}'
            word = 'met' if figure['ratio'] <= GOALS[name] else '**missed**'
        seconds = ' / '.join(f'{s:.3f}' for s in figure['seconds'])
        peaks = ' / '.join(f'{mib:.0f}' for mib in figure['peak_mib'])
        print(f'| `{name}` | {figure["ratio"]:.2f} | {goal} | {word} '
              f'| {seconds} | {peaks} |')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--tool', required=True)
    parser.add_argument('--json')
    parser.add_argument('--pairs', type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        data = pathlib.Path(directory) / 'sequences.f32'
        numpy.random.default_rng(1).standard_normal(
            (SEQUENCES, STEPS, INPUTS), dtype=numpy.float32).tofile(data)
        details = measure_all(chosen, data)
    show(details)
    if chosen.json:
        figures = {name: detail['ratio'] for name, detail in details.items()}
        ratios = [figures[f'two_cores_over_one_{h}'] for h in HIDDEN
                  if f'two_cores_over_one_{h}' in figures]
        if ratios:  # of the size that gains least
            figures['two_cores_over_one'] = min(ratios)
        pathlib.Path(chosen.json).write_text(
            json.dumps({**figures, 'details': details}, indent=1) + '\n')


if __name__ == '__main__':
    main()
