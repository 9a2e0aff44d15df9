#!/usr/bin/env python3
"""Shows what --init-from saves: names in 18 languages, learnt from random
weights and from a model of every second language. A name counts once in a
language; those whose crc32 is a multiple of 5 are the test, which neither sees.

    transfer.py --train RECUR_TRAIN --names DIRECTORY [--seeds N] [--json FILE]

DIRECTORY holds a file of names per language. Accuracies are means over the
seeds. Some 3 minutes per seed on one core.
"""

import argparse
import csv
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import zlib

EPOCHS = (1, 2, 3, 4, 6, 8, 11, 15)
HALF_EPOCHS = 8
OPTIONS = ('--text', 'name', '--label', 'language', '--unit', 'character',
           '--hidden', '64', '--members', '1', '--validation', '0', '--quiet',
           '--json')


def read_names(directory):
    """The rows to learn from and those of the test."""
    parts = ([], [])
    for path in sorted(pathlib.Path(directory).glob('*.txt')):
        lines = path.read_text(encoding='utf-8').splitlines()
        for name in dict.fromkeys(line.strip() for line in lines):
            if name:
                test = zlib.crc32(name.lower().encode()) % 5 == 0
                parts[test].append((name, path.stem))
    return parts


def write(path, rows):
    with open(path, 'w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file)
        writer.writerow(('name', 'language'))
        writer.writerows(rows)


def train(chosen, data, epochs, seed, *more):
    """The accuracy on the test part, None without one."""
    command = [chosen.train, 'classify', '--data', data, *OPTIONS, '--epochs',
               epochs, '--seed', seed, *more]
    done = subprocess.run(list(map(str, command)), check=True,
                          stdout=subprocess.PIPE, text=True)
    tested = json.loads(done.stdout)['test']
    return tested[0]['accuracy'] if tested else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--train', required=True)
    parser.add_argument('--names', required=True)
    parser.add_argument('--seeds', type=int, default=3)
    parser.add_argument('--json')
    chosen = parser.parse_args()
    rows, test = read_names(chosen.names)
    half = set(sorted({language for _, language in rows})[::2])
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        data = directory / 'names.csv'
        write(data, rows)
        write(directory / 'test.csv', test)
        write(directory / 'half.csv', [row for row in rows if row[1] in half])
        tested = ('--test-data', directory / 'test.csv')
        starts = []
        for seed in range(chosen.seeds):
            model = directory / 'models' / f'half{seed}'
            train(chosen, directory / 'half.csv', HALF_EPOCHS, seed, '--test',
                  0, '--out', model)
            starts.append(('--init-from', model / '1'))
        cold, warm = [], []
        print('| epochs | from random weights | from half of the languages |')
        print('|---|---|---|')
        for epochs in EPOCHS:
            cold.append(statistics.mean(
                train(chosen, data, epochs, seed, *tested)
                for seed in range(chosen.seeds)))
            warm.append(statistics.mean(
                train(chosen, data, epochs, seed, *tested, *starts[seed])
                for seed in range(chosen.seeds)))
            print(f'| {epochs} | {cold[-1]:.4f} | {warm[-1]:.4f} |',
                  flush=True)
    best = max(cold)
    cold_epochs = EPOCHS[cold.index(best)]
    warm_epochs = next((epochs for epochs, accuracy in zip(EPOCHS, warm)
                        if accuracy >= best), None)
    print(f'the best of the first, {best:.4f}, is reached after {cold_epochs} '
          f'and {warm_epochs} epochs')
    if chosen.json:
        pathlib.Path(chosen.json).write_text(json.dumps({
            'transfer_cold_epochs': cold_epochs,
            'transfer_epochs': warm_epochs,
            'epochs': EPOCHS, 'cold': cold, 'warm': warm}, indent=1) + '\n')
    sys.exit(0 if warm_epochs and warm_epochs < cold_epochs else 1)


if __name__ == '__main__':
    main()
