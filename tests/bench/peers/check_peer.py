#!/usr/bin/python3
"""Checks that a peer computes what it should, against float64 in numpy.

  check_peer.py PORT (--weights FILE | --echo)

FILE is the lstm_H.npz that the server serves or that stands beside its .onnx.
Sessions are stepped alone, together, twice in a message, by several steps in
an item, from float32 and from float64, on two streams; every reply is
compared, with the whole hidden state as its forecast. --echo compares the
columns alone. Exit code 1, and the first difference, if there is one.
"""
import argparse
import pathlib
import queue
import sys

import grpc
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import wire  # noqa: E402

pb, pb_grpc = wire.load()

INPUTS = 8
TOLERANCE = 1e-5
MANY = 1500  # sessions in all: more than a peer makes room for at first
WIDE = 256   # items of the widest message

# Messages of (session, steps) items; sessions 0, 1 and 2 end at step 5. The
# last goes over a stream of its own.
MESSAGES = (
    [(0, 1), (1, 1), (2, 1)],
    [(0, 1)],
    [(1, 2)],
    [(0, 1), (2, 2), (0, 1)],
    [(2, 1), (1, 1)],
    [(session, 1) for session in range(MANY - WIDE, MANY)],
    [(1, 1), (2, 1), (0, 1)],
)


def expect(what, given, wanted):
    if given != wanted:
        sys.exit(f"{what} is {given}; expected {wanted}")


class Oracle:
    """The LSTM in float64, one session and one step at a time."""

    def __init__(self, weights):
        arrays = {name: weights[name].astype(numpy.float64) for name in weights}
        self.weight = numpy.hstack((arrays["weight_ih"], arrays["weight_hh"]))
        self.bias = arrays["bias_ih"] + arrays["bias_hh"]
        self.hidden = len(self.bias) // 4
        self.states = {}

    def step(self, session, x):
        h, c = self.states.get(session, numpy.zeros((2, self.hidden)))
        gates = self.weight @ numpy.concatenate((x, h)) + self.bias
        i, f, o = 1 / (1 + numpy.exp(-gates.reshape(4, -1)[[0, 1, 3]]))
        c = f * c + i * numpy.tanh(gates.reshape(4, -1)[2])
        self.states[session] = o * numpy.tanh(c), c

    def check(self, session, answer):
        expect("the number of forecast values", len(answer), self.hidden)
        error = numpy.abs(self.states[session][0] - answer).max()
        if not error <= TOLERANCE:
            sys.exit(f"the hidden state of session {session} is off by "
                     f"{error:.2g}; the limit is {TOLERANCE}")


class Talk:
    """One stream; every message is answered before the next is sent. Session
    s has handle s + offset. `steps` are the sessions' step numbers."""

    def __init__(self, recur, oracle, steps, offset):
        self.oracle = oracle
        self.steps = steps
        self.offset = offset
        self.items = 0
        self.random = numpy.random.default_rng(offset)
        self.requests = queue.Queue()
        self.responses = recur.Stream(iter(self.requests.get, None))

    def exchange(self, request):
        self.requests.put(request)
        return next(self.responses)

    def attach(self, sessions):
        response = self.exchange(pb.StreamRequest(attach=[
            pb.Attach(handle=session + self.offset, session_id=f"s{session}")
            for session in sessions]))
        expect("attached handles", [item.handle for item in response.attached],
               [session + self.offset for session in sessions])
        for attached in response.attached:
            expect("attach status", attached.status.code, 0)

    def send(self, items, wide_values):
        """Sends (session, steps) items, every other one wanting a forecast,
        and checks what is answered to each."""
        values = self.random.standard_normal(
            (sum(count for _, count in items), INPUTS)).astype(numpy.float32)
        request = pb.StreamRequest()
        columns = request.items
        columns.handle.extend(session + self.offset for session, _ in items)
        if any(count != 1 for _, count in items):
            columns.steps.extend(count for _, count in items)
        if self.oracle:
            columns.want.extend(
                pb.WANT_ACK if item % 2 else pb.WANT_FORECAST
                for item in range(len(items)))
            request.forecast.horizon = self.oracle.hidden
        (columns.values_f64 if wide_values else columns.values).extend(
            values.ravel().tolist())
        first = dict(self.steps)
        for session, count in items:
            columns.first_step.append(first[session] + 1)
            first[session] += count
        self.check(items, values, self.exchange(request).replies)

    def check(self, items, values, replies):
        wanted, rows = [], iter(values)
        expect("errors", len(replies.errors), 0)
        answers = {answer.index: answer.forecast.point
                   for answer in replies.answers}
        for item, (session, count) in enumerate(items):
            self.steps[session] += count
            wanted.append(self.steps[session])
            for _ in range(count if self.oracle else 0):
                self.oracle.step(session, next(rows))
            if self.oracle:
                expect(f"item {item} has a forecast", item in answers,
                       item % 2 == 0)
            if item in answers:
                self.oracle.check(session, answers[item])
        expect("item", list(replies.item),
               list(range(self.items, self.items + len(items))))
        expect("handle", list(replies.handle),
               [session + self.offset for session, _ in items])
        expect("step", list(replies.step), wanted)
        expect("applied_step", list(replies.applied_step), wanted)
        self.items += len(items)

    def end(self):
        self.requests.put(None)
        expect("the stream's end", next(self.responses, None), None)


def open_sessions(recur):
    for session in range(3):
        opened = recur.OpenSession(pb.OpenSessionRequest(
            model="lstm", session_id=f"s{session}")).session
        expect("session", (opened.session_id, opened.model, opened.version),
               (f"s{session}", "lstm", 1))
    unnamed = recur.OpenSession(pb.OpenSessionRequest(model="lstm")).session
    expect("an id was made", unnamed.session_id != "", True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("port", type=int)
    answers = parser.add_mutually_exclusive_group(required=True)
    answers.add_argument("--weights", type=pathlib.Path)
    answers.add_argument("--echo", action="store_true")
    args = parser.parse_args()
    oracle = Oracle(numpy.load(args.weights)) if args.weights else None
    steps = dict.fromkeys(range(MANY), 0)
    with grpc.insecure_channel(f"127.0.0.1:{args.port}") as channel:
        recur = pb_grpc.RecurStub(channel)
        open_sessions(recur)
        first, second = (Talk(recur, oracle, steps, offset)
                         for offset in (0, 7))
        first.attach(range(MANY))
        second.attach(range(3))
        for number, items in enumerate(MESSAGES):
            last = number == len(MESSAGES) - 1
            (second if last else first).send(items, wide_values=number == 4)
        first.end()
        second.end()
    print(f"{sum(steps.values())} steps of {MANY} sessions: all as expected")


if __name__ == "__main__":
    main()
