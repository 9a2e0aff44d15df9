#!/usr/bin/env python3
"""Whether explanations can be believed, on three real models.

  explain.py RECUR_TRAIN

Trains a forecaster (Seattle's weather), a classifier of sequences (a week of
it) and one of texts (a maintenance log), all from deploy/examples, and asks
`recur-train explain --check` about many answers of each: how far the answer
moves without the tenth of the values that is ranked highest, and without as
many at random. Prints a table and fails unless the first is larger for all.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile

EXAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        '../../deploy/examples')
WEATHER = os.path.join(EXAMPLES, 'seattle_weather.csv')
LOG = os.path.join(EXAMPLES, 'maintenance_log.csv')
SENSORS = 'precipitation,temp_max,temp_min,wind'
DAYS = 7
ANSWERS = 30


def write_weeks(path):
    """Every day with the six before it, labelled with that day's weather."""
    with open(WEATHER, encoding='utf-8') as file:
        heading, *rows = csv.reader(file)
    with open(path, 'w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file)
        writer.writerow(['id', *heading[:5], 'label'])
        for last in range(DAYS - 1, len(rows)):
            for row in rows[last - DAYS + 1:last + 1]:
                writer.writerow([last, *row[:5], rows[last][5]])


def row_count(path):
    with open(path, encoding='utf-8') as file:
        return sum(1 for _ in csv.reader(file)) - 1


def explain(tool, model, arguments, rows):
    """The mean move without the highest ranked values, and at random."""
    ranked = random = 0.0
    for row in rows:
        out = subprocess.run(
            [tool, 'explain', '--model', model, *arguments, '--row', str(row),
             '--check', '--json'], check=True, capture_output=True).stdout
        check = json.loads(out)['check']
        ranked += check['moved_without_highest'] / len(rows)
        random += check['moved_without_random'] / len(rows)
    return ranked, random


def main():
    tool = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        weeks = os.path.join(folder, 'weeks.csv')
        write_weeks(weeks)
        models = {
            'temp_max, degrees': (WEATHER, 1, [
                'forecast', '--time', 'date', '--target', 'temp_max',
                '--features', 'precipitation,temp_min,wind', '--horizon', '7',
                '--test-rows', '364'], ['--time', 'date', '--steps', '60']),
            'kind of weather, log odds': (weeks, DAYS, [
                'classify', '--sequence-id', 'id', '--time', 'date',
                '--features', SENSORS, '--label', 'label', '--test-rows',
                '364'], ['--time', 'date', '--sequence-id', 'id']),
            'kind of fault, log odds': (LOG, 1, [
                'classify', '--text', 'text', '--label', 'label'],
                                        ['--text', 'text']),
        }
        believed = True
        print('%-28s %12s %12s %8s' % ('answer, unit', 'highest', 'random',
                                       'ratio'))
        for name, (data, stride, train, ask) in models.items():
            out = os.path.join(folder, 'models', str(stride) + train[0])
            subprocess.run([tool, train[0], '--data', data, *train[1:],
                            '--out', out, '--quiet'], check=True,
                           stdout=subprocess.DEVNULL)
            last = row_count(data)
            rows = [last - i * stride for i in range(ANSWERS)]
            ranked, random = explain(tool, out, ['--data', data, *ask], rows)
            believed = believed and ranked > random
            print('%-28s %12.4f %12.4f %8.1f' % (name, ranked, random,
                                                 ranked / random))
    sys.exit(0 if believed else 1)


if __name__ == '__main__':
    main()
