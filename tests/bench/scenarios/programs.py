"""Programs that the bench starts: pinned to a core, ready when they say so,
watched while they work, and stopped by their own process id."""

import os
import re
import signal
import socket
import subprocess
import threading
import time

from scenarios import settings

_TICKS = os.sysconf('SC_CLK_TCK')


class Failed(Exception):
    """A program did not do what it should; the message says which and why."""


def pinned(core, command):
    return ['taskset', '-c', str(core)] + command


def environment():
    """One thread per library; no proxy between the bench and itself."""
    kept = {name: value for name, value in os.environ.items()
            if not name.lower().endswith('_proxy')}
    kept.update(OMP_NUM_THREADS='1', OPENBLAS_NUM_THREADS='1',
                PYTHONUNBUFFERED='1', PYTHONDONTWRITEBYTECODE='1')
    return kept


def free_port():
    """Of the loopback; for what cannot choose its own and tell."""
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def cpu_seconds(pid):
    """Processor time that a process has used, all its threads together."""
    with open(f'/proc/{pid}/stat', encoding='ascii', errors='replace') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


class Watch:
    """How busy a process keeps its core, from now on until finish()."""

    INTERVAL = 0.1

    def __init__(self, pid):
        self._pid = pid
        self._shares = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def _sample(self):
        try:
            before, at = cpu_seconds(self._pid), time.monotonic()
            while not self._over.wait(self.INTERVAL):
                used, now = cpu_seconds(self._pid), time.monotonic()
                self._shares.append((used - before) / (now - at))
                before, at = used, now
        except OSError:
            pass  # it has ended

    def finish(self, last_seconds):
        """The middle share of the last seconds, 1 being a whole core."""
        self._over.set()
        self._thread.join()
        last = sorted(self._shares[-max(1, int(last_seconds / self.INTERVAL)):])
        return last[len(last) // 2] if last else 0.0


class Program:
    """A server, started and ready. A context manager: it ends with it."""

    START_SECONDS = 90
    STOP_SECONDS = 10

    def __init__(self, name, command, ready, core=settings.SERVER_CORE,
                 cwd=None):
        """`ready` is a regular expression; its groups are what it says."""
        self.name = name
        self.beside = ()  # process ids of what it uses
        os.makedirs(settings.LOGS, exist_ok=True)
        self.log = os.path.join(settings.LOGS, f'{name}.log')
        with open(self.log, 'w', encoding='utf-8') as log:
            self._process = subprocess.Popen(
                pinned(core, command), stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, env=environment(), cwd=cwd)
        try:
            self.said = self._wait_until(ready)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self):
        return self._process.pid

    def _wait_until(self, ready):
        deadline = time.monotonic() + self.START_SECONDS
        while time.monotonic() < deadline:
            with open(self.log, encoding='utf-8', errors='replace') as file:
                found = re.search(ready, file.read())
            if found:
                return found.groups()
            if self._process.poll() is not None:
                raise Failed(f'{self.name} ended with code '
                             f'{self._process.returncode}; see {self.log}')
            time.sleep(0.02)
        raise Failed(f'{self.name} was not ready after {self.START_SECONDS} s; '
                     f'see {self.log}')

    def stop(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(self.STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def kill(self):
        self._process.kill()
        self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def recur_server(name='recur-server', flags=()):
    """recur-server on the bench's models, one lane. `said` is its ports."""
    command = [os.path.join(settings.PROGRAMS, 'recur-server'),
               '--models', settings.MODELS, '--listen', '127.0.0.1:0',
               '--http', '127.0.0.1:0', '--lanes', '1',
               '--model-poll-seconds', '0', '--grace-seconds', '2']
    program = Program(name, command + list(flags),
                      r'serves gRPC on \S+ \(port (\d+)\), '
                      r'HTTP on \S+ \(port (\d+)\)')
    program.address = f'127.0.0.1:{program.said[0]}'
    program.metrics = f'http://127.0.0.1:{program.said[1]}/metrics'
    return program


def echo_server(api):
    """`api` is callback or queue."""
    name = f'recur_bench_echo_{api}'
    path = os.path.join(settings.BENCH_PROGRAMS, 'echo', name)
    return _listening(name, [path, '--port', '0'])


def peer_server(peer, hidden):
    """`peer` is python or node."""
    folder = os.path.join(settings.PEERS, peer)
    command = ([settings.PYTHON, 'server.py'] if peer == 'python'
               else ['node', 'server.js'])
    return _listening(f'{peer}-peer-{hidden}',
                      command + ['--port', '0', '--hidden', str(hidden)],
                      cwd=folder)


def _listening(name, command, cwd=None):
    program = Program(name, command, r'listening on (127\.0\.0\.1:\d+)',
                      cwd=cwd)
    program.address = program.said[0]
    program.metrics = None
    return program


def run_json(name, command, core=None, seconds=120):
    """Runs a program to its end; the text that it wrote to stdout."""
    os.makedirs(settings.LOGS, exist_ok=True)
    log = os.path.join(settings.LOGS, f'{name}.log')
    if core is not None:
        command = pinned(core, command)
    with open(log, 'w', encoding='utf-8') as errors:
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=errors,
                                  env=environment(), timeout=seconds,
                                  check=False, text=True)
        except subprocess.TimeoutExpired as error:
            raise Failed(f'{name} took more than {seconds} s; see {log}'
                         ) from error
    if done.returncode != 0:
        raise Failed(f'{name} ended with code {done.returncode}; see {log}')
    return done.stdout
