#!/usr/bin/python3
"""Measures the figures of the bench; run.sh builds what it needs and calls it.

Prints one table on stdout, progress on stderr, and ends with code 1 if
something could not be measured (a missed goal is no failure).
"""

import argparse
import os
import sys
import time
from typing import Callable, NamedTuple, Optional, Tuple

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from scenarios import (disturbance, durable, engine, figures, latency, machine, million,  # noqa: E402
                       peers, report, restart, served, settings)
from scenarios.bench import Bench  # noqa: E402
from scenarios.programs import Failed  # noqa: E402


# Share of the cores that others may take before the table says so.
QUIET = 0.05


class Scenario(NamedTuple):
    keys: Tuple[str, ...]  # the figures it measures
    run: Callable[[Bench], dict]
    peer: Optional[str] = None  # that must be installed


SCENARIOS = (
    Scenario(('parts',), engine.parts),
    Scenario(('two_lanes_efficiency', 'two_lanes_efficiency_lstm64'),
             engine.two_lanes),
    Scenario(('served_over_engine_lstm128', 'engine_share_of_peak_lstm128',
              'engine_steps_per_second_lstm128',
              'served_steps_per_second_lstm128'), served.over_engine(128)),
    Scenario(('served_over_engine_lstm64', 'engine_share_of_peak_lstm64',
              'engine_steps_per_second_lstm64',
              'served_steps_per_second_lstm64', 'server_cpu_us_per_step_lstm64',
              'served_forecasts_per_second_lstm64'), served.over_engine(64)),
    Scenario(('served_bf16_over_f32_lstm128',), served.bf16),
    Scenario(('single_over_echo', 'single_over_echo_by_cpu',
              'single_messages_per_second', 'single_echo_messages_per_second'),
             served.over_echo),
    Scenario(('single_over_python_peer', 'multiplexed_over_python_peer'),
             peers.throughput('python'), 'python'),
    Scenario(('single_over_node_peer', 'multiplexed_over_node_peer'),
             peers.throughput('node'), 'node'),
    Scenario(('p99_over_python_peer',), peers.tail('python'), 'python'),
    Scenario(('p99_over_node_peer',), peers.tail('node'), 'node'),
    Scenario(('multiplexed_lstm128_over_python_peer',
              'single_forecasts_over_python_peer',
              'multiplexed_bf16_over_python_peer'),
             peers.beside('python'), 'python'),
    Scenario(('multiplexed_lstm128_over_node_peer',
              'single_forecasts_over_node_peer',
              'multiplexed_bf16_over_node_peer'), peers.beside('node'), 'node'),
    Scenario(('p99_half_load_over_unloaded_p50',), latency.half_load),
    Scenario(('live_p99_beside_bulk_ratio', 'live_beside_bulk_share'),
             latency.beside_bulk),
    Scenario(('slow_reader_latency_ratio',), latency.slow_reader),
    Scenario(('streams_256_over_1', 'streams_256_over_1_single'),
             served.streams),
    Scenario(('million_sessions_rss_gib', 'random_over_hot',
              'session_bytes_lstm128', 'open_sessions_per_second'),
             million.million),
    Scenario(('rocksdb_over_memory', 'redis_over_memory', 'durable_lag_p99_ms',
              'durable_lag_p99_ms_rocksdb', 'durable_lag_p99_ms_redis'),
             durable.cost),
    Scenario(('restart_million_seconds', 'restart_empty_seconds'),
             restart.million),
)


def parse(arguments):
    known = [key for scenario in SCENARIOS for key in scenario.keys]
    parser = argparse.ArgumentParser(
        prog='run.sh', description='Measures Recur as ratios within one run.',
        epilog='figures: ' + ', '.join(known))
    parser.add_argument('--json', metavar='FILE',
                        help='write the figures, and what they were computed '
                        'from, to FILE')
    parser.add_argument('--only', metavar='KEY[,KEY]', default='',
                        help='measure only these figures, and what comes with '
                        'them')
    parser.add_argument('--quick', action='store_true',
                        help='short runs: a look, not a result')
    parser.add_argument('--without', metavar='PEER[,PEER]', default='',
                        help='peers to leave out: python, node')
    options = parser.parse_args(arguments)
    options.only = [key for key in options.only.split(',') if key]
    options.without = [peer for peer in options.without.split(',') if peer]
    for key in options.only:
        if key not in known:
            parser.error(f'there is no figure "{key}"; there are '
                         + ', '.join(known))
    return options


def chosen_scenarios(options):
    for scenario in SCENARIOS:
        if options.only and not set(options.only) & set(scenario.keys):
            continue
        if scenario.peer in options.without:
            print(f'left out, as there is no {scenario.peer} peer: '
                  + ', '.join(scenario.keys), file=sys.stderr)
            continue
        yield scenario


def measure(bench, scenarios):
    """The figures, and what went wrong by scenario."""
    values, failures = {}, {}
    for scenario in scenarios:
        name = scenario.keys[0]
        began = time.monotonic()
        bench.say(f'{name} ...')
        try:
            measured = scenario.run(bench)
        except (Failed, OSError, KeyError, ZeroDivisionError) as error:
            failures[name] = f'{type(error).__name__}: {error}'
            bench.say(f'  failed: {failures[name]}')
            continue
        values.update(measured)
        for key, value in measured.items():
            goal = figures.ALL[key].goal
            bench.say(f'  {key} = {report.number(value)}'
                      + (f' (goal {goal})' if goal else ''))
        bench.say(f'  in {time.monotonic() - began:.0f} s')
    return values, failures


def main():
    options = parse(sys.argv[1:])
    if (os.cpu_count() or 1) < 2:
        sys.exit('the bench needs two cores: one for the server, one for the '
                 'load')
    bench = Bench(settings.QUICK if options.quick else settings.FULL)
    where, what = machine.machine(), machine.versions()
    began = time.monotonic()
    values, failures = measure(bench, chosen_scenarios(options))
    seconds = round(time.monotonic() - began)
    print(report.table(values, where, what))
    print(f'\nmeasured in {seconds} s; logs in build/bench-logs')
    others = disturbance.summary()
    if others and (others['median'] > QUIET or others['worst'] > 4 * QUIET):
        print(f'not a quiet machine: other programs took {others["median"]:.0%} '
              f'of the two cores, {others["worst"]:.0%} in the worst run')
    if options.json:
        report.write_json(options.json, values, where, what,
                          quick=options.quick, seconds=seconds,
                          failures=failures, others_busy=others,
                          details=bench.details)
    for name, why in failures.items():
        print(f'{name} could not be measured: {why}', file=sys.stderr)
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
