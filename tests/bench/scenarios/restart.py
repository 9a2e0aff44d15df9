"""A server that was killed, started again on a store with a million sessions:
how long until it is ready."""

import contextlib
import http.client
import os
import shutil
import subprocess
import time

from scenarios import settings
from scenarios.durable import directory
from scenarios.load import INPUTS
from scenarios.programs import (Failed, environment, free_port,
                                recur_server, run_json)
from scenarios.ratios import median

SESSIONS = 1_000_000
IDLE_TTL_SECONDS = 86_400
OPEN_LIMIT_SECONDS = 900
LIST_LIMIT_SECONDS = 300
READY_LIMIT_SECONDS = 120
FREE_BYTES = 8 << 30
INTERVAL = 0.002


def million(bench):
    """Opens the sessions, kills the server, starts it and kills it again; the
    last one must still have all of them."""
    with directory() as place:
        if shutil.disk_usage(place).free < FREE_BYTES:
            raise Failed(f'less than {FREE_BYTES >> 30} GiB are free for a '
                         'million sessions')
        store = ('--store', f'rocksdb:{place}/sessions')
        with recur_server('recur-server-filled', store) as server:
            _open_sessions(server)
            server.kill()
        seconds = []
        for _ in range(bench.chosen.few_rounds):
            with _Restarted(store) as server:
                seconds.append(server.ready_seconds)
                server.kill()
        empty = []
        for _ in range(bench.chosen.few_rounds):
            with _Restarted(()) as server:
                empty.append(server.ready_seconds)
        with recur_server('recur-server-counted', store) as server:
            _count_sessions(server)
    bench.detail('restart', {'seconds': seconds, 'in memory': empty})
    return {'restart_million_seconds': max(seconds),
            'restart_empty_seconds': median(empty)}


def _open_sessions(server):
    run_json('recur-load-million', [
        os.path.join(settings.PROGRAMS, 'recur-load'), '--server',
        server.address, '--model', 'lstm128', '--features', str(INPUTS),
        '--sessions', str(SESSIONS), '--streams', '16', '--open-only',
        '--open-in-flight', '1000', '--idle-ttl', str(IDLE_TTL_SECONDS),
        '--json', '-'], core=settings.LOAD_CORE, seconds=OPEN_LIMIT_SECONDS)


def _count_sessions(server):
    listed = run_json('recur-sessions', [
        os.path.join(settings.PROGRAMS, 'recur'), '--server', server.address,
        '--json', 'sessions', 'list'], core=settings.LOAD_CORE,
        seconds=LIST_LIMIT_SECONDS)
    found = listed.count('\n')
    if found != SESSIONS:
        raise Failed(f'{found} of {SESSIONS} sessions are there after the '
                     'restarts')


class _Restarted:
    """recur-server with both cores, from its start until /readyz says 200."""

    def __init__(self, flags):
        port = free_port()
        log = os.path.join(settings.LOGS, 'recur-server-restarted.log')
        began = time.monotonic()
        with open(log, 'w', encoding='utf-8') as out:
            self._process = subprocess.Popen([
                os.path.join(settings.PROGRAMS, 'recur-server'),
                '--models', settings.MODELS, '--listen', '127.0.0.1:0',
                '--http', f'127.0.0.1:{port}', *flags],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                env=environment())
        while not _is_ready(port):
            late = time.monotonic() - began > READY_LIMIT_SECONDS
            if late or self._process.poll() is not None:
                self.kill()
                raise Failed(f'recur-server did not become ready; see {log}')
            time.sleep(INTERVAL)
        self.ready_seconds = time.monotonic() - began

    def kill(self):
        self._process.kill()
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()


def _is_ready(port):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=1)
    with contextlib.closing(connection):
        try:
            connection.request('GET', '/readyz')
            return connection.getresponse().status == 200
        except OSError:
            return False
