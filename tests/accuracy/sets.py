"""The data sets, as files that recur-train reads, and how each is judged.

A set writes its CSV files into a folder and says how to train on them (with
the defaults, and one documented flag where its row needs it), which rows are
the test, and which figures its predictions are judged by. The originals stay
where they are (see README.md); those of deploy/examples are read from there.
"""
import csv
import gzip
import io
import pathlib
import zlib
from typing import Callable, Dict, List, NamedTuple, Sequence

import judge


class Goal(NamedTuple):
    least: float
    goal: float
    floors: str  # what others reach, for the table


class Task(NamedTuple):
    """What to train, and what to judge."""
    train: Sequence[str]  # arguments of recur-train
    test: pathlib.Path    # the file that the test part is in
    figures: Callable[[List[dict]], Dict[str, float]]


class DataSet(NamedTuple):
    name: str
    prepare: Callable[[pathlib.Path, pathlib.Path], Task]
    goals: Dict[str, Goal]
    bundled: bool = False  # in deploy/examples


EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / 'deploy/examples'


def rows_of(path, **options):
    opened = gzip.open if path.suffix == '.gz' else open
    with opened(path, 'rt', encoding='utf-8', newline='') as file:
        return list(csv.reader(file, **options))


def write(path, header, rows):
    text = io.StringIO(newline='')
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(header)
    writer.writerows(rows)
    path.write_text(text.getvalue(), encoding='utf-8')
    return path


def births(data, out):
    del data, out
    file = EXAMPLES / 'us_births.csv'
    values = [float(n) for _, n in rows_of(file)[1:]]
    return forecast(file, 'births', 30, 20, ['--time', 'date'],
                    lambda p: {
                        'births_mase': judge.mase_per_window(p, values, 1),
                        'births_wql': judge.weighted_quantile_loss(p)})


def seattle(data, out):
    del data, out
    file = EXAMPLES / 'seattle_weather.csv'
    return forecast(file, 'temp_max', 7, 52, ['--time', 'date'],
                    lambda p: {'seattle_mae': judge.mean_absolute_error(p)})


def taylor(data, out):
    del out
    file = data / 'taylor/taylor.csv'
    values = [float(row[1]) for row in rows_of(file)[1:]]
    train = values[:len(values) - 48 * 14]
    return forecast(file, 'x', 48, 14, [],
                    lambda p: {'taylor_mase': judge.mase(p, train, 48)})


def air_quality(data, out):
    rows = rows_of(data / 'air_quality/AirQuality.csv.gz')
    column = rows[0].index('PT08.S1(CO)')
    cells = [(f'{row[0]} {row[1]}', '' if float(row[column]) == -200 else
              row[column]) for row in rows[1:]]
    file = write(out / 'air_quality.csv', ['time', 's1'], cells)
    values = [float(cell) if cell else None for _, cell in cells]
    train = values[:len(values) - 24 * 45]
    return forecast(file, 's1', 24, 45, ['--time', 'time'],
                    lambda p: {'air_mase': judge.mase(p, train, 24)})


# 12 months of 30 days to train on, 4 to validate, 4 to test.
ETT_HOURS = (8640, 2880, 2880)


def ett(data):
    """The columns' names, and their rows up to the end of the test."""
    rows = rows_of(data / 'ett/ETTh1.csv.gz')
    return rows[0], rows[1:1 + sum(ETT_HOURS)]


def ett_spread(header, rows):
    return {name: judge.deviation([float(row[i])
                                   for row in rows[:ETT_HOURS[0]]])
            for i, name in enumerate(header) if name != 'date'}


def ett_task(file, columns, figures):
    return Task(['forecast', '--data', str(file), '--time', 'date', *columns,
                 '--horizon', '24', '--test-rows', str(ETT_HOURS[2]),
                 '--validation-rows', str(ETT_HOURS[1]), '--test-stride', '1'],
                file, figures)


def etth1_ot(data, out):
    header, rows = ett(data)
    spread = ett_spread(header, rows)
    return ett_task(write(out / 'etth1.csv', header, rows),
                    ['--target', 'OT'], lambda p: {
                        'etth1_ot_mse': judge.mean_squared_error(
                            p, [spread[row['target']] for row in p])})


def etth1_all(data, out):
    """Each column a series of one model."""
    header, rows = ett(data)
    spread = ett_spread(header, rows)
    cells = [(name, row[0], row[i]) for i, name in enumerate(header) if i > 0
             for row in rows]
    file = write(out / 'etth1_columns.csv', ['column', 'date', 'value'], cells)
    return ett_task(file, ['--series', 'column', '--target', 'value'],
                    lambda p: {'etth1_all_mse': judge.mean_squared_error(
                        p, [spread[row['series']] for row in p])})


def m4_weekly(data, out):
    folder = data / 'm4_weekly'
    first = {row[0]: [v for v in row[1:] if v]
             for row in rows_of(folder / 'Weekly-train.csv.gz')[1:]}
    last = {row[0]: [v for v in row[1:] if v]
            for row in rows_of(folder / 'Weekly-test.csv.gz')[1:]}
    file = write(out / 'm4_weekly.csv', ['id', 'value'],
                 [(name, value) for name in first
                  for value in first[name] + last[name]])
    train = {name: [float(v) for v in values]
             for name, values in first.items()}
    return Task(['forecast', '--data', str(file), '--series', 'id',
                 '--target', 'value', '--horizon', '13', '--test-rows', '13'],
                file,
                lambda p: {'m4_weekly_smape': judge.smape(p),
                           'm4_weekly_mase': judge.mase_by_series(p, train)})


def forecast(file, target, horizon, windows, more, figures):
    """A single series whose last `windows` horizons are the test."""
    return Task(['forecast', '--data', str(file), '--target', target,
                 '--horizon', str(horizon), *more, '--test-rows',
                 str(horizon * windows)], file, figures)


def digits(data, out):
    def write_part(name, rows):
        return write(out / name, ['id', 'digit'] + [f'v{i}' for i in range(8)],
                     [[n, row[64], *row[8 * r:8 * r + 8]]
                      for n, row in enumerate(rows) for r in range(8)])
    rows = rows_of(data / 'digits8x8/digits.csv.gz')
    return sequences('digits', ['--sequence-id', 'id', '--label', 'digit'],
                     write_part('digits_train.csv', rows[:1437]),
                     write_part('digits_test.csv', rows[1437:]))


def italy(data, out):
    def unpack(part):
        packed = data / f'ucr_ItalyPowerDemand/ItalyPowerDemand_{part}.ts.gz'
        file = out / packed.stem
        file.write_bytes(gzip.decompress(packed.read_bytes()))
        return file
    return sequences('italy', [], unpack('TRAIN'), unpack('TEST'))


def names(data, out):
    parts = {True: [], False: []}
    for path in sorted((data / 'names/names').glob('*.txt')):
        lines = path.read_text(encoding='utf-8').split('\n')
        # Some are listed many times: one of a language counts once.
        for name in dict.fromkeys(line.strip() for line in lines):
            if name:
                test = zlib.crc32(name.lower().encode()) % 5 == 0
                parts[test].append((name, path.stem))
    header = ['name', 'language']
    return sequences('names', ['--text', 'name', '--unit', 'character',
                               '--label', 'language'],
                     write(out / 'names_train.csv', header, parts[False]),
                     write(out / 'names_test.csv', header, parts[True]),
                     f1=True)


def trec(data, out):
    def write_part(name, path):
        lines = path.read_text(encoding='latin-1').splitlines()
        return write(out / name, ['question', 'kind'],
                     [line.split(' ', 1)[::-1] for line in lines])
    return sequences('trec', ['--text', 'question', '--label', 'kind'],
                     write_part('trec_train.csv', data / 'trec/TREC.train.all'),
                     write_part('trec_test.csv', data / 'trec/TREC.test.all'))


def occupancy(data, out):
    def write_part(name, file):
        rows = rows_of(data / 'occupancy' / file)
        return write(out / name, rows[0], [row[1:] for row in rows[1:]])
    return sequences('occupancy',
                     ['--label-per-step', '--time', 'date', '--label',
                      'Occupancy'],
                     write_part('occupancy_train.csv', 'datatraining.txt.gz'),
                     write_part('occupancy_test.csv', 'datatest2.txt.gz'))


def sequences(name, columns, train, test, f1=False):
    def figures(predictions):
        found = {f'{name}_accuracy': judge.accuracy(predictions)}
        if f1:
            found[f'{name}_f1'] = judge.macro_f1(predictions)
        return found
    return Task(['classify', '--data', str(train), '--test-data', str(test),
                 *columns], test, figures)


SETS = (
    DataSet('births', births, {
        'births_mase': Goal(.34, .300, 'seasonal naive .525, linear .473, '
                            'DeepAR .535, TFT .315'),
        'births_wql': Goal(.018, .0155, 'DeepAR .028, TFT .016')},
            bundled=True),
    DataSet('seattle', seattle, {
        'seattle_mae': Goal(2.70, 2.60, 'naive 3.25, linear 2.66')},
            bundled=True),
    DataSet('taylor', taylor, {
        'taylor_mase': Goal(.185, .165, 'seasonal naive .277, linear .189')}),
    DataSet('etth1_ot', etth1_ot, {
        'etth1_ot_mse': Goal(.030, .0255, 'naive .0343, linear .0259, '
                             'Informer .098')}),
    DataSet('etth1_all', etth1_all, {
        'etth1_all_mse': Goal(.295, .280, 'seasonal naive .424, linear .306, '
                              'Informer .577')}),
    DataSet('m4_weekly', m4_weekly, {
        'm4_weekly_smape': Goal(8.40, 7.82, 'naive 9.16, ES-RNN 7.82'),
        'm4_weekly_mase': Goal(2.33, 2.20, 'naive 2.78, ES-RNN 2.36')}),
    DataSet('air_quality', air_quality, {
        'air_mase': Goal(.650, .620, 'seasonal naive .844, linear .680')}),
    DataSet('digits', digits, {
        'digits_accuracy': Goal(.92, .956, '1-NN .956, majority .10')}),
    DataSet('italy', italy, {
        'italy_accuracy': Goal(.965, .98, '1-NN .956, LSTM-FCN .963')}),
    DataSet('names', names, {
        'names_accuracy': Goal(.82, .844, 'simple model .844, '
                               'majority .519'),
        'names_f1': Goal(.44, .524, 'simple model .524')}),
    DataSet('trec', trec, {
        'trec_accuracy': Goal(.86, .89, 'simple model .89, majority .19')}),
    DataSet('occupancy', occupancy, {
        'occupancy_accuracy': Goal(.94, .985, 'logistic .985, '
                                   'majority .79')}),
)
