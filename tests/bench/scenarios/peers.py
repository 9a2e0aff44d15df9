"""The same load through the same protocol on what one would write without
Recur."""

from scenarios.load import MULTIPLEXED, SINGLE, run
from scenarios.programs import Failed, peer_server, recur_server
from scenarios.ratios import median, of_medians, paired

SHAPES = (SINGLE, MULTIPLEXED)
SHARE_OF_MAXIMUM = 0.95  # of a peer's own rate, where latencies are compared
KEEPS_UP = 0.97
LOWERED_AT_MOST = 2  # times


def throughput(peer):
    """A scenario: one observation per message, and 256, LSTM-64."""

    def scenario(bench):
        results = {}
        with recur_server() as recur, peer_server(peer, 64) as other:
            for shape in SHAPES:
                ratio, theirs = _ratio(bench, recur, other, shape, 'lstm64')
                bench.remember_maximum(peer, shape, theirs)
                results[f'{shape.name}_over_{peer}_peer'] = ratio
        return results

    return scenario


def beside(peer):
    """A scenario: LSTM-128, forecasts, bf16. The peers' forecasts are a value
    of the hidden state, ours 24 steps with quantiles."""

    def scenario(bench):
        results = {}
        with recur_server() as recur, peer_server(peer, 64) as other:
            results[f'single_forecasts_over_{peer}_peer'], _ = _ratio(
                bench, recur, other, SINGLE, 'lstm64', want='forecast')
        with recur_server() as recur, peer_server(peer, 128) as other:
            results[f'multiplexed_lstm128_over_{peer}_peer'], _ = _ratio(
                bench, recur, other, MULTIPLEXED, 'lstm128')
        try:
            with bench.bf16_server() as recur, peer_server(peer, 64) as other:
                results[f'multiplexed_bf16_over_{peer}_peer'], _ = _ratio(
                    bench, recur, other, MULTIPLEXED, 'lstm64')
        except Failed as error:
            bench.say(f'no bf16: {error}')
        return results

    return scenario


def _ratio(bench, recur, other, shape, model, want='ack'):
    """Median of paired ratios, and the peer's median rate."""
    load = bench.load(shape, model, want=want)
    ours, theirs = [], []
    for _ in range(bench.chosen.few_rounds):
        ours.append(run(recur, load))
        theirs.append(run(other, load))
    bench.detail(f'{shape.name}, {model}, {want}, {recur.name}, {other.name}',
                 {'recur': ours, 'peer': theirs})
    above = [one['steps_per_second'] for one in ours]
    below = [one['steps_per_second'] for one in theirs]
    return paired(above, below), median(below)


def tail(peer):
    """A scenario: p99 of both, open loop, at 95% of what the peer does at full
    speed, for both shapes; the worse of the two ratios."""

    def scenario(bench):
        worst = 0.0
        with recur_server() as recur, peer_server(peer, 64) as other:
            for shape in SHAPES:
                load = _sustained(bench, peer, other, shape)
                ours, theirs = [], []
                for _ in range(bench.chosen.few_rounds):
                    ours.append(run(recur, load))
                    theirs.append(run(other, load))
                bench.detail(f'p99, {shape.name}, {peer}',
                             {'recur': ours, 'peer': theirs})
                worst = max(worst, of_medians(
                    [one['latency_us']['p99'] for one in ours],
                    [one['latency_us']['p99'] for one in theirs]))
        return {f'p99_over_{peer}_peer': worst}

    return scenario


def _sustained(bench, peer, other, shape):
    """The load at 95% of the peer's maximum; a little less, if it then falls
    behind: what one waits in a queue that only grows says nothing."""
    rate = SHARE_OF_MAXIMUM * (bench.maximum(peer, shape) or run(
        other, bench.load(shape, 'lstm64'))['steps_per_second'])
    for _ in range(LOWERED_AT_MOST):
        tried = run(other, bench.load(shape, 'lstm64', rate=rate))
        if tried['steps_per_second'] > KEEPS_UP * rate:
            break
        rate *= SHARE_OF_MAXIMUM
    return bench.load(shape, 'lstm64', rate=rate)
