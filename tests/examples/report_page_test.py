#!/usr/bin/env python3
"""Trains two models on columns and labels with hostile names and reads their
report.html with an XML parser: it must be well-formed, need nothing from
elsewhere, show the names as text and the figures of metrics.json.

  report_page_test.py SOURCE_DIR BINARY_DIR
"""

import csv
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

COLUMN = '<script>alert("y & \'z\'")</script>'
LABELS = ['</td><b onclick="x">', 'plain']


def write_csv(path, heading, rows):
    with open(path, 'w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file)
        writer.writerow(heading)
        writer.writerows(rows)


def train(tool, out, arguments):
    subprocess.run([tool, *arguments, '--out', out, '--quiet'], check=True,
                   stdout=subprocess.DEVNULL)
    with open(os.path.join(out, '1', 'metrics.json'), encoding='utf-8') as file:
        metrics = json.load(file)
    with open(os.path.join(out, '1', 'report.html'), encoding='utf-8') as file:
        return file.read(), metrics


def read_page(page):
    """The page's text, and that of its table cells."""
    kind = '<!DOCTYPE html>'
    assert page.startswith(kind)
    root = ElementTree.fromstring(page[len(kind):])
    for element in root.iter():
        assert element.tag not in ('script', 'link', 'img', 'iframe')
        for name, value in element.attrib.items():
            assert not name.startswith('on'), name
            assert name not in ('src', 'href'), name
            assert 'url(' not in value and '//' not in value, value
    style = root.find('head/style').text
    assert 'url(' not in style and '@import' not in style
    for size in re.findall(r'font(?:-size)?: (\d+)px', style):
        assert int(size) >= 12, size
    cells = {''.join(cell.itertext()) for cell in root.iter('td')}
    return ''.join(root.itertext()), cells


def forecaster(tool, folder):
    path = os.path.join(folder, 'wave.csv')
    noise = random.Random(1)
    write_csv(path, [COLUMN], [[5 + math.sin(i * 0.7) + noise.gauss(0, 0.2)]
                               for i in range(160)])
    page, metrics = train(tool, os.path.join(folder, 'models', 'wave'), [
        'forecast', '--data', path, '--target', COLUMN, '--horizon', '4',
        '--test-rows', '40', '--hidden', '6', '--steps', '12'])
    text, cells = read_page(page)
    assert COLUMN in text
    assert metrics['verdict'] in text
    for score in metrics['targets'][0]['test']:
        assert '%.1f%%' % (100 * score['interval_coverage']) in cells, cells
        assert '%.3f' % score['mase'] in cells, cells


def classifier(tool, folder):
    path = os.path.join(folder, 'texts.csv')
    noise = random.Random(2)
    words = ['the', 'pump', '<i>', '&amp;', 'line']
    rows = []
    for i in range(80):
        text = ['leak' if i % 2 else 'smoke']
        text += [noise.choice(words) for _ in range(4)]
        rows.append([' '.join(text), LABELS[i % 2]])
    write_csv(path, ['text', 'label'], rows)
    page, metrics = train(tool, os.path.join(folder, 'models', 'texts'), [
        'classify', '--data', path, '--text', 'text', '--label', 'label',
        '--hidden', '6', '--embedding', '6', '--epochs', '4'])
    text, cells = read_page(page)
    assert metrics['verdict'] in text
    for label in LABELS:
        assert label in cells, cells
    for own in metrics['test'][0]['classes']:
        assert '%.3f' % own['f1'] in cells, cells
        assert str(own['support']) in cells, cells


def main():
    tool = os.path.join(sys.argv[2], 'recur-train')
    with tempfile.TemporaryDirectory() as folder:
        forecaster(tool, folder)
        classifier(tool, folder)
    print('both pages are sound')


if __name__ == '__main__':
    main()
