"""Runs recur-load against a server and reads what it measured."""

import dataclasses
import json
import os
import subprocess

from scenarios import settings
from scenarios.disturbance import Meter
from scenarios.programs import Failed, Watch, environment, pinned

INPUTS = 8


@dataclasses.dataclass(frozen=True)
class Shape:
    """Who sends what: sessions on streams, items in a message."""
    name: str
    sessions: int
    streams: int
    items: int      # observations per message, each of another session
    in_flight: int  # unanswered messages per stream, at full speed


# One observation per message: 64 clients, each waits for its answer.
SINGLE = Shape('single', sessions=1024, streams=64, items=1, in_flight=1)
# 256 observations of 256 sessions per message; four messages in flight.
MULTIPLEXED = Shape('multiplexed', sessions=1000, streams=2, items=256,
                    in_flight=2)


@dataclasses.dataclass(frozen=True)
class Load:
    """What to run. rate is in observations per second, 0: full speed."""
    shape: Shape
    model: str
    seconds: float
    warm_up: float
    rate: float = 0.0
    want: str = 'ack'
    idle_ttl_seconds: int = 30  # runs leave their sessions to expire
    poll: bool = True  # at full speed: not if the load's core is shared
    more: tuple = ()  # further flags of recur-load

    def command(self, server):
        shape = self.shape
        command = [
            os.path.join(settings.PROGRAMS, 'recur-load'),
            '--server', server.address, '--model', self.model,
            '--features', INPUTS, '--sessions', shape.sessions,
            '--streams', shape.streams,
            '--observations-per-message', shape.items,
            '--want', self.want, '--warm-up', self.warm_up,
            '--duration', self.seconds, '--idle-ttl', self.idle_ttl_seconds,
            '--json', '-']
        if self.rate > 0:
            command += ['--rate', round(self.rate, 1)]
        else:
            command += ['--in-flight', shape.in_flight]
            command += ['--poll'] if self.poll else []
        if server.metrics:
            command += ['--metrics', server.metrics]
        return [str(word) for word in command + list(self.more)]


def run(server, load, limit_seconds=90):
    """recur-load's figures, and server_busy and load_busy: the shares of their
    cores that the two worked while it was measured; others_busy: the share of
    both that went to others. Failed on any error or
    wrong answer: a fast wrong server is not fast."""
    os.makedirs(settings.LOGS, exist_ok=True)
    log = os.path.join(settings.LOGS, f'recur-load-{server.name}.log')
    command = load.command(server)
    with open(log, 'a', encoding='utf-8') as errors:
        errors.write(f'$ {" ".join(command)}\n')
        errors.flush()
        process = subprocess.Popen(pinned(settings.LOAD_CORE, command),
                                   stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=errors,
                                   env=environment(), text=True)
        watch, meter = Watch(server.pid), Meter((server.pid,) + server.beside)
        try:
            out, _ = process.communicate(timeout=limit_seconds)
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.communicate()
            raise Failed(f'recur-load took more than {limit_seconds} s; '
                         f'see {log}') from error
        finally:
            server_busy = watch.finish(load.seconds)
    if process.returncode != 0:
        raise Failed(f'recur-load ended with code {process.returncode}; '
                     f'see {log}')
    try:
        result = json.loads(out)
    except ValueError as error:
        raise Failed(f'recur-load wrote no JSON: {out[:200]!r}') from error
    _check(result, log)
    result['server_busy'] = server_busy
    result['others_busy'] = meter.finish()
    # recur-load polls, so what it works is what it says; it cannot tell when
    # another program had its core.
    result['load_busy'] = max(0.0, (result['load_cpu_us_per_step'] or 0) / 1e6
                              * result['steps_per_second'])
    return result


def _check(result, log):
    if result.get('errors'):
        raise Failed(f'items failed: {result["errors"]}; see {log}')
    if result.get('wrong_answers'):
        raise Failed(f'{result["wrong_answers"]} answers were wrong; see {log}')


def steps(server, load):
    """Steps per second."""
    return run(server, load)['steps_per_second']
