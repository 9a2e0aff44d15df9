"""Who else uses the two cores: a figure measured beside another program says
little, and nothing in it would show."""

import os
import resource
import statistics
import time

from scenarios import settings
from scenarios.programs import cpu_seconds

_TICKS = os.sysconf('SC_CLK_TCK')
_CORES = (settings.SERVER_CORE, settings.LOAD_CORE)

_shares = []  # of the two cores together, one per run of the load


def _spent():
    """Seconds that the cores were not ours to idle: busy, or stolen by the
    host."""
    total = 0
    with open('/proc/stat', encoding='ascii') as file:
        for line in file:
            name, *ticks = line.split()
            if name in [f'cpu{core}' for core in _CORES]:
                user, nice, system, _, _, irq, softirq, steal = map(
                    int, ticks[:8])
                total += user + nice + system + irq + softirq + steal
    return total / _TICKS


def _own():
    """This program's, and that of those it has run to their end."""
    uses = [resource.getrusage(who) for who in
            (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


class Meter:
    """From its making to finish(), which is called when the load has ended."""

    def __init__(self, server_pids):
        self._pids = server_pids
        self._began = time.monotonic()
        self._before = self._of_others()

    def finish(self):
        """The share of the two cores that went to others; remembered."""
        others = self._of_others() - self._before
        elapsed = time.monotonic() - self._began
        share = max(0.0, others / (elapsed * len(_CORES)))
        _shares.append(share)
        return share

    def _of_others(self):
        return _spent() - _own() - sum(map(cpu_seconds, self._pids))


def summary():
    """Over all runs of the load so far; None if there was none."""
    if not _shares:
        return None
    return {'median': round(statistics.median(_shares), 3),
            'worst': round(max(_shares), 3)}
