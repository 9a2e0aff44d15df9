#!/usr/bin/env python3
"""Shows what --init-from saves: names in 18 languages, learnt from random
weights and from a model of every second language. The test part, the last
fifth of the shuffled file, is seen by neither.

    transfer.py --train RECUR_TRAIN --names DIRECTORY [--json FILE]

DIRECTORY holds a file of names per language. Some 3 minutes on one core.
"""

import argparse
import csv
import json
import pathlib
import random
import subprocess
import sys
import tempfile

EPOCHS = (1, 2, 3, 4, 6, 8, 11, 15)
HALF_EPOCHS = 8
OPTIONS = ('--text', 'name', '--label', 'language', '--unit', 'character',
           '--hidden', '64', '--validation', '0', '--quiet', '--json')


def read_names(directory):
    rows = [(name.strip(), path.stem)
            for path in sorted(pathlib.Path(directory).glob('*.txt'))
            for name in path.read_text(encoding='utf-8').splitlines()
            if name.strip()]
    random.Random(1).shuffle(rows)
    return rows


def write(path, rows):
    with open(path, 'w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file)
        writer.writerow(('name', 'language'))
        writer.writerows(rows)


def train(chosen, data, epochs, test_rows, *more):
    """The accuracy on the test part, None without one."""
    command = [chosen.train, 'classify', '--data', data, *OPTIONS, '--epochs',
               epochs, '--test-rows', test_rows, *more]
    if test_rows == 0:
        command += ['--test', '0']
    done = subprocess.run(list(map(str, command)), check=True,
                          stdout=subprocess.PIPE, text=True)
    tested = json.loads(done.stdout)['test']
    return tested[0]['accuracy'] if tested else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--train', required=True)
    parser.add_argument('--names', required=True)
    parser.add_argument('--json')
    chosen = parser.parse_args()
    rows = read_names(chosen.names)
    test_rows = len(rows) // 5
    half = set(sorted({language for _, language in rows})[::2])
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        write(directory / 'names.csv', rows)
        write(directory / 'half.csv',
              [row for row in rows[:-test_rows] if row[1] in half])
        train(chosen, directory / 'half.csv', HALF_EPOCHS, 0, '--out',
              directory / 'models' / 'half')
        start = ('--init-from', directory / 'models' / 'half' / '1')
        cold, warm = [], []
        print('| epochs | from random weights | from half of the languages |')
        print('|---|---|---|')
        for epochs in EPOCHS:
            data = directory / 'names.csv'
            cold.append(train(chosen, data, epochs, test_rows))
            warm.append(train(chosen, data, epochs, test_rows, *start))
            print(f'| {epochs} | {cold[-1]:.3f} | {warm[-1]:.3f} |',
                  flush=True)
    best = max(cold)
    cold_epochs = EPOCHS[cold.index(best)]
    warm_epochs = next((epochs for epochs, accuracy in zip(EPOCHS, warm)
                        if accuracy >= best), None)
    print(f'the best of the first, {best:.3f}, is reached after {cold_epochs} '
          f'and {warm_epochs} epochs')
    if chosen.json:
        pathlib.Path(chosen.json).write_text(json.dumps({
            'transfer_cold_epochs': cold_epochs,
            'transfer_epochs': warm_epochs,
            'epochs': EPOCHS, 'cold': cold, 'warm': warm}, indent=1) + '\n')
    sys.exit(0 if warm_epochs and warm_epochs < cold_epochs else 1)


if __name__ == '__main__':
    main()
