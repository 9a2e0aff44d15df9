"""What the scenarios of one run share."""

import sys

from scenarios.load import Load
from scenarios.programs import recur_server

# Serves every model in bf16, whatever its spec says.
BF16_FLAGS = ('--precision', 'bf16')


class Bench:

    def __init__(self, chosen):
        self.chosen = chosen
        self.details = {}
        self._maxima = {}

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    def detail(self, name, measured):
        """Keeps what a figure was computed from."""
        self.details[name] = measured

    def load(self, shape, model, **more):
        return Load(shape, model, self.chosen.seconds, self.chosen.warm_up,
                    **more)

    def tail_load(self, shape, model, **more):
        """Shorter, as such runs are many."""
        return Load(shape, model, self.chosen.tail_seconds,
                    self.chosen.warm_up, **more)

    def bf16_server(self):
        return recur_server('recur-server-bf16', BF16_FLAGS)

    def remember_maximum(self, peer, shape, rate):
        self._maxima[peer, shape.name] = rate

    def maximum(self, peer, shape):
        """Observations per second, None if it was not measured yet."""
        return self._maxima.get((peer, shape.name))
