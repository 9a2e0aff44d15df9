#!/usr/bin/env python3
"""Holds the source tree against the rules of the house.

  layering.py [ROOT]

The rooms and what each may include are the recur_room rows of CMakeLists.txt;
this reads them and every #include. Each finding is one line, FILE:LINE: what
is wrong and the rule. Exit code 1 if there is any.
"""

import os
import re
import shutil
import subprocess
import sys
from typing import Dict, List, NamedTuple, Optional

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import cpp_text  # noqa: E402

MAX_SOURCE_LINES = 400
MAX_HEADER_LINES = 300
MAX_FUNCTION_LINES = 60

# Which houses the rooms of a house may look into.
HOUSES = {'model': ('model',), 'server': ('server', 'model'),
          'client': ('client', 'model')}

# Neither gRPC nor protobuf nor HTTP nor Prometheus, ever.
PURE_ROOMS = ('model', 'server/session', 'server/lane', 'server/store',
              'server/repository', 'server/core', 'client/replay')

TOP_LEVEL = {
    'proto', 'server', 'model', 'client', 'deploy', 'tests',
    'Dockerfile', 'CMakeLists.txt', 'CMakePresets.json', 'README.md',
    'CONTRIBUTING.md', 'LICENSE', '.ci', '.clang-format', '.clang-tidy',
    '.dockerignore', '.editorconfig', '.git', '.gitattributes', '.gitignore',
}

VAGUE_NAMES = {'util', 'utils', 'common', 'helper', 'helpers', 'manager',
               'managers', 'misc'}


class Foreign(NamedTuple):
    """A library from outside, known by its headers."""
    name: str
    headers: str  # regular expression for the start of an include
    library: str  # regular expression for the start of an entry of LIBS
    impure: bool = False  # not in PURE_ROOMS
    only: str = ''  # the one room that may know it


FOREIGN = (
    Foreign('gRPC', r'grpc(pp|\+\+)?/', r'gRPC::', True),
    Foreign('protobuf', r'google/|proto/|recur/v\d|.*\.pb\.h$', r'recur_proto$',
            True),
    Foreign('civetweb', r'civetweb|CivetServer', r'civetweb::', True),
    Foreign('prometheus-cpp', r'prometheus/', r'prometheus-cpp::', True),
    Foreign('oneDNN', r'(.*/)?dnnl[^/]*$|oneapi/', r'recur_dnnl$',
            only='model/network/onednn'),
    Foreign('Eigen', r'Eigen/', r'Eigen3::', only='model/train/forecast'),
    Foreign('RocksDB', r'rocksdb/', r'recur_rocksdb$|RocksDB::',
            only='server/store'),
    Foreign('hiredis', r'hiredis/', r'recur_hiredis$', only='server/store'),
    Foreign('nlohmann-json', r'nlohmann/', r'nlohmann_json::'),
    Foreign('CLI11', r'CLI/', r'CLI11::'),
    Foreign('spdlog', r'spdlog/|fmt/', r'spdlog::'),
    Foreign('xxhash', r'xx(hash|h3)', r'recur_xxhash$'),
    Foreign('OpenSSL', r'openssl/', r'OpenSSL::'),
    Foreign('OpenMP', r'omp\.h$', r'recur_gomp'),
)
WIRE = ('gRPC', 'protobuf')


class Finding(NamedTuple):
    path: str
    line: int
    message: str

    def __str__(self):
        return f'{self.path}:{self.line}: {self.message}'


class Room(NamedTuple):
    path: str
    line: int  # of its row
    wire: bool
    rooms: List[str]
    libs: List[str]

    def links(self, foreign: Foreign) -> bool:
        return any(re.match(foreign.library, lib) for lib in self.libs)


# --- the tree and the table --------------------------------------------------


def read(root: str, path: str) -> str:
    with open(os.path.join(root, path), encoding='utf-8',
              errors='replace') as file:
        return file.read()


def ignored_names(root: str) -> List[str]:
    """What .gitignore names plainly, such as the build tree."""
    if not os.path.exists(os.path.join(root, '.gitignore')):
        return []
    lines = (line.strip() for line in read(root, '.gitignore').splitlines())
    return [line.strip('/') for line in lines
            if line and not line.startswith('#')
            and re.fullmatch(r'/?[\w.-]+/?', line)]


def list_files(root: str) -> List[str]:
    skipped = {'.git', '__pycache__', *ignored_names(root)}
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in skipped)
        relative = os.path.relpath(folder, root)
        found += [os.path.normpath(os.path.join(relative, name))
                  for name in sorted(files) if name not in skipped]
    return found


def read_rooms(root: str) -> Dict[str, Room]:
    text = read(root, 'CMakeLists.txt')
    text = re.sub(r'#[^\n]*', '', text)
    rooms = {}
    for match in re.finditer(r'\brecur_room\(([^)]*)\)', text):
        lists = {'': [], 'ROOMS': [], 'LIBS': []}
        key = ''
        for word in match.group(1).split():
            if word in ('ROOMS', 'LIBS'):
                key = word
            else:
                lists[key].append(word)
        path = lists[''][0]
        rooms[path] = Room(path, cpp_text.line_of(text, match.start()),
                           'WIRE' in lists[''], lists['ROOMS'], lists['LIBS'])
    return rooms


def room_of(rooms: Dict[str, Room], path: str) -> Optional[Room]:
    """The innermost room that holds a file."""
    folder = os.path.dirname(path)
    while folder:
        if folder in rooms:
            return rooms[folder]
        folder = os.path.dirname(folder)
    return None


def is_pure(path: str) -> bool:
    return any(path == pure or path.startswith(pure + '/')
               for pure in PURE_ROOMS)


def house_of(path: str) -> str:
    return path.split('/')[0]


def is_cpp(path: str) -> bool:
    return path.endswith(('.h', '.cc'))


# --- rules on the table ------------------------------------------------------


def find_cycle(rooms: Dict[str, Room]) -> Optional[List[str]]:
    done = set()

    def visit(path, trail):
        if path in trail:
            return trail[trail.index(path):] + [path]
        if path in done or path not in rooms:
            return None
        for below in rooms[path].rooms:
            cycle = visit(below, trail + [path])
            if cycle:
                return cycle
        done.add(path)
        return None

    for path in rooms:
        cycle = visit(path, [])
        if cycle:
            return cycle
    return None


def check_table(rooms: Dict[str, Room]) -> List[Finding]:
    findings = []

    def add(room, message):
        findings.append(Finding('CMakeLists.txt', room.line,
                                f'room {room.path} {message}'))

    for room in rooms.values():
        for below in room.rooms:
            if below not in rooms:
                add(room, f'lists {below}, which is no room')
            elif house_of(below) not in HOUSES.get(house_of(room.path), ()):
                add(room, f'lists {below}; {house_of(room.path)}/ must not '
                    f'look into {house_of(below)}/')
        if is_pure(room.path):
            if room.wire:
                add(room, 'must not be marked WIRE')
            for foreign in FOREIGN:
                if foreign.impure and room.links(foreign):
                    add(room, f'must not link {foreign.name}')
        for foreign in FOREIGN:
            if room.links(foreign) and foreign.only not in ('', room.path):
                add(room, f'must not link {foreign.name}')
    cycle = find_cycle(rooms)
    if cycle:
        add(rooms[cycle[0]], 'is in a cycle: ' + ' -> '.join(cycle))
    return findings


# --- rules on includes -------------------------------------------------------


def check_foreign(room: Room, include: str) -> Optional[str]:
    for foreign in FOREIGN:
        if not re.match(foreign.headers, include):
            continue
        if foreign.impure and is_pure(room.path):
            return f'{foreign.name} must not be known in room {room.path}'
        if foreign.name in WIRE and not room.wire:
            return f'{foreign.name} in room {room.path}, which is not WIRE'
        if foreign.only not in ('', room.path):
            return (f'{foreign.name} must not be known outside of '
                    f'{foreign.only}')
        # gRPC's headers are protobuf's users; either library brings both.
        if foreign.name not in WIRE and not room.links(foreign):
            return (f'{foreign.name} in room {room.path}, whose row does not '
                    'list it in LIBS')
    return None


def check_include(rooms: Dict[str, Room], room: Room,
                  include: str) -> Optional[str]:
    if house_of(include) == 'tests':
        return 'only tests may include from tests/'
    if house_of(include) not in HOUSES:
        return check_foreign(room, include)
    other = room_of(rooms, include)
    if other is None:
        return f'{include} is in no room'
    if other.path != room.path and other.path not in room.rooms:
        return (f'room {room.path} must not include room {other.path} '
                f'({include}): its row does not list it')
    return None


def check_layers(root: str, files: List[str]) -> List[Finding]:
    rooms = read_rooms(root)
    findings = check_table(rooms)
    for path in files:
        if not is_cpp(path) or house_of(path) not in HOUSES:
            continue
        room = room_of(rooms, path)
        if room is None:
            findings.append(Finding(path, 1, 'the file is in no room'))
            continue
        for line, include in cpp_text.includes(read(root, path)):
            message = check_include(rooms, room, include)
            if message:
                findings.append(Finding(path, line, message))
    return findings


# --- rules on files ----------------------------------------------------------


def check_sizes(path: str, text: str) -> List[Finding]:
    findings = []
    limit = MAX_HEADER_LINES if path.endswith('.h') else MAX_SOURCE_LINES
    lines = text.count('\n')
    if lines > limit:
        findings.append(Finding(
            path, lines, f'the file has {lines} lines; the limit is {limit}'))
    for function in cpp_text.functions(text):
        if function.lines > MAX_FUNCTION_LINES:
            findings.append(Finding(
                path, function.line,
                f'{function.name} has {function.lines} lines; the limit is '
                f'{MAX_FUNCTION_LINES}'))
    return findings


def check_header(path: str, text: str) -> List[Finding]:
    findings = []
    guard = 'RECUR_' + re.sub(r'\W', '_', path).upper() + '_'
    directives = re.findall(r'^[ \t]*#.*', text, re.M)
    if directives[:2] != [f'#ifndef {guard}', f'#define {guard}']:
        first = text.find('#')
        findings.append(Finding(path, cpp_text.line_of(text, max(first, 0)),
                                f'the header guard must be {guard}'))
    code = cpp_text.code_only(text)
    for match in re.finditer(r'\busing\s+namespace\b', code):
        findings.append(Finding(path, cpp_text.line_of(code, match.start()),
                                'using namespace in a header'))
    return findings


def check_name(path: str) -> List[Finding]:
    for part in path.split('/'):
        vague = VAGUE_NAMES.intersection(re.split(r'[_.\-]', part.lower()))
        if vague:
            return [Finding(path, 1, f'"{part}" says {vague.pop()}: name it '
                            'for what it does and put it in its room')]
    return []


def check_top_level(root: str) -> List[Finding]:
    allowed = TOP_LEVEL.union(ignored_names(root))
    return [Finding(name, 1, 'nothing of this name belongs at the top level')
            for name in sorted(os.listdir(root)) if name not in allowed]


def check_format(root: str, files: List[str]) -> List[Finding]:
    paths = [path for path in files if is_cpp(path)]
    if not shutil.which('clang-format'):
        print('lint: clang-format is not installed; the layout is not checked')
        return []
    if not paths or not os.path.exists(os.path.join(root, '.clang-format')):
        return []
    result = subprocess.run(['clang-format', '--dry-run', *paths], cwd=root,
                            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                            text=True, check=False)
    lines = {}  # the first one of each file
    for match in re.finditer(r'^(\S+?):(\d+):\d+: \w+: code should be',
                             result.stderr, re.M):
        lines.setdefault(match.group(1), int(match.group(2)))
    return [Finding(path, line, 'not laid out as clang-format does it')
            for path, line in lines.items()]


def check_tree(root: str) -> List[Finding]:
    files = list_files(root)
    findings = check_layers(root, files) + check_top_level(root)
    for path in files:
        findings += check_name(path)
        if not is_cpp(path):
            continue
        text = read(root, path)
        findings += check_sizes(path, text)
        if path.endswith('.h'):
            findings += check_header(path, text)
    return findings + check_format(root, files)


def main() -> int:
    root = sys.argv[1] if len(sys.argv) > 1 else os.getcwd()
    findings = check_tree(root)
    for finding in findings:
        print(finding)
    count = sum(is_cpp(path) for path in list_files(root))
    if findings:
        print(f'lint: {count} files, {len(findings)} findings')
        return 1
    print(f'lint: {count} files, no findings')
    return 0


if __name__ == '__main__':
    sys.exit(main())
