"""Ratios of what was measured in turn: A B A B ..."""

import statistics

median = statistics.median


def paired(above, below):
    """Median of the ratios of neighbours: above[i] / below[i]."""
    return median(a / b for a, b in zip(above, below))


def of_medians(above, below):
    """Ratio of the medians: for tails, where a run now and then is an outlier
    and its neighbour is not."""
    return median(above) / median(below)
