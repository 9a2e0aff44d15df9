#!/usr/bin/python3
"""A stateful LSTM server as one writes it with grpcio and PyTorch.

  server.py --port P --hidden H [--weights FILE]

Answers OpenSession and Stream of recur.v1.Recur. The states of all sessions
are rows of two tensors; the items of a message are gathered into one batch,
stepped, and put back. Nothing is deduplicated, checked or stored. FILE is
lstm_H.npz of ../write_models.py, in build/bench/peers if not given. A forecast
is the first `horizon` values of the hidden state, one if not given.
"""
import argparse
import asyncio
import collections
import ctypes
import os
import pathlib
import signal
import sys

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import grpc  # noqa: E402
import numpy  # noqa: E402
import torch  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import wire  # noqa: E402

pb, pb_grpc = wire.load()

ROOT = pathlib.Path(__file__).resolve().parents[4]
OPTIONS = [("grpc.max_receive_message_length", -1),
           ("grpc.max_send_message_length", -1),
           ("grpc.max_concurrent_streams", 1000),
           ("grpc.so_reuseport", 0)]
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


def keep_freed_memory():
    """A batch's tensors come from the heap again, not from the kernel each
    time: a third of a step of 256 rows."""
    libc = ctypes.CDLL(None)
    libc.mallopt(M_MMAP_THRESHOLD, 1 << 26)
    libc.mallopt(M_TRIM_THRESHOLD, 1 << 28)


class Sessions:
    """The model, and the state of every session as a row of h and c."""

    def __init__(self, weights):
        # torch.lstm_cell is what nn.LSTMCell calls; without the module's own
        # checks a step of one row takes three quarters of the time.
        self.weights = [torch.from_numpy(weights[name]) for name in
                        ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        self.inputs = self.weights[0].shape[1]
        self.hidden = self.weights[1].shape[1]
        self.rows = {}
        self.h = torch.zeros(1024, self.hidden)
        self.c = torch.zeros(1024, self.hidden)
        self.steps = []

    def row(self, session_id):
        """The row of a session, new and zero if it has none yet."""
        row = self.rows.setdefault(session_id, len(self.rows))
        if row == len(self.steps):
            self.steps.append(0)
        if row == len(self.h):
            self.h = torch.cat((self.h, torch.zeros_like(self.h)))
            self.c = torch.cat((self.c, torch.zeros_like(self.c)))
        return row

    def step(self, rows, x):
        """Steps these rows, all different; returns their step numbers."""
        if len(rows) == 1:
            self.step_one(rows[0], x)
        else:
            index = torch.from_numpy(numpy.array(rows))
            state = self.h.index_select(0, index), self.c.index_select(0, index)
            h, c = torch.lstm_cell(x, state, *self.weights)
            self.h.index_copy_(0, index, h)
            self.c.index_copy_(0, index, c)
        for row in rows:
            self.steps[row] += 1
        return [self.steps[row] for row in rows]

    def step_one(self, row, x):
        h, c = self.h[row:row + 1], self.c[row:row + 1]
        new_h, new_c = torch.lstm_cell(x, (h, c), *self.weights)
        h.copy_(new_h)
        c.copy_(new_c)


class Stream:
    """One Stream call: its handles, and the number of its next item."""

    def __init__(self, sessions):
        self.sessions = sessions
        self.rows = {}  # by handle
        self.next_item = 0

    def answer(self, request):
        response = pb.StreamResponse()
        for attach in request.attach:
            self.attach(attach, response.attached.add())
        for handle in request.detach:
            self.rows.pop(handle, None)
        if request.items.handle:
            self.answer_items(request, response.replies)
        return response

    def attach(self, attach, attached):
        row = self.sessions.row(attach.session_id)
        self.rows[attach.handle] = row
        attached.handle = attach.handle
        attached.session.session_id = attach.session_id
        attached.session.applied_step = self.sessions.steps[row]
        attached.resume_step = self.sessions.steps[row] + 1

    def answer_items(self, request, replies):
        items = request.items
        handles = items.handle[:]
        rows = [self.rows[handle] for handle in handles]
        values = items.values or items.values_f64
        x = torch.from_numpy(numpy.fromiter(
            values, numpy.float32, len(values))).view(-1, self.sessions.inputs)
        if len(set(rows)) * self.sessions.inputs == len(values):
            steps = self.sessions.step(rows, x)
            states = None
        else:
            steps, states = self.step_in_turns(rows, x, items.steps)
        replies.item.extend(range(self.next_item, self.next_item + len(rows)))
        self.next_item += len(rows)
        replies.handle.extend(handles)
        replies.step.extend(steps)
        replies.applied_step.extend(steps)
        if items.want:
            if states is None:
                states = self.sessions.h[rows]
            answer_forecasts(request, states, replies)

    def step_in_turns(self, rows, x, counts):
        """Items of several steps, or several items of a session: one batch
        after the other, each of different sessions. Returns every item's last
        step number and hidden state."""
        turns = []  # of (row, row of x, item)
        taken = collections.Counter()  # turns that a row is in
        at = 0
        for item, row in enumerate(rows):
            for _ in range(counts[item] if counts else 1):
                if taken[row] == len(turns):
                    turns.append([])
                turns[taken[row]].append((row, at, item))
                taken[row] += 1
                at += 1
        steps, last = [0] * len(rows), [None] * len(rows)
        for turn in turns:
            turn_rows, at, turn_items = zip(*turn)
            stepped = self.sessions.step(turn_rows, x[list(at)])
            for item, row, step in zip(turn_items, turn_rows, stepped):
                steps[item] = step
                last[item] = self.sessions.h[row].clone()
        return steps, last


def answer_forecasts(request, states, replies):
    """What an item that wants a forecast gets of the state after it."""
    wants = request.items.want
    horizon = request.forecast.horizon or 1
    for item, state in enumerate(states):
        if wants[item if len(wants) > 1 else 0] == pb.WANT_FORECAST:
            answer = replies.answers.add(index=item)
            answer.forecast.point.extend(state[:horizon].tolist())


class Recur(pb_grpc.RecurServicer):
    def __init__(self, sessions):
        self.sessions = sessions

    async def OpenSession(self, request, context):
        session_id = request.session_id or f"{len(self.sessions.rows)}"
        self.sessions.row(session_id)
        return pb.OpenSessionResponse(session=pb.Session(
            session_id=session_id, model=request.model, version=1,
            durability=pb.DURABILITY_NONE))

    async def Stream(self, requests, context):
        stream = Stream(self.sessions)
        while True:
            request = await context.read()
            if request is grpc.aio.EOF:
                return
            await context.write(stream.answer(request))


async def serve(port, sessions):
    server = grpc.aio.server(options=OPTIONS)
    pb_grpc.add_RecurServicer_to_server(Recur(sessions), server)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    print(f"listening on 127.0.0.1:{port}", flush=True)
    await ended.wait()
    await server.stop(None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--weights", type=pathlib.Path)
    args = parser.parse_args()
    weights = (args.weights or
               ROOT / f"build/bench/peers/lstm_{args.hidden}.npz")
    keep_freed_memory()
    torch.set_num_threads(1)
    with torch.inference_mode():
        asyncio.run(serve(args.port, Sessions(numpy.load(weights))))


if __name__ == "__main__":
    main()
