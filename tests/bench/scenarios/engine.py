"""The engine without a server."""

import json
import os

from scenarios import settings
from scenarios.programs import run_json

CORES = f'{settings.SERVER_CORE},{settings.LOAD_CORE}'


def alone(chosen, hidden, precision='f32'):
    """Batches of 64 on the server's core while the load's does the same."""
    return _engine_tool('alone', chosen.engine_repetitions,
                        chosen.engine_window_ms, hidden, precision)


def two_lanes(bench):
    results = {}
    for hidden, key in ((128, 'two_lanes_efficiency'),
                        (64, 'two_lanes_efficiency_lstm64')):
        measured = _engine_tool('two-lanes', bench.chosen.lane_repetitions,
                                bench.chosen.engine_window_ms, hidden)
        results[key] = measured['efficiency']
        bench.detail(key, measured)
    return results


def parts(bench):
    """Everything in recur_bench_parts, as it is: no figure, all detail."""
    out = run_json('recur_bench_parts', [
        os.path.join(settings.BENCH_PROGRAMS, 'recur_bench_parts'),
        '--benchmark_format=json',
        f'--benchmark_min_time={bench.chosen.part_seconds}',
    ], core=settings.SERVER_CORE, seconds=300)
    measured = {}
    for row in json.loads(out)['benchmarks']:
        name = row['name'].removesuffix('/real_time')
        measured[name] = {key: row[key] for key in
                          ('real_time', 'time_unit', 'items_per_second',
                           'steps/s', 'share_of_peak', 'bytes') if key in row}
    bench.detail('parts', measured)
    return {}


def _engine_tool(what, repetitions, window_ms, hidden, precision='f32'):
    command = [os.path.join(settings.BENCH_PROGRAMS, 'recur_bench_engine'),
               what, '--cell', 'lstm', '--hidden', str(hidden),
               '--cpus', CORES, '--repetitions', str(repetitions),
               '--window-ms', str(window_ms)]
    if precision != 'f32':
        command += ['--precision', precision]
    return json.loads(run_json('recur_bench_engine', command))
