"""Figures from predictions, computed apart from the trainer's own.

A prediction of a forecast is a row of `recur-train evaluate --predictions`:
series, target, origin (the row whose values are the last ones seen, counted
from 1 within its series), step (1 is the first after it), truth, point and
one column per quantile level. Of a classification: truth and label.
"""
import math


def numbers(values):
    return [v for v in values if v is not None]


def deviation(values):
    mean = sum(values) / len(values)
    return math.sqrt(sum((v - mean) ** 2 for v in values) / len(values))


def known(predictions):
    """Those whose truth is given, as (row, truth, point)."""
    return [(p, float(p['truth']), float(p['point']))
            for p in predictions if p['truth'] != '']


def mean_absolute_error(predictions):
    rows = known(predictions)
    return sum(abs(t - f) for _, t, f in rows) / len(rows)


def mean_squared_error(predictions, spreads):
    """Of values over the deviation of training that belongs to each."""
    errors = [((float(p['truth']) - float(p['point'])) / spread) ** 2
              for p, spread in zip(predictions, spreads) if p['truth'] != '']
    return sum(errors) / len(errors)


def seasonal_difference(values, season):
    pairs = [abs(b - a) for a, b in zip(values, values[season:])
             if a is not None and b is not None]
    return sum(pairs) / len(pairs)


def mase(predictions, train, season):
    return mean_absolute_error(predictions) / seasonal_difference(train, season)


def by(predictions, field):
    groups = {}
    for row in predictions:
        groups.setdefault(row[field], []).append(row)
    return groups


def mase_per_window(predictions, values, season):
    """Each window over the differences of all that came before it."""
    windows = by(predictions, 'origin')
    return sum(mase(rows, values[:int(origin)], season)
               for origin, rows in windows.items()) / len(windows)


def mase_by_series(predictions, train):
    series = by(predictions, 'series')
    return sum(mase(rows, train[name], 1)
               for name, rows in series.items()) / len(series)


def smape(predictions):
    rows = known(predictions)
    return sum(200 * abs(t - f) / (abs(t) + abs(f))
               for _, t, f in rows) / len(rows)


def levels(predictions):
    return [name for name in predictions[0] if name.startswith('0.')]


def weighted_quantile_loss(predictions):
    """Twice the quantile loss over the sum of |truth|, mean over the levels."""
    rows = known(predictions)
    total = sum(abs(t) for _, t, _ in rows)
    names = levels(predictions)
    loss = sum(2 * max(float(name) * (t - float(p[name])),
                       (float(name) - 1) * (t - float(p[name])))
               for p, t, _ in rows for name in names)
    return loss / total / len(names)


def coverage_80(predictions):
    rows = known(predictions)
    inside = [float(p['0.1']) <= t <= float(p['0.9']) for p, t, _ in rows]
    return sum(inside) / len(inside)


def accuracy(predictions):
    return sum(p['truth'] == p['label'] for p in predictions) / len(predictions)


def macro_f1(predictions):
    labels = {p['truth'] for p in predictions}
    return sum(f1(predictions, label) for label in labels) / len(labels)


def f1(predictions, label):
    right = sum(p['truth'] == p['label'] == label for p in predictions)
    named = sum(p['label'] == label for p in predictions)
    true = sum(p['truth'] == label for p in predictions)
    return 2 * right / (named + true) if right else 0.0
