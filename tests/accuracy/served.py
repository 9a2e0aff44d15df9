"""Whether a server answers what the trainer said: raw values in.

Forecasts: each series is streamed into a session of its own, and at every
origin of the predictions a forecast is wanted; some are asked for once more
with the whole context. Classes: texts and sequences go to Classify, a sequence
that can be stepped also step by step into a session, and where every step has
a label each step is answered.
"""
import csv
import datetime
import math
import pathlib
import re
import signal
import subprocess
import sys

STEPS_PER_MESSAGE = 512
CONTEXTS = 3  # of a data set, asked for with the whole history


def largest_difference(root, binaries, task, folder):
    """Of seed 0's model, in scaled units, over max(1, |the trainer's|)."""
    stubs = folder / 'stubs'
    make_stubs(root / 'proto', stubs)
    server = subprocess.Popen(
        [binaries / 'recur-server', '--models', folder / 'models', '--listen',
         '127.0.0.1:0', '--http', '127.0.0.1:0'],
        stderr=subprocess.PIPE, text=True)
    try:
        port = next(m.group(1) for m in (
            re.search(r'serves gRPC on \S+ \(port (\d+)\)', line)
            for line in server.stderr) if m)
        compared = subprocess.run(
            [sys.executable, __file__, stubs, port, folder, task.test,
             *task.train], stdout=subprocess.PIPE, text=True,
            check=True)
    finally:
        server.send_signal(signal.SIGTERM)
        server.stderr.read()
        server.wait(timeout=60)
    return float(compared.stdout)


def make_stubs(proto, out):
    out.mkdir()
    plugin = subprocess.run(['which', 'grpc_python_plugin'], check=True,
                            stdout=subprocess.PIPE, text=True).stdout.strip()
    files = [*sorted((proto / 'recur/v1').glob('*.proto')),
             *sorted((proto / 'google/rpc').glob('*.proto'))]
    subprocess.run(
        ['protoc', '-I', proto, f'--python_out={out}',
         f'--grpc_python_out={out}',
         f'--plugin=protoc-gen-grpc_python={plugin}', *files], check=True)


class Columns:
    """Reads what the command line names from a file of raw values."""

    def __init__(self, data, train):
        self.data = pathlib.Path(data)
        self.time = self.of(train, '--time')
        self.series = self.of(train, '--series')
        self.sequence = self.of(train, '--sequence-id')
        self.text = self.of(train, '--text')
        self.label_per_step = '--label-per-step' in train

    @staticmethod
    def of(arguments, flag):
        return arguments[arguments.index(flag) + 1] if flag in arguments else ''

    def rows(self):
        if self.data.suffix == '.ts':
            return list(ts_rows(self.data))
        with open(self.data, encoding='utf-8', newline='') as file:
            return list(csv.DictReader(file))

    def groups(self, column):
        """Rows by that column; all in one without it."""
        groups = {}
        for row in self.rows():
            groups.setdefault(row[column] if column else '', []).append(row)
        return groups


def ts_rows(path):
    """A .ts file as rows of a sequence, one per step."""
    body = path.read_text(encoding='utf-8').split('@data\n', 1)[1]
    for number, line in enumerate(body.splitlines(), start=1):
        *dimensions, _ = line.split(':')
        columns = [d.split(',') for d in dimensions]
        for values in zip(*columns):
            yield {'id': str(number), **dict(zip(ts_names(len(columns)),
                                                 values))}


def ts_names(dimensions):
    return (['value'] if dimensions == 1 else
            [f'dim_{i}' for i in range(dimensions)])


def number(cell):
    return float(cell) if cell not in ('', '?') else math.nan


def value(model_input, row):
    cell = row[model_input.name]
    if model_input.categories:
        return list(model_input.categories).index(cell)
    return number(cell)


def microseconds(cell):
    moment = datetime.datetime.fromisoformat(cell)
    return int(moment.replace(
        tzinfo=datetime.timezone.utc).timestamp()) * 1_000_000


class Client:
    """A server's one model, asked over gRPC."""

    def __init__(self, port):
        import grpc
        from recur.v1 import (models_pb2, models_pb2_grpc, recur_pb2,
                              recur_pb2_grpc)
        self.pb = recur_pb2
        channel = grpc.insecure_channel(f'127.0.0.1:{port}', options=[
            ('grpc.max_receive_message_length', -1)])
        self.recur = recur_pb2_grpc.RecurStub(channel)
        models = models_pb2_grpc.ModelsStub(channel)
        self.model = models.GetModel(
            models_pb2.GetModelRequest(model='seed0')).model

    def sequence(self, rows, time):
        return self.pb.Sequence(
            values_f64=[value(i, row) for row in rows
                        for i in self.model.inputs],
            time_us=[microseconds(row[time]) for row in rows] if time else [])

    def stream(self, rows, ends, want, time):
        """Answers after the steps of `ends`, ascending, of one session."""
        session = self.recur.OpenSession(
            self.pb.OpenSessionRequest(model='seed0')).session.session_id
        requests = self.requests(session, rows, ends, want, time)
        answers = []
        for response in self.recur.Stream(iter(requests)):
            for attached in response.attached:
                assert attached.status.code == 0, attached
            assert not response.replies.errors, response.replies.errors
            answers.extend(response.replies.answers)
        self.recur.CloseSession(
            self.pb.CloseSessionRequest(session_id=session))
        assert len(answers) == len(ends), (len(answers), len(ends))
        return answers

    def requests(self, session, rows, ends, want, time):
        yield self.pb.StreamRequest(attach=[
            self.pb.Attach(handle=1, session_id=session)])
        done = 0
        for end in ends:
            while done < end:
                last = min(end, done + STEPS_PER_MESSAGE)
                values = self.sequence(rows[done:last], time)
                yield self.pb.StreamRequest(items=self.pb.Items(
                    handle=[1], first_step=[done + 1], steps=[last - done],
                    want=[want if last == end else self.pb.WANT_ACK],
                    values_f64=values.values_f64, time_us=values.time_us))
                done = last


class Largest:
    def __init__(self, scale=1.0):
        self.scale = scale
        self.value = 0.0

    def add(self, served, trained, scale=None):
        scale = scale or self.scale
        a, b = served / scale, trained / scale
        self.value = max(self.value, abs(a - b) / max(1.0, abs(b)))


def compare_forecasts(client, columns, predictions, scales):
    largest = Largest()
    targets = [i.name for i in client.model.inputs if i.target]
    levels = [f'{level:g}' for level in client.model.quantile_levels]
    by_origin = {}
    for row in predictions:
        by_origin.setdefault((row['series'], int(row['origin'])), {})[
            int(row['step']), row['target']] = row
    left = CONTEXTS
    for name, rows in columns.groups(columns.series).items():
        ends = sorted(o for s, o in by_origin if s == name)
        if not ends:
            continue
        answers = client.stream(rows, ends, client.pb.WANT_FORECAST,
                                columns.time)
        for end, answer in zip(ends, answers):
            add_forecast(answer.forecast, by_origin[name, end], targets,
                         levels, scales, largest)
        if left > 0:
            left -= 1
            answer = client.recur.Forecast(client.pb.ForecastRequest(
                model='seed0', context=client.sequence(rows[:ends[0]],
                                                       columns.time)))
            add_forecast(answer.forecast, by_origin[name, ends[0]], targets,
                         levels, scales, largest)
    return largest.value


def add_forecast(served, trained, targets, levels, scales, largest):
    width = len(targets)
    for index, point in enumerate(served.point):
        row = trained.get((index // width + 1, targets[index % width]))
        if row is None:
            continue  # beyond the end of the data
        scale = scales[row['target']]
        largest.add(point, float(row['point']), scale)
        for level, name in enumerate(levels):
            largest.add(served.quantiles[index * len(levels) + level],
                        float(row[name]), scale)


def add_classes(served, trained, largest):
    for label in served.labels:
        largest.add(label.probability, float(trained[f'p({label.label})']))


def compare_classes(client, columns, predictions):
    largest = Largest()
    if columns.label_per_step:
        rows = columns.rows()
        answers = client.stream(rows, range(1, len(rows) + 1),
                                client.pb.WANT_CLASS, columns.time)
        for answer, trained in zip(answers, predictions):
            add_classes(answer.class_answer, trained, largest)
        return largest.value
    if columns.text:
        texts = [client.pb.Text(text=row[columns.text])
                 for row in columns.rows()]
        for begin in range(0, len(texts), 100):
            answers = client.recur.Classify(client.pb.ClassifyRequest(
                model='seed0', texts=texts[begin:begin + 100])).answers
            for answer, trained in zip(answers, predictions[begin:]):
                add_classes(answer, trained, largest)
        return largest.value
    groups = columns.groups(columns.sequence or 'id').values()
    for rows, trained in zip(groups, predictions):
        answer = client.recur.Classify(client.pb.ClassifyRequest(
            model='seed0', sequences=[client.sequence(rows, columns.time)]))
        add_classes(answer.answers[0], trained, largest)
        if not client.model.bidirectional:
            [answer] = client.stream(rows, [len(rows)], client.pb.WANT_CLASS,
                                     columns.time)
            add_classes(answer.class_answer, trained, largest)
    return largest.value


def scales_of(folder):
    import json
    spec = json.loads((folder / 'models/seed0/1/model.json').read_text())
    return {c['name']: c['scale'] for c in spec['features']['columns']}


def main():
    stubs, port, folder, data, *train = sys.argv[1:]
    sys.path.insert(0, stubs)
    columns = Columns(data, train)
    client = Client(port)
    folder = pathlib.Path(folder)
    with open(folder / 'predictions0.csv', encoding='utf-8',
              newline='') as file:
        predictions = list(csv.DictReader(file))
    if client.model.task == 'forecast':
        print(compare_forecasts(client, columns, predictions,
                                scales_of(folder)))
    else:
        print(compare_classes(client, columns, predictions))


if __name__ == '__main__':
    main()
