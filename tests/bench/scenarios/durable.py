"""What it costs that sessions survive: the same load on a server that keeps
them in memory, in RocksDB and in Redis.

The server's lane and transport have one core. The threads that store, and
Redis, share the other one with the load."""

import contextlib
import os
import shutil
import tempfile

from scenarios import settings
from scenarios.load import MULTIPLEXED, run
from scenarios.programs import recur_server
from scenarios.redis import redis_server
from scenarios.ratios import median, paired

# By the names of its threads. RocksDB's flush and compact.
STORING = ('store-', 'rocksdb:')


@contextlib.contextmanager
def directory():
    """On the disk of the build, as a temporary one may be in memory."""
    os.makedirs(settings.LOGS, exist_ok=True)
    path = tempfile.mkdtemp(prefix='store-', dir=settings.LOGS)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def server_with(store, name, flags=()):
    """A server whose storing threads are on the load's core."""
    with recur_server(name, ('--store', store) + tuple(flags)) as server:
        move_threads(server, STORING, settings.LOAD_CORE)
        yield server


def move_threads(server, prefixes, core):
    tasks = f'/proc/{server.pid}/task'
    for task in os.listdir(tasks):
        with open(f'{tasks}/{task}/comm', encoding='ascii') as file:
            if file.read().startswith(prefixes):
                os.sched_setaffinity(int(task), {core})


def cost(bench):
    """Memory, RocksDB, Redis, memory, ... over the memory of their round."""
    load = bench.load(MULTIPLEXED, 'lstm128', poll=False)
    runs = {'memory': [], 'rocksdb': [], 'redis': []}
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        place = enter(directory())
        redis = enter(redis_server(os.path.join(place, 'redis')))
        servers = {
            'memory': enter(recur_server('recur-server-memory')),
            'rocksdb': enter(server_with(f'rocksdb:{place}/rocksdb',
                                         'recur-server-rocksdb')),
            'redis': enter(server_with(redis.uri, 'recur-server-redis')),
        }
        servers['redis'].beside = (redis.pid,)
        for _ in range(bench.chosen.rounds):
            for name, server in servers.items():
                runs[name].append(run(server, load))
    bench.detail('durable', runs)

    def rates(name):
        return [one['steps_per_second'] for one in runs[name]]

    def lag_ms(name):
        return median(one['durable_lag_us']['p99'] for one in runs[name]) / 1e3

    return {
        'rocksdb_over_memory': paired(rates('rocksdb'), rates('memory')),
        'redis_over_memory': paired(rates('redis'), rates('memory')),
        'durable_lag_p99_ms': max(lag_ms('rocksdb'), lag_ms('redis')),
        'durable_lag_p99_ms_rocksdb': lag_ms('rocksdb'),
        'durable_lag_p99_ms_redis': lag_ms('redis'),
    }
