"""What the lint needs to know of C++ text: includes, and where functions are.

There is no parser here: braces are matched in text without comments and
strings. That is good enough for code that clang-format has laid out.
"""

import bisect
import re
from typing import List, NamedTuple, Tuple

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]', re.M)

_QUOTED = re.compile(
    r'//[^\n]*'                               # a comment
    r'|/\*.*?\*/'                             # another
    r'|R"(?P<mark>[^()\\ \n]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    # Not the separator of digits, as in 60'000.
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.S)

_PREPROCESSOR = re.compile(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', re.M)

_LABEL = re.compile(r'^\s*(?:public|protected|private)\s*:(?!:)')
_TYPE = re.compile(r'^\s*(?:\[\[.*?\]\]\s*)?(?:typedef\s+)?'
                   r'(?:class|struct|union|enum)\b')
_NAMESPACE = re.compile(r'^\s*(?:inline\s+)?(?:namespace\b|extern\s*""\s*$)')


class Function(NamedTuple):
    name: str
    line: int   # of its first line, counted from 1
    lines: int  # to its closing brace


def line_of(text: str, position: int) -> int:
    return text.count('\n', 0, position) + 1


def includes(text: str) -> List[Tuple[int, str]]:
    """Line and path of every #include."""
    return [(line_of(text, match.start(1)), match.group(1))
            for match in _INCLUDE.finditer(text)]


def code_only(text: str) -> str:
    """The text with comments, strings and preprocessor lines made empty; every
    line stays where it was."""
    def blank(match):
        quote = '""' if match.group()[0] in 'R"' else ' '
        return quote + '\n' * match.group().count('\n')
    text = _QUOTED.sub(blank, text)
    return _PREPROCESSOR.sub(lambda m: '\n' * m.group().count('\n'), text)


def _without_template(head: str) -> str:
    """A head without what stands in angle brackets."""
    while True:
        shorter = re.sub(r'<[^<>]*>', '', head)
        if shorter == head:
            return re.sub(r'^\s*template\b', '', head)
        head = shorter


def _kind(head: str, outer: str) -> str:
    """What a brace opens: 'scope', 'function', 'inner' or 'initializer'."""
    if outer in ('function', 'inner'):
        return 'inner'
    if outer == 'initializer' or head.count('(') != head.count(')'):
        return 'initializer'
    bare = _without_template(head)
    if _NAMESPACE.match(bare) or _TYPE.match(bare):
        return 'scope'
    if not head[-1:].isspace() or head.rstrip()[-1:] in ('=', ',', '('):
        return 'initializer'
    return 'function' if ')' in bare else 'initializer'


def _name(head: str) -> str:
    """What stands before the first parenthesis, with its arguments if it is a
    macro such as TEST(Suite, Case)."""
    macro = re.match(r'[A-Z_]+\([^)]*\)', head)
    if macro:
        return ' '.join(macro.group().split())
    words = head.split('(')[0].split()
    return words[-1] if words else 'function'


def functions(text: str) -> List[Function]:
    """All functions outside of other functions, in order."""
    code = code_only(text)
    newlines = [i for i, char in enumerate(code) if char == '\n']
    found = []
    stack = []  # (kind, first position of the head)
    start = 0   # of the head of what comes next
    for position, char in enumerate(code):
        outer = stack[-1][0] if stack else 'scope'
        if char == '{':
            while (label := _LABEL.match(code[start:position])):
                start += label.end()
            stack.append((_kind(code[start:position], outer), start))
            if stack[-1][0] != 'initializer':
                start = position + 1
        elif char == '}' and stack:
            kind, head = stack.pop()
            if kind == 'function':
                first = head + re.match(r'\s*', code[head:]).end()
                line = bisect.bisect_left(newlines, first) + 1
                end = bisect.bisect_left(newlines, position) + 1
                found.append(Function(_name(code[first:code.index('{', first)]),
                                      line, end - line + 1))
            if kind != 'initializer':
                start = position + 1
        elif char == ';' and outer == 'scope':
            start = position + 1
    return found
