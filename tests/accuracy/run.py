"""Trains, judges and prints the table; see run.sh and README.md."""
import argparse
import csv
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent import futures

sys.dont_write_bytecode = True

import judge  # noqa: E402
import served  # noqa: E402
import sets  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]


def arguments():
    parser = argparse.ArgumentParser(prog='tests/accuracy/run.sh')
    parser.add_argument('sets', nargs='*', metavar='SET',
                        help='of ' + ', '.join(s.name for s in sets.SETS))
    parser.add_argument('--json', type=pathlib.Path, metavar='FILE',
                        help='writes the figures as numbers')
    parser.add_argument('--seeds', type=int, default=3, metavar='N',
                        help='seeds 0 to N - 1; the median counts')
    parser.add_argument('--data', type=pathlib.Path, metavar='DIR',
                        default=ROOT.parent / 'shared/data')
    parser.add_argument('--search', type=float, metavar='MINUTES',
                        help='give recur-train --search so many of them')
    parser.add_argument('--served', action='store_true',
                        help='compare the answers of a server with the '
                        "trainer's")
    parser.add_argument('--bin', type=pathlib.Path,
                        default=ROOT / 'build/release',
                        help=argparse.SUPPRESS)
    return parser.parse_args()


def run(command):
    result = subprocess.run(command, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True,
                            env={**os.environ, 'OMP_NUM_THREADS': '1'})
    if result.returncode != 0:
        raise RuntimeError(f'{" ".join(map(str, command))}\n{result.stderr}')


def train(options, task, seed, folder):
    """Returns the figures of one seed, and the seconds of its training."""
    search = ['--search', str(options.search)] if options.search else []
    model = folder / 'models' / f'seed{seed}'
    began = time.monotonic()
    predictions = folder / f'predictions{seed}.csv'
    run([options.bin / 'recur-train', *task.train, '--quiet', '--seed',
         str(seed), '--out', model, '--predictions', predictions, *search])
    seconds = time.monotonic() - began
    with open(predictions, encoding='utf-8', newline='') as file:
        rows = list(csv.DictReader(file))
    found = task.figures(rows)
    if task.train[0] == 'forecast':
        found['coverage_80'] = judge.coverage_80(rows)
    return found, seconds


def measure(options, data_set, folder):
    folder = folder / data_set.name
    folder.mkdir()
    task = data_set.prepare(options.data, folder)
    runs = [train(options, task, seed, folder)
            for seed in range(options.seeds)]
    result = {
        'figures': {name: statistics.median(found[name] for found, _ in runs)
                    for name in runs[0][0]},
        'by_seed': [found for found, _ in runs],
        'seconds': [round(seconds, 1) for _, seconds in runs],
        'command': 'recur-train ' + ' '.join(
            a.replace(f'{folder}/', '').replace(f'{options.data}/', '')
            .replace(f'{ROOT}/', '') for a in task.train),
    }
    if options.served:
        result['served_difference'] = served.largest_difference(
            ROOT, options.bin, task, folder)
    return result


def verdict(value, goal):
    better = (lambda a, b: a >= b) if goal.goal > goal.least else (
        lambda a, b: a <= b)
    if better(value, goal.goal):
        return 'goal'
    return 'reached' if better(value, goal.least) else '**missed**'


def print_table(results):
    print('| figure | median | of seeds | at least / goal | | floors |'
          ' 80 % band covers | seconds |')
    print('|---|---|---|---|---|---|---|---|')
    for data_set in sets.SETS:
        result = results.get(data_set.name)
        for key, goal in data_set.goals.items() if result else ():
            value = result['figures'][key]
            seeds = ', '.join(f'{r[key]:.4g}' for r in result['by_seed'])
            covers = result['figures'].get('coverage_80')
            covers = '' if covers is None else f'{covers:.2f}'
            print(f'| `{key}` | {value:.4g} | {seeds} | {goal.least:g} / '
                  f'{goal.goal:g} | {verdict(value, goal)} | {goal.floors} | '
                  f'{covers} | {max(result["seconds"]):.0f} |')
    for name, result in results.items():
        if 'served_difference' in result:
            print(f'{name}: served and trained differ by at most '
                  f'{result["served_difference"]:.1e} in scaled units')


def as_numbers(results):
    numbers = {'coverage_80': {}, 'served_difference': {}, 'sets': results}
    for name, result in results.items():
        for key, value in result['figures'].items():
            if key == 'coverage_80':
                numbers['coverage_80'][name] = value
            else:
                numbers[key] = value
        if 'served_difference' in result:
            numbers['served_difference'][name] = result['served_difference']
    return numbers


def main():
    options = arguments()
    known = {s.name: s for s in sets.SETS}
    if unknown := [name for name in options.sets if name not in known]:
        sys.exit(f'no such set: {unknown[0]}; there are {", ".join(known)}')
    chosen = [known[name] for name in options.sets or known]
    if not options.data.is_dir() and not all(s.bundled for s in chosen):
        sys.exit(f'no data sets in {options.data}; see '
                 'tests/accuracy/README.md')
    results = {}
    failed = False
    with tempfile.TemporaryDirectory() as folder, \
            futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {s.name: pool.submit(measure, options, s, pathlib.Path(folder))
                for s in chosen}
        for name, job in jobs.items():
            try:
                results[name] = job.result()
                print(f'{name}: {results[name]["figures"]}', file=sys.stderr)
            except Exception as error:  # the other sets still count
                failed = True
                print(f'{name}: {error}', file=sys.stderr)
    print_table(results)
    if options.json:
        options.json.write_text(json.dumps(as_numbers(results), indent=1))
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
