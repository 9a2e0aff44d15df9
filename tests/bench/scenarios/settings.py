"""Where things are, on which cores they run and for how long."""

import dataclasses
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))))
PROGRAMS = os.path.join(ROOT, 'build', 'release')
BENCH_PROGRAMS = os.path.join(PROGRAMS, 'tests', 'bench')
PEERS = os.path.join(ROOT, 'tests', 'bench', 'peers')
LOGS = os.path.join(ROOT, 'build', 'bench-logs')

# A model's directory, by name, as recur_bench_models writes them.
MODELS = os.path.join(ROOT, 'build', 'bench-models')

# Debian's own: it has the packages that the peer needs.
PYTHON = '/usr/bin/python3'

SERVER_CORE = 0
LOAD_CORE = 1


@dataclasses.dataclass(frozen=True)
class Settings:
    seconds: float = 2.5        # of one run of the load
    warm_up: float = 0.5        # before each
    rounds: int = 5             # A B A B ...
    few_rounds: int = 3         # where a round takes longer
    tail_rounds: int = 9        # where a p99 is compared with another
    tail_seconds: float = 1.5   # of each of those runs
    engine_repetitions: int = 5  # of recur_bench_engine, per round
    engine_window_ms: int = 120
    lane_repetitions: int = 21
    part_seconds: float = 0.05  # of each benchmark of the parts
    million_rounds: int = 2


FULL = Settings()
QUICK = Settings(seconds=0.8, warm_up=0.2, rounds=2, few_rounds=2,
                 tail_rounds=3, tail_seconds=0.8, engine_repetitions=3,
                 engine_window_ms=60, lane_repetitions=7, part_seconds=0.01,
                 million_rounds=1)
