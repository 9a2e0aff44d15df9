#!/usr/bin/python3
"""One table, and one JSON, of what the parts of `run.sh --long` have found.
Exit code 1 if a promise is not kept or a figure is missing."""

import argparse
import json
import os
import sys


def at_least(goal):
    return f'>= {goal:g}', lambda value: value >= goal


def at_most(goal):
    return f'<= {goal:g}', lambda value: value <= goal


NONE = '0', lambda value: value == 0
ANY = '', lambda value: True

# In the order of the table: key, goal, what it is.
FIGURES = (
    ('kill_cycles_rocksdb', at_least(200), 'kill -9 of a server on RocksDB'),
    ('kill_cycles_redis', at_least(100), 'kill -9 of a server on Redis'),
    ('kill_cycles_redis_server', at_least(50), 'kill -9 of Redis'),
    ('failovers', at_least(50), 'from one server to another on one Redis'),
    ('zombie_runs', at_least(1),
     'of these with a server that wakes up when it has lost its sessions'),
    ('fenced_commits', at_least(1), 'commits of such servers that were refused'),
    ('observations', ANY, 'sent, each answer compared'),
    ('lost', NONE, 'not applied, not durable or not answered'),
    ('doubled', NONE, 'applied twice'),
    ('wrong_answers', NONE, 'other than in an undisturbed run'),
    ('sim_seeds', at_least(10_000), 'simulated runs'),
    ('sim_violations', NONE, 'of a promise in them'),
    ('seeded_bugs', at_least(10), 'bugs that were planted'),
    ('seeded_bugs_caught', at_least(10), 'of them found'),
    ('rocksdb_over_memory', at_least(0.85),
     'served steps/s with sessions in RocksDB over those in memory'),
    ('redis_over_memory', at_least(0.70), 'the same with Redis'),
    ('durable_lag_p99_ms', at_most(200),
     'from sending an observation to hearing that it is durable'),
    ('restart_million_seconds', at_most(2),
     'from start to ready with 1,000,000 stored sessions'),
)
KEYS = tuple(key for key, _, _ in FIGURES)
FAULTS = 'faults_by_kind'
FAULT_GOAL = at_least(100)


def read(directory):
    """The figures first, in order, then what else the parts say; of the bench
    only figures, as it says a lot."""
    found = {}
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), encoding='utf-8') as file:
            try:
                part = json.load(file)
            except ValueError:
                print(f'{name} is no JSON', file=sys.stderr)
                continue
        found.update({key: value for key, value in part.items()
                      if key in KEYS or name != 'cost.json'})
    ordered = {key: found[key] for key in KEYS + (FAULTS,) if key in found}
    return {**ordered, **found}


def row(key, value, goal, meaning):
    """Prints it; whether the goal is met."""
    text, met = goal
    if value is None:
        shown, verdict = '-', 'MISSING'
    else:
        shown = f'{value:,.3f}' if isinstance(value, float) else f'{value:,}'
        verdict = '' if not text else 'ok' if met(value) else 'MISS'
    print(f'{key:26} {shown:>12} {text:>9} {verdict:7} {meaning}')
    return verdict in ('ok', '')


def report(found):
    """Prints the table; whether all is as promised."""
    print(f'{"figure":26} {"value":>12} {"goal":>9}')
    good = [row(key, found.get(key), goal, meaning)
            for key, goal, meaning in FIGURES]
    faults = found.get(FAULTS)
    if not faults:
        good.append(row(FAULTS, None, FAULT_GOAL, 'in the simulated runs'))
        return all(good)
    print('faults in the simulated runs:')
    good += [row('  ' + kind, count, FAULT_GOAL, '')
             for kind, count in faults.items()]
    return all(good)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('directory', help='the JSON files of the parts')
    parser.add_argument('--json', metavar='FILE', help='write the figures')
    options = parser.parse_args()
    found = read(options.directory)
    good = report(found)
    if options.json:
        with open(options.json, 'w', encoding='utf-8') as file:
            json.dump(found, file, indent=2)
            file.write('\n')
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
