"""What was measured on, and with which versions."""

import json
import os
import platform
import re
import subprocess

from scenarios import settings


def machine():
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        cpuinfo = file.read()
    with open('/proc/meminfo', encoding='utf-8') as file:
        memory_kib = int(re.search(r'MemTotal:\s+(\d+)', file.read()).group(1))
    flags = set(_field(cpuinfo, 'flags').split())
    known = ('avx2', 'fma', 'avx512f', 'avx512_bf16', 'avx512_vnni',
             'amx_bf16')
    return {
        'cpu': _field(cpuinfo, 'model name'),
        'cores': os.cpu_count(),
        'virtual': 'hypervisor' in flags,
        'instructions': [name for name in known if name in flags],
        'memory_gib': round(memory_kib / (1 << 20), 1),
        'kernel': platform.release(),
        'load_average_before': round(os.getloadavg()[0], 2),
    }


def versions():
    """Those of what takes part; what is not installed is left out."""
    found = {
        'recur': _output(os.path.join(settings.PROGRAMS, 'recur-server'),
                         '--version'),
        'commit': _output('git', '-C', settings.ROOT, 'describe', '--always',
                          '--dirty'),
        'system': _system(),
        'gcc': _output('gcc', '-dumpfullversion'),
        'grpc': _output('pkg-config', '--modversion', 'grpc++'),
        'protobuf': _output('pkg-config', '--modversion', 'protobuf'),
        'onednn': _debian('libdnnl2'),
        'python': platform.python_version(),
        'torch': _debian('python3-torch'),
        'grpcio': _debian('python3-grpcio'),
        'openblas': _debian('libopenblas0-pthread'),
        'node': _output('node', '--version'),
        'grpc-js': _node('@grpc/grpc-js'),
        'onnxruntime-node': _node('onnxruntime-node'),
    }
    return {name: version for name, version in found.items() if version}


def _field(cpuinfo, name):
    found = re.search(rf'^{name}\s*:\s*(.*)$', cpuinfo, re.MULTILINE)
    return found.group(1) if found else ''


def _system():
    try:
        return platform.freedesktop_os_release().get('PRETTY_NAME', '')
    except OSError:
        return ''


def _output(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              timeout=10, check=False)
    except OSError:
        return ''
    return done.stdout.strip() if done.returncode == 0 else ''


def _debian(package):
    return _output('dpkg-query', '-W', '-f', '${Version}', package)


def _node(package):
    path = os.path.join(settings.PEERS, 'node', 'node_modules', package,
                        'package.json')
    try:
        with open(path, encoding='utf-8') as file:
            return json.load(file).get('version', '')
    except (OSError, ValueError):
        return ''
