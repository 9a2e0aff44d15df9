"""How long an answer takes: under load, beside bulk work, beside a reader that
does not read."""

from scenarios import engine
from scenarios.load import MULTIPLEXED, SINGLE, run
from scenarios.programs import recur_server
from scenarios.ratios import median, of_medians

# Messages per second at which nothing waits for anything.
UNLOADED_MESSAGES = {SINGLE: 200, MULTIPLEXED: 40}

BULK_MODEL = 'classifier128'
BULK_STEPS = 1000
BULK_IN_FLIGHT = 16  # sequences

SLOW_REPLIES_PER_SECOND = 1


def p99(result):
    return result['latency_us']['p99']


def maximum_rate(bench, server, shape, model):
    runs = [run(server, bench.load(shape, model))['steps_per_second']
            for _ in range(2)]
    return median(runs)


def half_load(bench):
    worst = 0.0
    with recur_server() as server:
        for shape in (SINGLE, MULTIPLEXED):
            maximum = maximum_rate(bench, server, shape, 'lstm64')
            busy = bench.tail_load(shape, 'lstm64', rate=maximum / 2)
            calm = bench.tail_load(shape, 'lstm64',
                                   rate=UNLOADED_MESSAGES[shape] * shape.items)
            loaded, unloaded = [], []
            for _ in range(bench.chosen.tail_rounds):
                unloaded.append(run(server, calm))
                loaded.append(run(server, busy))
            bench.detail(f'p99 at half load, {shape.name}',
                         {'half': loaded, 'unloaded': unloaded})
            worst = max(worst, of_medians(
                [p99(one) for one in loaded],
                [one['latency_us']['p50'] for one in unloaded]))
    return {'p99_half_load_over_unloaded_p50': worst}


def beside_bulk(bench):
    """Live steps at half of their maximum rate; the bulk takes what is left.
    The live sessions' model is that of the bulk, or another one: the worse."""
    worst, share = 0.0, None
    alone = engine.alone(bench.chosen, 128)['steps_per_second']
    bulk = ('--bulk', BULK_MODEL, '--bulk-steps', BULK_STEPS,
            '--bulk-in-flight', BULK_IN_FLIGHT)
    with recur_server() as server:
        for model in ('lstm128', BULK_MODEL):
            rate = maximum_rate(bench, server, SINGLE, model) / 2
            quiet = bench.tail_load(SINGLE, model, rate=rate)
            shared = bench.tail_load(SINGLE, model, rate=rate, more=bulk)
            without, beside = [], []
            for _ in range(bench.chosen.tail_rounds):
                without.append(run(server, quiet))
                beside.append(run(server, shared))
            bench.detail(f'live {model} beside bulk',
                         {'without': without, 'beside': beside})
            worst = max(worst, of_medians([p99(one) for one in beside],
                                          [p99(one) for one in without]))
            part = median(one['bulk_steps_per_second']
                          for one in beside) / alone
            share = part if share is None else min(share, part)
    return {'live_p99_beside_bulk_ratio': worst,
            'live_beside_bulk_share': share}


def slow_reader(bench):
    with recur_server() as server:
        rate = maximum_rate(bench, server, SINGLE, 'lstm64') / 2
        quiet = bench.tail_load(SINGLE, 'lstm64', rate=rate)
        shared = bench.tail_load(
            SINGLE, 'lstm64', rate=rate,
            more=('--slow-reader', SLOW_REPLIES_PER_SECOND))
        without, beside = [], []
        for _ in range(bench.chosen.tail_rounds):
            without.append(run(server, quiet))
            beside.append(run(server, shared))
        bench.detail('slow reader', {'without': without, 'beside': beside})
    return {'slow_reader_latency_ratio':
            of_medians([p99(one) for one in beside],
                       [p99(one) for one in without])}
