"""Throughput of the server: over the engine alone, over servers that do
nothing, and over the number of streams."""

from scenarios import engine
from scenarios.load import MULTIPLEXED, SINGLE, Shape, run
from scenarios.programs import echo_server, recur_server
from scenarios.ratios import median, paired


def over_engine(hidden):
    """A scenario: served steps/s over the engine's, in turn."""

    def scenario(bench):
        model = f'lstm{hidden}'
        load = bench.load(MULTIPLEXED, model)
        served, alone, costs = [], [], []
        with recur_server() as server:
            run(server, load)  # opens, warms up
            for _ in range(bench.chosen.rounds):
                alone.append(engine.alone(bench.chosen, hidden))
                served.append(run(server, load))
                costs.append(served[-1]['server_cpu_us_per_step'])
            results = _beside(bench, server, model) if hidden == 64 else {}
        bench.detail(f'served_over_engine_{model}',
                     {'served': served, 'alone': alone})
        steps = [one['steps_per_second'] for one in served]
        rates = [one['steps_per_second'] for one in alone]
        results.update({
            f'served_over_engine_{model}': paired(steps, rates),
            f'engine_share_of_peak_{model}':
                median(one['share_of_fma_peak'] for one in alone),
            f'engine_steps_per_second_{model}': median(rates),
            f'served_steps_per_second_{model}': median(steps),
        })
        if hidden == 64:
            results['server_cpu_us_per_step_lstm64'] = median(costs)
        return results

    return scenario


def _beside(bench, server, model):
    forecasts = [run(server, bench.load(MULTIPLEXED, model, want='forecast'))
                 for _ in range(bench.chosen.few_rounds)]
    return {'served_forecasts_per_second_lstm64':
            median(one['steps_per_second'] for one in forecasts)}


def bf16(bench):
    """bf16 over f32, two servers in turn."""
    load = bench.load(MULTIPLEXED, 'lstm128')
    fast, exact = [], []
    with recur_server() as f32, bench.bf16_server() as half:
        for _ in range(bench.chosen.few_rounds):
            exact.append(run(f32, load)['steps_per_second'])
            fast.append(run(half, load)['steps_per_second'])
    return {'served_bf16_over_f32_lstm128': paired(fast, exact)}


def over_echo(bench):
    """Both echo servers and ours in turn; the faster echo is the roof."""
    load = bench.load(SINGLE, 'lstm64')
    runs = {'recur': [], 'callback': [], 'queue': []}
    with recur_server() as recur, echo_server('callback') as callback, \
            echo_server('queue') as queue:
        for _ in range(bench.chosen.rounds):
            runs['recur'].append(run(recur, load))
            runs['callback'].append(run(callback, load))
            runs['queue'].append(run(queue, load))
    bench.detail('single_over_echo', runs)

    def rates(name):
        return [one['messages_per_second'] for one in runs[name]]

    def by_cpu(name):
        return [one['messages_per_second'] / max(one['server_busy'], 0.01)
                for one in runs[name]]

    faster = max(('callback', 'queue'), key=lambda name: median(rates(name)))
    return {
        'single_over_echo': paired(rates('recur'), rates(faster)),
        'single_over_echo_by_cpu': paired(by_cpu('recur'), by_cpu(faster)),
        'single_messages_per_second': median(rates('recur')),
        'single_echo_messages_per_second': median(rates(faster)),
    }


def streams(bench):
    """The same sessions on one stream, with enough messages in flight to keep
    the server busy, and on 256 streams."""
    results = {}
    with recur_server() as server:
        for items, sessions, key in (
                (256, 65_536, 'streams_256_over_1'),
                (1, 4096, 'streams_256_over_1_single')):
            one = Shape('one stream', sessions, 1, items,
                        in_flight=4096 // max(items, 16))
            many = Shape('256 streams', sessions, 256, items, in_flight=1)
            above, below = [], []
            for _ in range(bench.chosen.few_rounds):
                below.append(run(server, bench.load(one, 'lstm64')))
                above.append(run(server, bench.load(many, 'lstm64')))
            bench.detail(key, {'256': above, '1': below})
            results[key] = paired([each['steps_per_second'] for each in above],
                                  [each['steps_per_second'] for each in below])
    return results
