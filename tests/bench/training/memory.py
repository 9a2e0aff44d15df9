#!/usr/bin/env python3
"""How much memory a training takes: a forecaster of 50,000 dated hours with
two more columns, all defaults.

    memory.py --train RECUR_TRAIN [--rows N] [--horizon H] [--json FILE]

Fails above 500 MiB. Two minutes on two cores.
"""

import argparse
import datetime
import json
import math
import os
import pathlib
import random
import sys
import tempfile

LIMIT_MIB = 500


def write_hours(path, count):
    """A day, a week and a year, a level that wanders, and two inputs."""
    draw = random.Random(1)
    time = datetime.datetime(2018, 1, 1)
    level = 50.0
    with open(path, 'w', encoding='utf-8') as file:
        file.write('time,y,a,b\n')
        for hour in range(count):
            level += draw.gauss(0, 0.1)
            a, b = draw.gauss(0, 1), draw.gauss(0, 1)
            y = (level + 10 * math.sin(hour * math.tau / 24)
                 + 3 * math.sin(hour * math.tau / 168)
                 + 5 * math.sin(hour * math.tau / 8766) + a + draw.gauss(0, 1))
            file.write(f'{time.isoformat()},{y:.3f},{a:.3f},{b:.3f}\n')
            time += datetime.timedelta(hours=1)


def peak_mib(command, log):
    process = os.posix_spawn(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT, 0o644)])
    _, status, usage = os.wait4(process, 0)
    if status != 0:
        sys.exit(f'{command[0]} ended with {status}')
    return usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--train', required=True)
    parser.add_argument('--rows', type=int, default=50000)
    parser.add_argument('--horizon', type=int, default=24)
    parser.add_argument('--json')
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        data = os.path.join(directory, 'hours.csv')
        write_hours(data, chosen.rows)
        peak = peak_mib(
            [chosen.train, 'forecast', '--data', data, '--time', 'time',
             '--target', 'y', '--features', 'a,b', '--horizon',
             str(chosen.horizon), '--quiet'],
            os.path.join(directory, 'log'))
    print(f'{chosen.rows} rows, {chosen.horizon} steps ahead: '
          f'{peak:.0f} MiB at most (limit {LIMIT_MIB})')
    if chosen.json:
        pathlib.Path(chosen.json).write_text(
            json.dumps({'training_peak_mib': peak}) + '\n')
    sys.exit(0 if peak <= LIMIT_MIB else 1)


if __name__ == '__main__':
    main()
