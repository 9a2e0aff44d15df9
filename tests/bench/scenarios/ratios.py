"""Ratios of what was measured in turn: A B A B ..."""

import statistics

median = statistics.median


def paired(above, below):
    """Median of the ratios of neighbours: above[i] / below[i]."""
    return median(a / b for a, b in zip(above, below))
