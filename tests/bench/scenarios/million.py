"""A million sessions: what they take, and how fast random ones are."""

from scenarios.load import Load, Shape, run
from scenarios.programs import Failed, recur_server
from scenarios.ratios import median

SESSIONS = 1_000_000
LIMIT_SECONDS = 300
IDLE_TTL_SECONDS = 900
GIB = float(1 << 30)

# A stream has at most 100,000 handles.
MILLION = Shape('million', sessions=SESSIONS, streams=16, items=256,
                in_flight=1)
HOT = Shape('hot', sessions=1000, streams=2, items=256, in_flight=8)


def million(bench):
    results = _weigh(bench)
    results['random_over_hot'] = median(
        _random_over_hot(bench) for _ in range(bench.chosen.million_rounds))
    return results


def _server():
    return recur_server('recur-server-million', (
        '--max-sessions', '1200000', '--max-session-bytes', '8GB'))


def _weigh(bench):
    """Each session is stepped in its turn, more than once, and acknowledged;
    then the server is weighed."""
    seconds = max(bench.chosen.seconds, 6)
    load = Load(MILLION, 'lstm128', seconds, bench.chosen.warm_up,
                idle_ttl_seconds=IDLE_TTL_SECONDS)
    with _server() as server:
        measured = run(server, load, LIMIT_SECONDS)
    bench.detail('million in order', measured)
    if measured['steps_per_second'] * seconds < SESSIONS:
        raise Failed('not every one of the million was stepped: '
                     f'{measured["steps_per_second"]:.0f} steps/s for '
                     f'{seconds} s')
    return {
        'million_sessions_rss_gib': measured['server_resident_bytes'] / GIB,
        'session_bytes_lstm128': measured['server_bytes_per_session'],
        'open_sessions_per_second': SESSIONS / measured['open_seconds'],
    }


def _random_over_hot(bench):
    """Random ones of the million against 1,000 sessions of the same server,
    before and after."""
    hot = bench.load(HOT, 'lstm128')
    random = bench.load(MILLION, 'lstm128', more=('--order', 'random'),
                        idle_ttl_seconds=IDLE_TTL_SECONDS)
    with _server() as server:
        before = run(server, hot)
        drawn = run(server, random, LIMIT_SECONDS)
        after = run(server, hot)
    bench.detail('million at random',
                 {'before': before, 'random': drawn, 'after': after})
    rates = [before['steps_per_second'], after['steps_per_second']]
    return drawn['steps_per_second'] / (sum(rates) / 2)
