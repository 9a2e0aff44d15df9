"""The table and the JSON."""

import json
import textwrap

from scenarios import figures

MEANING_COLUMNS = 62


def table(values, machine, versions):
    """One table: the promised figures, a line, what is recorded beside."""
    lines = [_facts(machine), _facts(versions), '']
    width = max([len(key) for key in values] + [6])
    lines.append(f'{"figure":{width}}  {"value":>10}  {"goal":>8}       '
                 'what it is')
    for group in (figures.PROMISED, figures.BESIDE):
        lines.append('-' * (width + 32 + MEANING_COLUMNS))
        for figure in group:
            if figure.key in values:
                lines += _row(figure, values[figure.key], width)
    return '\n'.join(lines)


def _row(figure, value, width):
    verdict = '' if not figure.goal else (
        'ok' if figure.met(value) else 'MISS')
    meaning = textwrap.wrap(figure.meaning, MEANING_COLUMNS)
    yield (f'{figure.key:{width}}  {number(value):>10}  {figure.goal:>8}  '
           f'{verdict:4} {meaning[0]}')
    for line in meaning[1:]:
        yield ' ' * (width + 27) + line


def number(value):
    """Three digits that matter; thousands grouped."""
    if abs(value) >= 1000:
        return f'{value:,.0f}'
    if abs(value) >= 100:
        return f'{value:.0f}'
    if abs(value) >= 10:
        return f'{value:.1f}'
    return f'{value:.3f}'


def _facts(facts):
    text = ', '.join(f'{name} {_plain(value)}' for name, value in facts.items())
    return textwrap.fill(text, 110, break_on_hyphens=False)


def _plain(value):
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    return ' '.join(value) if isinstance(value, list) else str(value)


def write_json(path, values, machine, versions, **more):
    """The promised figures are numbers at the top; the rest is beside them."""
    document = {key: values[key] for key in figures.KEYS if key in values}
    document['beside'] = {figure.key: values[figure.key]
                          for figure in figures.BESIDE if figure.key in values}
    document['machine'] = machine
    document['versions'] = versions
    document.update(more)
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(document, file, indent=2)
        file.write('\n')
